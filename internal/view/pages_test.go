package view_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const enter = kb.Enter

// A person opens the graph, goes to a target and to a record by keyboard alone,
// edits a prompt, and sees what that touches without touching the page.
func TestGraphTargetAndRecord(t *testing.T) {
	root := project(t)
	build(t, root, "behaviour", "facts")
	s := visit(t, root, false)

	s.reads("svg.graph .name", "behaviour")
	s.reads("table.targets tr", "CURRENT")
	s.sees("the cause of each box in words", `[...document.querySelectorAll("a.box.missing")].every(a => a.getAttribute("aria-label").includes("No manifest"))`)

	replaceIn(t, filepath.Join(root, "prompts/facts.md"), "\n", "\nBe careful.\n")
	s.reads("a.box.touched .note", "STALE")
	s.reads("table.targets tr", "prompts/facts.md")
	s.reads("#plan", "A build would send")
	s.sees("the input that has changed, and no other", `[...document.querySelectorAll("g.box.touched")].map(e => e.getAttribute("aria-label")).join() === "prompt file prompts/facts.md: it has changed"`)
	s.sees("the way to what it touches", `document.querySelectorAll("path.touched").length > 0`)
	s.reads("a.box.touched .note", "STALE · 48 to send")
	s.sees("all that is known of a box when it is pointed at", `(b => { b.dispatchEvent(new Event("pointerover", {bubbles: true})); return /facts: STALE, 170 rows, .*48 to send. Prompt 'prompt' content changed/.test(document.getElementById("said").innerText); })(document.getElementById("box:training/data/facts"))`)
	s.sees("the same when it has the focus", `(document.getElementById("box:training/data/behaviour").focus(), document.getElementById("said").innerText.startsWith("training/data/behaviour: CURRENT, 252 samples"))`)

	s.key("j")
	s.sees("a chosen line", `document.activeElement.closest("tr.chosen") !== null`)
	s.key("jjjjj" + enter)
	s.sees("the target's page", `location.pathname.startsWith("/t/")`)

	s.open("/t/training/data/behaviour")
	s.reads("#rows", "252 rows")
	s.sees("lengths in the first page", `[...document.querySelectorAll("#rows td.num:not(.wide)")].length >= 50 && [...document.querySelectorAll("#rows td.num:not(.wide)")].every(e => e.innerText.trim() !== "0")`)
	s.reads("#rows th", "tokens")
	s.reads("#plots", "Length of answers")
	s.reads("#findings", "LOOK")
	s.reads("#inputs", "pipelines/data/prompts.jsonl")
	s.reads("#history", "252")
	s.do(chromedp.SendKeys("#q", "6-year-old", chromedp.ByQuery))
	s.sees("the search in the address", `location.search === "?q=6-year-old"`)
	s.reads("#rows", "1 of 252 rows")
	s.do(chromedp.Evaluate(`document.getElementById("q").blur()`, nil))
	s.key("j" + enter)
	s.reads("h1", "p-016201994c")
	s.reads(".turn.user", "6-year-old")
	s.reads(".step summary", "sent by the last build")
	s.do(chromedp.Click(".step summary", chromedp.ByQuery))
	s.reads(".step", "tokens")
	s.reads(".step code.key", "")
	s.key("u")
	s.sees("the list that the record was opened from", `location.search.includes("q=6-year-old")`)
	s.open("/r/training/data/behaviour?id=nobody")
	s.reads("[role=alert]", "has no record")
}

