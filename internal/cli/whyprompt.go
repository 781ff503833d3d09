package cli

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/worddiff"
)

// whyPrompts shows the sentences in which system prompts differ from what they
// were made with, for a target that is stale because of one. Where the sentences
// of the documents have been told, it says only if nothing came of them.
func (a *app) whyPrompts(w *workspace, s graph.Status, told []engine.ChangedText) error {
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
		hunks := worddiff.Lines(string(was), now)
		if len(hunks) > 0 && slices.ContainsFunc(told, func(c engine.ChangedText) bool { return c.Known && (c.Target == t.Name || c.Name == t.Output) }) {
			continue
		}
		a.printHunks(t.Output, hunks)
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
