package cli

import (
	"fmt"
	"path"
	"strings"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/worddiff"
)

// mostHunks are shown of a prompt that has changed.
const mostHunks = 8

// whyPrompts shows the sentences in which system prompts differ from what they
// were made with, for a target that is stale because of one.
func (a *app) whyPrompts(w *workspace, s graph.Status) error {
	if s.State == graph.Current {
		return nil
	}
	for _, t := range append(w.Graph.Needs(s.Target), s.Target) {
		if t.Kind != graph.Prompt {
			continue
		}
		status, err := w.Graph.Status(t, w.reader, w.Project)
		if err != nil {
			return err
		}
		was, err := w.Files.ReadFile(t.Output)
		if status.State != graph.Stale || err != nil {
			continue // there is nothing to compare with, or somebody else changed it
		}
		now, err := w.Registry.RenderDev(path.Base(t.Name))
		if err != nil {
			continue // the reasons have said why
		}
		a.printHunks(t.Output, worddiff.Lines(string(was), now))
	}
	return nil
}

func (a *app) printHunks(name string, hunks []worddiff.Hunk) {
	if len(hunks) == 0 {
		fmt.Fprintf(a.out, "  %s comes out the same\n", safe(name))
		return
	}
	screen := screenOf(a.out)
	for i, h := range hunks {
		if i == mostHunks {
			fmt.Fprintf(a.out, "  and %s more of %s\n", count(len(hunks)-i, "place"), safe(name))
			return
		}
		fmt.Fprintf(a.out, "  %s:%d\n%s\n", safe(name), h.Line, indent(words(screen, strings.TrimRight(h.Was, "\n"), strings.TrimRight(h.Now, "\n"))))
	}
}
