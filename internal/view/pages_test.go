package view_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/identity-shaping/isf/internal/view"
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
	s.reads("[role=alert]", "training/data/behaviour has no record")
	s.open("/t/nobody")
	s.reads("[role=alert]", `There is no such target as "nobody" in this project`)
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
	shown := func() (id string) {
		s.sees("a whole page", `document.readyState === "complete"`)
		s.do(chromedp.Text(".crumbs", &id, chromedp.ByQuery))
		return id
	}
	before := shown()
	s.key("s")
	s.sees("another row", `document.querySelector(".crumbs")?.innerText !== `+quote(before))
	s.reads(".facts", "251 not reviewed")
	s.key("n")
	s.sees("the note", `document.activeElement.name === "note"`)
	s.do(chromedp.KeyEvent("too good to be true"), chromedp.KeyEvent(kb.Escape))
	noted := shown()
	s.key("b")
	s.reads(".facts", "250 not reviewed")
	if text := s.written("training/data/behaviour.reviews.jsonl"); !strings.Contains(text, `"verdict":"bad"`) || !strings.Contains(text, "too good to be true") || !strings.Contains(text, noted) {
		t.Errorf("the reviews are %q", text)
	}
	s.open("/cache")
	s.reads("h2", "By model")
	s.reads("table", "sim/sim/plain")
	s.reads("table", "behaviour")
	s.reads(".tile", "253")
	s.sees("what each holds and saved", `[...document.querySelectorAll("table")].length === 2 && [...document.querySelectorAll("table")].every(t => [...t.querySelectorAll("th")].map(e => e.innerText).join() === "name,answers,size,tokens,paid,saved" && Number(t.querySelector("td.num").innerText) === 253)`)
	s.open("/build")
	s.reads("main", "No build is running")
	s.reads("summary", "sent")
	s.open("/tries")
	s.reads("main", "Nothing was tried yet")
}

// While a page is open another isf takes over at its address, with the project's
// code as it is now: after the page has heard of the first one, or before. The
// page goes on with the next one, and shows what changed in between.
func TestAPageGoesOnWithTheNextIsf(t *testing.T) {
	root := project(t)
	build(t, root, "behaviour")
	studio, server, _ := serve(t, root, view.Options{})
	address := server.Listener.Addr().String()
	pages := server.Config.Handler
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/events" {
			<-r.Context().Done() // it ends before it says anything
			return
		}
		pages.ServeHTTP(w, r)
	})
	s := &site{t, root, server.URL, browser(t)}
	s.do(chromedp.Navigate(s.url+"/?token=sesame"), chromedp.WaitReady("#main", chromedp.ByQuery))
	s.open("/t/training/data/behaviour")
	s.reads("#head .state", "CURRENT")
	s.do(chromedp.Evaluate(`globalThis.same = true`, nil))
	for _, next := range []struct{ command, record, state string }{{"reroll", ":p-016201994c", "STALE"}, {"build", "", "CURRENT"}} {
		shut(server)
		studio.Close()
		isfIn(t, root, next.command, "behaviour"+next.record)
		studio, server, _ = serveAt(t, root, address, view.Options{})
		s.reads("#head .state", next.state)
	}
	s.sees("the page that was open", `globalThis.same`)
}

// A page that stays open follows builds: rows, state and history, without taking
// away what somebody has typed or chosen.
func TestATargetsPageFollowsBuilds(t *testing.T) {
	root := project(t)
	s := visit(t, root, false)
	s.open("/t/training/data/behaviour")
	s.reads("main", "has no rows yet")
	s.do(chromedp.Evaluate(`globalThis.same = true`, nil))
	build(t, root, "behaviour")
	s.reads("#rows", "252 rows")
	s.reads("#head .state", "CURRENT")
	s.do(chromedp.SendKeys("#q", "6-year-old", chromedp.ByQuery))
	s.reads("#rows", "1 of 252 rows")
	isfIn(t, root, "reroll", "behaviour:p-016201994c")
	s.reads("#head .state", "STALE")
	s.reads("#head .reasons", "decisions")
	isfIn(t, root, "build", "behaviour")
	s.reads("#rows .mark", "changed")
	s.reads("#head .state", "CURRENT")
	s.sees("both builds", `document.querySelectorAll("#history tbody tr").length === 2`)
	s.sees("the search, in the page that was open", `globalThis.same && document.getElementById("q").value === "6-year-old" && document.querySelectorAll("#rows tbody tr").length === 1`)
}
