package view_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// theme has the browser prefer light or dark.
func theme(name string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		return emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}).Do(ctx)
	})
}

// faint lists texts, and edges of what can be used, that have less contrast than
// WCAG AA asks for.
const faint = `(() => {
  const parse = (c) => { const n = (c.match(/[0-9.]+/g) ?? []).map(Number); return { rgb: n.slice(0, 3), a: n.length > 3 ? n[3] : n.length ? 1 : 0 }; };
  const light = ([r, g, b]) => { const f = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b); };
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
  const behind = (e) => {
    if (e.closest("svg.graph")) { const box = e.closest(".box"); if (box) return parse(getComputedStyle(box.querySelector("rect")).fill).rgb; }
    for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.a === 1) return c.rgb; if (c.a > 0) throw "a half transparent background"; }
    return [255, 255, 255];
  };
  const out = new Set(); let looked = 0;
  for (const e of document.querySelectorAll("body *")) {
    const style = getComputedStyle(e), box = e.getBoundingClientRect();
    if (!box.width || !box.height || style.visibility === "hidden" || box.right < 0) continue;
    if (e.matches("input:not([type=checkbox], [type=hidden]), select, textarea, button:not(.primary)") && ratio(parse(style.borderTopColor).rgb, behind(e.parentElement)) < 3) out.add("edge of " + e.outerHTML.slice(0, 80));
    const text = [...e.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data).join("").trim();
    if (!text) continue;
    looked++;
    const ink = parse(e instanceof SVGElement ? style.fill : style.color).rgb, size = parseFloat(style.fontSize);
    const need = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
    const has = ratio(ink, behind(e));
    if (has < need) out.add(e.tagName + "." + e.getAttribute("class") + " " + has.toFixed(2) + ": " + text.slice(0, 40));
  }
  if (looked < 5) out.add("only " + looked + " texts were looked at");
  return [...out];
})()`

// whole is the example as somebody has it who has worked with it: everything is
// built, one prompt is edited, a record rerolled, a row reviewed, a prompt tried.
func whole(t *testing.T) string {
	t.Helper()
	root := project(t)
	isfIn(t, root, "build", "training/data/all")
	isfIn(t, root, "reroll", "behaviour:p-016201994c")
	isfIn(t, root, "build", "behaviour")
	isfIn(t, root, "try", "identity-augmentation", "-n", "2", "--with", "identity=judge")
	replaceIn(t, filepath.Join(root, "prompts/question.md"), "\n", "\nAsk it briefly.\n")
	isfIn(t, root, "try", "identity-augmentation", "-n", "2")
	return root
}

// allPages are one of each kind.
var allPages = []string{
	"/", "/t/training/data/facts", "/t/training/data/identity-augmentation", "/t/identity/versions/dev/sysprompts/full", "/r/training/data/behaviour?id=p-016201994c",
	"/diff/training/data/behaviour", "/review/training/data/behaviour", "/build", "/cache", "/tries", "/tries?n=1&n=2", "/tries/1", "/t/nobody",
}

// Every page can be read on a telephone and on a desk, in both themes, by people
// who see little contrast, and without a mouse.
func TestEveryPageIsReadable(t *testing.T) {
	s := visit(t, whole(t), true)
	for _, path := range allPages {
		s.open(path)
		s.sees("what is loaded later of "+path, `document.readyState === "complete" && document.querySelectorAll(".htmx-request, #plan > .dim, #plots > h2:only-child, #findings > h2:only-child").length === 0 && !document.body.innerText.includes("Reading all rows")`)
		s.do(chromedp.Evaluate(`document.querySelectorAll("main details").forEach(d => d.open = true)`, nil))
		for _, width := range []int64{1280, 390} {
			for _, colours := range []string{"light", "dark"} {
				s.do(chromedp.EmulateViewport(width, 900), theme(colours))
				where := fmt.Sprintf(" of %s at %d pixels, %s", path, width, colours)
				s.sees("that width and theme"+where, fmt.Sprintf(`innerWidth === %d && matchMedia("(prefers-color-scheme: %s)").matches`, width, colours))
				s.sees("no sideways scrolling"+where, `document.documentElement.scrollWidth <= document.documentElement.clientWidth`)
				var low []string
				s.do(chromedp.Evaluate(faint, &low))
				for _, text := range low {
					t.Errorf("too little contrast%s: %s", where, text)
				}
			}
		}
		s.do(chromedp.Evaluate(`document.querySelector("h1").style.color = "#555"`, nil))
		s.sees("that the measure finds a faint heading", faint+`.some(e => e.startsWith("H1"))`)
		s.sees("names for all that can be used of "+path, `[...document.querySelectorAll("input:not([type=hidden]), select, button, a, summary, textarea, progress")].every(e => e.textContent.trim() || e.getAttribute("aria-label") || (e.labels && e.labels.length > 0) || e.closest("svg.bins"))`)
		s.sees("states in words of "+path, `[...document.querySelectorAll(".state, .mark, .verdict, .severity")].every(e => /[A-Za-z]/.test(e.innerText || e.textContent))`)
		s.sees("one heading and one main part of "+path, `document.querySelectorAll("h1").length === 1 && document.querySelectorAll("main").length === 1`)
	}
}

// Every page is reached with Tab and Enter, and what has the focus is seen.
func TestThePagesAreUsedWithoutAMouse(t *testing.T) {
	root := project(t)
	build(t, root, "behaviour")
	s := visit(t, root, true)
	s.key("\t" + enter)
	s.sees("the skip link's end", `location.hash === "#main"`)
	for _, page := range []string{"/build", "/tries", "/cache"} {
		s.open("/")
		reached := false
		for range 12 {
			s.key("\t")
			var at string
			s.do(chromedp.Evaluate(`document.activeElement.getAttribute("href") ?? ""`, &at))
			if reached = at == page; reached {
				break
			}
		}
		if !reached {
			t.Fatalf("Tab does not lead to %s", page)
		}
		s.sees("where the focus is", `getComputedStyle(document.activeElement).outlineStyle !== "none" && parseFloat(getComputedStyle(document.activeElement).outlineWidth) >= 2`)
		s.key(enter)
		s.sees(page, `location.pathname === `+quote(page))
	}
	s.open("/")
	for range 40 {
		s.key("\t")
		var at string
		s.do(chromedp.Evaluate(`document.activeElement.closest("svg") ? document.activeElement.getAttribute("aria-label") : ""`, &at))
		if strings.Contains(at, "behaviour: CURRENT") {
			s.reads("#said", "training/data/behaviour: CURRENT, 252 samples")
			s.key(enter)
			s.sees("the target of the box", `location.pathname === "/t/training/data/behaviour"`)
			return
		}
	}
	t.Error("Tab does not lead to the box of behaviour")
}

// An edit that matters to what the pages say is told on the page that is open.
func TestWhatChangedBesideThePagesIsSaid(t *testing.T) {
	root := project(t)
	s := visit(t, root, false)
	s.open("/cache")
	s.sees("no notice", `document.querySelector("#notice .banner") === null`)
	replaceIn(t, filepath.Join(root, "isf.yaml"), "project:", "projekt:")
	s.reads("#notice", `unknown key "projekt"`)
	replaceIn(t, filepath.Join(root, "isf.yaml"), "projekt:", "project:")
	s.sees("no notice any more", `document.querySelector("#notice .banner") === null`)
	replaceIn(t, filepath.Join(root, "pipelines/facts.go"), "package pipelines", "package pipelines\n\nvar other = 1")
	s.reads("#notice", "Go code has changed since isf view was started")
	s.open("/")
	s.reads("#notice", "Go code has changed")
}
