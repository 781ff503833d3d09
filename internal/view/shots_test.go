package view_test

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/identity-shaping/isf/internal/reviews"
	"github.com/identity-shaping/isf/internal/samples"
	"github.com/identity-shaping/isf/internal/sim"
)

var shots = flag.String("shots", "", "write pictures of all pages, in both themes and widths, into this folder")

// A shot is a page to look at, as somebody finds it who has worked with it.
type shot struct {
	name, path string
	prepare    string // run in the page first
	shows      string // true once it is whole
}

const unfolded = `document.querySelectorAll("main details").forEach(d => d.open = true)`

var pictures = []shot{
	{"graph", "/", "", `document.querySelector("#plan > .dim") === null`},
	{"graph-plan", "/", `document.querySelector("#plan details").setAttribute("open", "")`, `document.querySelector("#plan > .dim") === null`},
	{"target", "/t/training/data/behaviour", "", `document.querySelector("#plots figure") && !document.body.innerText.includes("Reading all rows") && document.querySelectorAll("#findings .finding").length`},
	{"target-findings", "/t/training/data/behaviour", unfolded + `; document.getElementById("rows").remove()`, `document.querySelector("#plots figure") && document.querySelectorAll("#findings .finding").length`},
	{"target-errors", "/t/training/data/behaviour?state=error", "", `document.querySelector("#rows tr.failed")`},
	{"target-facts", "/t/training/data/facts?sort=length&desc=1", "", `document.querySelector("#plots figure") && document.querySelectorAll("#findings .finding, #findings > p").length`},
	{"target-missing", "/t/training/data/prepared/default", "", `true`},
	{"record", "/r/training/data/behaviour?id=p-016201994c", "", `document.querySelector("#change del")`},
	{"record-unfolded", "/r/training/data/behaviour?id=p-016201994c", unfolded, `document.querySelector("#change del")`},
	{"record-error", "/t/training/data/behaviour?state=error", `document.querySelector("#rows td.prompt a").click()`, `document.querySelector(".banner.bad")`},
	{"record-steps", "/t/training/data/identity-augmentation", `document.querySelector("#rows td.prompt a").click()`, `document.querySelector(".step")`},
	{"diff", "/diff/training/data/behaviour", `document.querySelector("details.finding").open = true`, `document.querySelector("details.finding")`},
	{"review", "/review/training/data/behaviour", "", `document.querySelector(".turn")`},
	{"tries", "/tries", "", `document.querySelector("table.tries")`},
	{"tries-prompts", "/tries?n=1&n=2", "", `document.querySelector(".cells")`},
	{"tries-models", "/tries/3", "", `document.querySelector(".cells")`},
	{"cache", "/cache", "", `document.querySelector("table")`},
	{"build", "/build", "", `document.querySelector("#live table.lines td.progress span")?.innerText.match(/[1-9][0-9]* of|[1-9][0-9]* records/) && document.querySelector("#live .failures")`},
	{"build-past", "/build", `document.querySelector("#past details").open = true`, `document.querySelector("#past details")`},
	{"no-page", "/t/nobody", "", `true`},
}

// TestPictures writes no picture unless it is asked to: go test ./internal/view
// -run TestPictures -shots DIR. People look at them after a change of pages.
func TestPictures(t *testing.T) {
	if *shots == "" {
		t.Skip("-shots names no folder")
	}
	if err := os.MkdirAll(*shots, 0o755); err != nil {
		t.Fatal(err)
	}
	s := visit(t, lived(t), true)
	for _, p := range pictures {
		t.Run(p.name, func(*testing.T) { s.pictures(p) })
	}
}

func (s *site) pictures(p shot) {
	for _, width := range []int64{1280, 390} {
		for _, colours := range []string{"light", "dark"} {
			s.do(chromedp.EmulateViewport(width, 900), theme(colours))
			s.open(p.path)
			s.sees("a whole page", `document.readyState === "complete"`)
			if p.prepare != "" {
				s.sees("what is there to be prepared of "+p.path, `(() => { try { `+p.prepare+`; return true } catch { return false } })()`)
			}
			s.sees("all of "+p.path, p.shows)
			s.picture(fmt.Sprintf("%s-%s-%d.png", p.name, colours, width))
		}
	}
}

// picture writes the page down to a height that can still be looked at.
func (s *site) picture(name string) {
	s.t.Helper()
	var text []byte
	s.do(chromedp.ActionFunc(func(ctx context.Context) (err error) {
		_, _, _, _, _, size, err := page.GetLayoutMetrics().Do(ctx)
		if err != nil {
			return err
		}
		const most = 2600
		text, err = page.CaptureScreenshot().WithCaptureBeyondViewport(true).WithClip(&page.Viewport{Width: size.Width, Height: min(size.Height, most), Scale: 1}).Do(ctx)
		return err
	}))
	if err := os.WriteFile(filepath.Join(*shots, name), text, 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// lived is a project in which everything is there to be looked at, and a build
// runs.
func lived(t *testing.T) string {
	t.Helper()
	runtimeDir(t)
	root := project(t)
	fast, slow := sim.Options{TruncateRate: 0.2, Seed: 4}, sim.Options{Latency: 2 * time.Second, Jitter: time.Second, TruncateRate: 0.1, ErrorRate: 0.1, Seed: 5}
	var model atomic.Pointer[sim.Server]
	model.Store(sim.New(fast))
	answeredBy(t, root, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { model.Load().ServeHTTP(w, r) }))
	replaceIn(t, filepath.Join(root, "isf.yaml"), "cost: 3, requests: 4000", "cost: 12, requests: 9000")
	isfIn(t, root, "build", "training/data/all")
	isfIn(t, root, "try", "identity-augmentation", "-n", "2", "--with", "identity=judge")
	isfIn(t, root, "reroll", "behaviour:p-016201994c")
	replaceIn(t, filepath.Join(root, "identity/NARRATIVE.md"), ".", ". There is one more umbrella.")
	isfIn(t, root, "build", "training/data/all")
	book, err := reviews.Open(filepath.Join(root, "training/data/behaviour.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	text := (&site{t: t, root: root}).written("training/data/behaviour.jsonl")
	for line := range strings.Lines(text) {
		row, err := samples.Decode(samples.Line{Number: n + 1, Text: []byte(line)})
		if err == nil && n%3 == 0 && n < 24 {
			err = book.Add(row, map[bool]reviews.Verdict{true: reviews.Good, false: reviews.Bad}[n%4 != 0], map[bool]string{true: "too long"}[n%4 == 0])
		}
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	replaceIn(t, filepath.Join(root, "prompts/question.md"), "\n", "\nAsk it briefly.\n")
	isfIn(t, root, "try", "identity-augmentation", "-n", "2")
	isfIn(t, root, "try", "--models", "judge,pell-dev-full", "Who are you, and what is the strangest thing that you have found?")
	model.Store(sim.New(slow))
	var again []string
	for _, row := range rowsOf(t, root) {
		again = append(again, "style-pushback:"+strings.Trim(member(t, row, "id"), `"`))
	}
	isfIn(t, root, append([]string{"reroll"}, again...)...)
	c := command(t, root, "build", "style-pushback", "-w", "6")
	var said strings.Builder
	c.Stdout, c.Stderr = &said, &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Signal(syscall.SIGKILL); _ = c.Wait(); t.Log(said.String()) })
	return root
}
