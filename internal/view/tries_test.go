package view_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// isf runs a command in the project.
func isfIn(t *testing.T, root string, args ...string) {
	t.Helper()
	if text, err := command(t, root, args...).CombinedOutput(); err != nil {
		t.Fatalf("isf %q: %v\n%s", args, err, text)
	}
}

// What isf try made of the same records with several prompts and models is seen
// side by side, and so is what several models say to the same prompts.
func TestTriesAreSeenSideBySide(t *testing.T) {
	root := project(t)
	build(t, root, "identity-augmentation")
	isfIn(t, root, "try", "identity-augmentation", "-n", "2", "--with", "identity=judge")
	replaceIn(t, filepath.Join(root, "prompts/question.md"), "\n", "\nAsk it briefly.\n")
	isfIn(t, root, "try", "identity-augmentation", "-n", "2")
	isfIn(t, root, "try", "--models", "judge,pell-dev-full", "Who are <b>you</b>?")
	s := visit(t, root, false)
	s.open("/tries")
	s.sees("three tries", `document.querySelectorAll("table.tries tbody tr").length === 3`)
	s.reads("table.tries", "identity=judge")
	s.reads("table.tries", "prompts/question.md")
	s.sees("no choice of what has no target", `document.querySelectorAll("table.tries input").length === 2`)
	s.do(chromedp.Click("input[value='1']", chromedp.ByQuery), chromedp.Click("input[value='2']", chromedp.ByQuery), chromedp.Click("form button", chromedp.ByQuery))
	s.sees("two records of two rows each, in three columns", `document.querySelectorAll(".side").length === 4 && [...document.querySelectorAll(".side")].every(e => e.querySelectorAll(".cell").length === 3)`)
	s.sees("their heads", `["as it is", "try 1 · identity=judge", "try 2"].every((h, i) => document.querySelectorAll(".side .cell h3")[i].innerText.startsWith(h))`)
	s.sees("them beside each other", `new Set([...document.querySelectorAll(".side")].map(e => [...e.querySelectorAll(".cell")].map(c => c.getBoundingClientRect().top)).flat()).size === 4`)
	s.sees("the words that the output does not have", `[...document.querySelectorAll(".cell")].some(c => c.querySelector(".mark")?.innerText === "changed" && c.querySelector("ins"))`)
	s.do(chromedp.EmulateViewport(390, 900))
	s.sees("them below each other on a telephone", `document.documentElement.scrollWidth <= 390 && document.querySelectorAll(".side .cell")[1].getBoundingClientRect().top > document.querySelectorAll(".side .cell")[0].getBoundingClientRect().bottom`)
	s.do(chromedp.EmulateViewport(1280, 900))

	s.open("/tries/3")
	s.reads(".turn.user", "Who are <b>you</b>?")
	s.sees("an answer of each model", `["judge", "pell-dev-full"].every((m, i) => { const c = document.querySelectorAll(".cell")[i]; return c.querySelector("h3").innerText.startsWith(m) && c.querySelector("pre").innerText.length > 10 && /token/.test(c.innerText); })`)
	first, _, _ := strings.Cut(s.written("training/data/identity-augmentation.jsonl"), "\n")
	s.open("/r/training/data/identity-augmentation?id=" + strings.Trim(member(t, first, "id"), `"`))
	s.click(`.made dl a[href*="/r/training/data/facts"]`)
	s.reads(".read h4", "fact")
	s.open("/tries/3")
	s.key("u")
	s.sees("the list", `location.pathname === "/tries"`)
	s.key("jj" + enter)
	s.sees("the second try", `location.pathname === "/tries/2"`)
}
