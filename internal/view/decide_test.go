package view_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// written is a file of the project, "" where there is none.
func (s *site) written(name string) string {
	text, _ := os.ReadFile(filepath.Join(s.root, name))
	return string(text)
}

// click presses what a selector names.
func (s *site) click(selector string) {
	s.t.Helper()
	s.do(chromedp.Click(selector, chromedp.ByQuery))
}

const (
	decisions = "training/data/behaviour.decisions.jsonl"
	someone   = "/r/training/data/behaviour?id=p-016201994c"
)

// Each button of a record makes the decision that the command of its name
// makes, and the next build obeys it.
func TestDecisionsAboutARecord(t *testing.T) {
	root := project(t)
	build(t, root, "behaviour")
	s := visit(t, root, true)
	s.open(someone)
	s.click("button[value=pin]")
	s.reads("[role=status]", "Noted: pin")
	build(t, root, "behaviour")
	s.open(someone)
	s.reads(".mark", "pinned")
	s.click("button[value=unpin]")
	s.reads("[role=status]", "Noted: unpin")
	build(t, root, "behaviour")
	s.open(someone)
	s.sees("no pin", `![...document.querySelectorAll(".mark")].some(e => e.innerText === "pinned")`)

	s.click("section.actions summary")
	s.do(chromedp.SetValue("textarea[name=answer]", `He is <b>in</b> "a box".`, chromedp.ByQuery))
	s.click("button[value=edit]")
	s.reads("[role=status]", "Pinned as edited")
	build(t, root, "behaviour")
	s.open(someone)
	s.reads(".turn.assistant", `He is <b>in</b> "a box".`)
	s.reads(".mark", "pinned")
	s.reads("#change del", "people")
	s.reads("#change ins", "<b>in</b>")

	s.do(chromedp.SendKeys("input[name=note]", "no box was asked for", chromedp.ByQuery))
	s.click("button[value=bad]")
	s.reads(".mark.bad", "bad: no box was asked for")
	if text := s.written("training/data/behaviour.reviews.jsonl"); !strings.Contains(text, `"verdict":"bad"`) || !strings.Contains(text, "no box was asked for") {
		t.Errorf("the review is %q", text)
	}
	var made []string
	for line := range strings.Lines(s.written(decisions)) {
		var d map[string]json.RawMessage
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			t.Fatal(err)
		}
		for _, kind := range []string{"pin", "unpin", "reroll"} {
			if _, ok := d[kind]; ok {
				made = append(made, kind)
			}
		}
	}
	if got := strings.Join(made, " "); got != "pin unpin pin" {
		t.Errorf("the decisions are %q, want pin, unpin, pin", got)
	}

	s.open("/t/training/data/behaviour?state=pinned")
	s.reads("#rows", "1 of 252 rows")
	s.open("/t/training/data/behaviour?state=changed")
	s.reads("#rows", "1 of 252 rows")
	s.open("/t/training/data/behaviour?review=bad")
	s.reads("#rows .mark.bad", "bad")
}

// A diff shows what changed since any build that is kept, by cause; what it
// shows is rerolled, kept as it is, or kept as it was, one by one or all.
func TestDiffsAreDecidedInBulk(t *testing.T) {
	root := project(t)
	shorten(t, filepath.Join(root, "pipelines/data/pushback.jsonl"), 9)
	build(t, root, "style-pushback")
	first := rowsOf(t, root)
	replaceIn(t, filepath.Join(root, "pipelines/data/pushback.jsonl"), "bug report", "bug's report")
	isfIn(t, root, "build", "style-pushback")
	isfIn(t, root, "reroll", "style-pushback:"+id(t, root, 3), "style-pushback:"+id(t, root, 5), "style-pushback:"+id(t, root, 7))
	isfIn(t, root, "build", "style-pushback")
	s := visit(t, root, true)
	s.open("/diff/training/data/style-pushback")
	s.reads("main", "0 added, 0 removed, 3 changed")
	s.reads("table.causes", "asked again by a decision")
	s.sees("each with its cause", `document.querySelectorAll("details.finding").length === 3 && [...document.querySelectorAll("details.finding summary .dim")].every(e => e.innerText.includes("asked again by a decision"))`)
	s.do(chromedp.Evaluate(`document.querySelector("details.finding").open = true`, nil))
	s.reads("details.finding .sides del", "")
	s.sees("two builds to choose from", `document.querySelectorAll("select[name=against] option").length === 2`)

	s.do(chromedp.Evaluate(`document.querySelector("select[name=against]").selectedIndex = 1`, nil))
	s.click("form.filters button")
	s.sees("more changes since the first", `location.search.includes("against=") && document.querySelectorAll("details.finding").length >= 5`)
	s.reads("main", "1 added, 1 removed")
	s.do(chromedp.Evaluate(`[...document.querySelectorAll("table.causes a")].find(a => a.innerText.includes("asked again")).click()`, nil))
	s.sees("those of one cause", `location.search.includes("cause=") && document.querySelectorAll("details.finding").length === 3`)
	s.click("input[name=all]")
	s.click("button[value=restore]")
	s.reads("[role=status]", "3 records become what they were at the next build")
	isfIn(t, root, "build", "style-pushback")
	now := rowsOf(t, root)
	for i := range now {
		if (i == 3 || i == 5 || i == 7) && messages(t, now[i]) != messages(t, first[i]) {
			t.Errorf("row %d is %s, want what it was at first: %s", i, now[i], first[i])
		}
	}

	s.open("/diff/training/data/style-pushback")
	s.do(chromedp.Evaluate(`document.querySelectorAll("input[name=id]").forEach((e, i) => e.checked = i < 2)`, nil))
	s.click("button[value=pin]")
	s.reads("[role=status]", "2 records stay as they are")
	s.do(chromedp.Evaluate(`document.querySelectorAll("input[name=id]").forEach((e, i) => e.checked = i < 2)`, nil))
	s.click("button[value=reroll]")
	s.reads("[role=status]", "2 records will be asked again")
	s.click("button[value=reroll]")
	s.reads("[role=alert]", "Choose a record first")

	for _, all := range [][2]string{{"pin", "3 records stay as they are"}, {"reroll", "3 records will be asked again"}} {
		s.open("/diff/training/data/style-pushback")
		s.click("input[name=all]")
		s.click("button[value=" + all[0] + "]")
		s.reads("[role=status]", all[1])
		made := s.written("training/data/style-pushback.decisions.jsonl")
		for last := range slices.Values(lastLines(made, 3)) {
			if !strings.HasPrefix(last, `{"`+all[0]+`":`) {
				t.Errorf("%s of all wrote %s", all[0], last)
			}
		}
	}
}

func lastLines(text string, n int) []string {
	all := strings.Split(strings.TrimSpace(text), "\n")
	return all[max(0, len(all)-n):]
}

// shorten leaves a file its first lines: rows of pages that hold many requests
// take long to look at.
func shorten(t *testing.T, path string, lines int) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, []byte(strings.Join(strings.SplitAfterN(string(text), "\n", lines+1)[:lines], "")), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func rowsOf(t *testing.T, root string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "training/data/style-pushback.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

func member(t *testing.T, row, name string) string {
	t.Helper()
	var all map[string]json.RawMessage
	if err := json.Unmarshal([]byte(row), &all); err != nil {
		t.Fatal(err)
	}
	return string(all[name])
}

func messages(t *testing.T, row string) string { t.Helper(); return member(t, row, "messages") }

// id is that of the nth row as it is.
func id(t *testing.T, root string, n int) string {
	t.Helper()
	return strings.Trim(member(t, rowsOf(t, root)[n], "id"), `"`)
}
