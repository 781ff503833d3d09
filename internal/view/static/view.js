// What the pages do beyond links and forms: they follow the project, and they
// can be used by keyboard alone.
"use strict";
(() => {
  const events = new EventSource("/events");
  for (const name of ["changed", "build", "builds"]) {
    events.addEventListener(name, () => htmx.trigger(document.body, "isf:" + name));
  }
  // Whoever answers again after a silence may know more, also where nobody had
  // answered yet.
  let missed = false;
  events.addEventListener("error", () => (missed = true));
  events.addEventListener("open", () => {
    if (missed) for (const name of ["changed", "builds"]) htmx.trigger(document.body, "isf:" + name);
    missed = false;
  });
  addEventListener("pagehide", () => events.close());

  const rows = () => [...document.querySelectorAll("[data-row]")].filter((r) => r.offsetParent !== null);
  let at = null; // the row that is chosen
  let place = -1; // where it stands

  function choose(i) {
    const all = rows();
    if (all.length === 0) return;
    place = Math.min(all.length - 1, Math.max(0, i));
    if (at) at.classList.remove("chosen");
    at = all[place];
    at.classList.add("chosen");
    at.scrollIntoView({ block: "nearest" });
    const link = at.querySelector("a");
    if (link) link.focus({ preventScroll: true });
  }

  // Rows that were written anew keep the choice, unless somebody is elsewhere.
  document.addEventListener("htmx:afterSettle", () => {
    if (at && !at.isConnected && document.activeElement === document.body) choose(place);
  });

  function typing(e) {
    const t = e.target;
    return t.isContentEditable || t.tagName === "TEXTAREA" || t.tagName === "SELECT" || (t.tagName === "INPUT" && !["checkbox", "radio", "button", "submit"].includes(t.type));
  }

  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (typing(e)) {
      if (e.key === "Escape") e.target.blur();
      return;
    }
    const search = document.getElementById("q");
    if (e.key === "/" && search) {
      search.focus();
      search.select();
    } else {
      const button = document.querySelector('[data-key="' + CSS.escape(e.key) + '"]');
      if (button) button.dataset.focus === undefined ? button.click() : button.focus();
      else if (e.key === "j" || e.key === "k") choose(place + (e.key === "j" ? 1 : -1));
      else return;
    }
    e.preventDefault();
  });

  // What a box of the graph is stands below it in words: for who points at it,
  // who goes to it with Tab, and who cannot see the picture.
  for (const name of ["pointerover", "focusin"]) {
    document.addEventListener(name, (e) => {
      const box = e.target.closest && e.target.closest(".graph .box");
      const said = document.getElementById("said");
      if (box && said) said.textContent = box.getAttribute("aria-label");
    });
  }

  document.addEventListener("click", (e) => {
    const row = e.target.closest("[data-row]");
    if (!row || e.target.closest("a, button, input, label, summary, select") || String(getSelection())) return;
    const link = row.querySelector("a");
    if (link) link.click();
  });
})();
