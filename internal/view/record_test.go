package view_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/identity-shaping/isf/internal/sim"
)

// A record's page says all there is to know of how it came about.
func TestARecordSaysHowItCameAbout(t *testing.T) {
	root := project(t)
	slowly(t, root, sim.Options{TruncateRate: 0.1, Seed: 6})
	build(t, root, "identity-assertions", "behaviour")
	isfIn(t, root, "reroll", "behaviour:p-016201994c")
	isfIn(t, root, "build", "behaviour")
	s := visit(t, root, false)

	s.open(someone)
	s.reads(".turn.user", "6-year-old")
	s.do(chromedp.Evaluate(`document.querySelectorAll("main details").forEach(d => d.open = true)`, nil))
	facts := func(name, pattern string) string {
		return `[...document.querySelectorAll(".step dt")].some(e => e.innerText === ` + quote(name) + ` && ` + pattern + `.test(e.nextElementSibling.innerText))`
	}
	for name, pattern := range map[string]string{
		"asked as": `/^attempt 1, reroll 1$/`, "parameters": `/"temperature":0.7/`, "usage": `/^[0-9,]+ prompt and [0-9,]+ answer tokens/`,
		"cost": `/^\$0\.00[0-9]*[1-9]/`, "key": `/^[0-9a-f]{64}$/`, "finish": `/^stop$/`,
	} {
		s.sees("the "+name+" of the request", facts(name, pattern))
	}
	s.reads(".step summary", "sent by the last build")
	s.reads(".step .turn.system", "Pell")
	s.reads(".step .turn.answer", "")
	s.reads(".step details pre", `"choices"`)
	s.sees("what it was before beside what it is", `document.querySelectorAll("#change .sides").length === 1 && document.querySelector("#change del") && document.querySelector("#change ins")`)
	s.reads("#change .why", "asked again by a decision")

	// An answer that the pipeline rejected stands before the one that it took.
	second := ""
	for line := range strings.Lines(s.written("training/data/behaviour.jsonl")) {
		if strings.Contains(line, `"step_id":"answer-0.1"`) {
			second = strings.Trim(member(t, line, "id"), `"`)
			break
		}
	}
	s.open("/r/training/data/behaviour?id=" + second)
	s.sees("an attempt that was rejected, and one that was not", `[...document.querySelectorAll(".step > summary")].map(e => e.innerText.includes("✗ rejected")).join() === "true,false"`)
	s.do(chromedp.Evaluate(`document.querySelectorAll("main details").forEach(d => d.open = true)`, nil))
	s.sees("which attempts they are", `[...document.querySelectorAll(".step")].map(e => [...e.querySelectorAll("dt")].find(d => d.innerText === "asked as").nextElementSibling.innerText).join() === "attempt 1,attempt 2"`)
	s.sees("why the first was rejected", `document.querySelector(".step .banner.bad").innerText.includes("cut off")`)

	isfIn(t, root, "build", "identity-assertions", "--force")
	first := strings.SplitN(s.written("training/data/identity-assertions.jsonl"), "\n", 2)[0]
	s.open("/r/training/data/identity-assertions?id=" + strings.Trim(member(t, first, "id"), `"`))
	s.sees("five requests, all hits", `document.querySelectorAll("details.step").length > 1 && [...document.querySelectorAll("details.step summary")].filter(e => e.innerText.includes("pell")).every(e => e.innerText.includes("from the cache"))`)
	s.do(chromedp.Evaluate(`document.querySelectorAll("main details").forEach(d => d.open = true)`, nil))
	s.sees("the shared system prompt once", `document.querySelectorAll(".step details.turn.system").length === 1 && [...document.querySelectorAll(".step")].slice(1).every(e => e.innerText.includes("system: the same as in step"))`)

	put(t, filepath.Join(root, "training/data/behaviour.jsonl"), map[string]any{"id": "t", "messages": []map[string]string{{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "<think>\nBecause of 12.\n</think>\nSo."}}})
	s.open("/r/training/data/behaviour?id=t")
	s.reads(".thinking summary", "thinking, 14 characters")
	s.sees("thinking folded, and the answer not", `!document.querySelector(".thinking").open && document.querySelector(".turn.assistant > pre").innerText.trim() === "So."`)
}
