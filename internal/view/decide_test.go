package view_test

import (
	"encoding/json"
	"os"
	"path/filepath"
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