// What models said cannot do anything to the page.
func TestTextOfModelsIsText(t *testing.T) {
	hostile := []string{
		`<script>window.pwned = 1</script><img src=x onerror="window.pwned = 1">`,
		`"><svg onload="window.pwned=1"></svg>`,
		`[click](javascript:window.pwned=1) <a href="javascript:window.pwned=1">x</a>`,
		`</pre></main></body><h1>gone</h1>`,
		"{{.Token}} ${window.pwned=1}",
		"\u202eevil\u202c \u0007\u001b[31mred",
		strings.Repeat("long ", 400_000),
		strings.Repeat("x", 300_000),
	}
	root := project(t)
	build(t, root, "behaviour")
	path := filepath.Join(root, "training/data/behaviour.jsonl")
	var out strings.Builder
	for i, text := range hostile {
		row, err := json.Marshal(map[string]any{
			"id":       fmt.Sprintf("h-%d%s", i, `"><script>window.pwned=1</script>`),
			"messages": []map[string]string{{"role": "user", "content": text}, {"role": "assistant<b>", "content": text}},
			"meta":     map[string]any{"source": text[:min(60, len(text))], "score": text[:min(9, len(text))]},
			"steps":    []map[string]any{{"step_id": text[:min(40, len(text))], "model": text[:min(40, len(text))], "response": text[:min(400, len(text))], "messages": []any{}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		out.Write(append(row, '\n'))
	}
	out.WriteString("{\"id\":\"bytes\",\"messages\":[{\"role\":\"user\",\"content\":\"\xff\xfe broken\"}]}\n<script>window.pwned=1</script>\n")
	if err := os.WriteFile(path, []byte(out.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	s := visit(t, root, true)
	harmless := func(where string) {
		t.Helper()
		s.sees("a whole page at "+where, `window.pwned === undefined && document.querySelectorAll("main script, main img, main [onerror], main [onload], a[href^=javascript]").length === 0 && document.querySelectorAll("main").length === 1`)
		s.sees("no bidi mark at "+where, `!/[\u202a-\u202e\u2066-\u2069]/.test(document.body.innerText)`)
		s.sees("no sideways scrolling at "+where, `document.documentElement.scrollWidth <= document.documentElement.clientWidth`)
	}
	s.open("/t/training/data/behaviour")
	s.reads("#rows", "10 rows")
	s.reads("#rows", "<script>window.pwned = 1</script>")
	s.reads("#plots", "Length of answers")
	harmless("the table")
	for i := range hostile {
		s.open(fmt.Sprintf("/r/training/data/behaviour?id=h-%d%%22%%3E%%3Cscript%%3Ewindow.pwned%%3D1%%3C%%2Fscript%%3E&n=%d", i, i))
		s.reads("h1", fmt.Sprintf("h-%d", i))
		harmless(fmt.Sprintf("record %d", i))
	}
	s.open("/t/training/data/behaviour?q=%22%3E%3Cscript%3Ewindow.pwned%3D1%3C%2Fscript%3E&source=%3Cb%3E")
	harmless("a search")
	s.do(chromedp.Evaluate(`const i = document.createElement("script"); i.textContent = "window.pwned = 1"; document.body.append(i)`, nil))
	s.sees("no script of its own after one was put into it", `window.pwned === undefined`)
}

// Decisions and reviews of the page are those that the commands make.
func TestDiffReviewDecideCacheAndBuild(t *testing.T) {
	root := project(t)
	build(t, root, "behaviour")
	s := visit(t, root, true)
	record := "/r/training/data/behaviour?id=p-016201994c"
	s.open(record)
	s.do(chromedp.Click(`button[value=reroll]`, chromedp.ByQuery))
	s.reads("[role=status]", "Noted: reroll")
	build(t, root, "behaviour")
	s.open("/diff/training/data/behaviour")
	s.reads("main", "0 added, 0 removed, 1 changed")
	s.reads("summary", "p-016201994c")
	s.open(record)
	s.reads("#change", "before")
	s.sees("words that are new", `document.querySelectorAll("#change ins").length > 0`)
	s.open("/review/training/data/behaviour")
	s.reads(".facts", "252 not reviewed")
	s.key("g")
	s.reads(".facts", "251 not reviewed")
	text, err := os.ReadFile(filepath.Join(root, "training/data/behaviour.reviews.jsonl"))
	if err != nil || !strings.Contains(string(text), `"verdict":"good"`) {
		t.Errorf("the review is %q: %v", text, err)
	}
	s.open("/cache")
	s.reads("table", "behaviour")
	s.reads(".tile", "253")
	s.open("/build")
	s.reads("main", "No build is running")
	s.reads("summary", "sent")
	s.open("/tries")
	s.reads("main", "Nothing was tried yet")
}
