package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/samples"
	"github.com/identity-shaping/isf/internal/term"
	"github.com/identity-shaping/isf/internal/worddiff"
)

func (a *app) diffCommand() *cobra.Command {
	var o diffOptions
	c := &cobra.Command{
		Use:   "diff TARGET",
		Short: "Show what builds added, removed and changed, word by word, and why",
		Long: `Show how the rows of a target differ from what they were after an earlier build,
and for each record which of its inputs has changed: a model, a prompt, a section
of a document, a record of another target, a decision, the code.

BUILD is an id that isf log shows, or its beginning; or a number: 1 is the build
before that made other rows, 2 the one before that. The rows of the last ten
such builds are kept in .isf.`,
		Example: `  isf diff identity-augmentation
  isf diff facts --against 1 -n 3 --full`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.in(nil, func(w *workspace) error { return a.runDiff(w, args[0], o) })
		},
	}
	c.Flags().StringVar(&o.against, "against", "1", "the build to compare with: an id of isf log, or how many to go back")
	c.Flags().IntVarP(&o.most, "number", "n", 10, "records to show")
	c.Flags().BoolVar(&o.full, "full", false, "show texts that did not change, too")
	c.Flags().BoolVar(&o.json, "json", false, "print all changes as JSON")
	return c
}

type diffOptions struct {
	against    string
	most       int
	full, json bool
}

// changeRow is one change of `diff --json`.
type changeRow struct {
	ID    string          `json:"id"`
	Kind  string          `json:"kind"`
	Cause string          `json:"cause"`
	Was   json.RawMessage `json:"was,omitempty"`
	Now   json.RawMessage `json:"now,omitempty"`
}

func (a *app) runDiff(w *workspace, name string, o diffOptions) error {
	t, err := w.oneWithRows(name)
	if err != nil {
		return err
	}
	diff, err := w.Changes(t, o.against)
	if err != nil {
		return err
	}
	if o.json {
		rows := []changeRow{}
		for _, c := range diff.Changes {
			rows = append(rows, changeRow{c.ID, c.Kind(), c.Cause, c.Was, c.Now})
		}
		return writeJSON(a.out, map[string]any{"name": t.Name, "against": diff.Was, "changes": rows})
	}
	a.printDiff(t.Name, diff, o)
	return nil
}

func (a *app) printDiff(name string, diff engine.Diff, o diffOptions) {
	counts := map[string]int{}
	for _, c := range diff.Changes {
		counts[c.Kind()]++
	}
	fmt.Fprintf(a.out, "%s: %s added, %s removed, %s changed since build %s\n", name,
		term.Count(int64(counts[engine.RowAdded])), term.Count(int64(counts[engine.RowRemoved])), term.Count(int64(counts[engine.RowChanged])), editionText(diff.Was))
	screen := screenOf(a.out)
	for i, c := range diff.Changes {
		if i == o.most {
			fmt.Fprintf(a.out, "\n%s more; -n %d shows all\n", count(len(diff.Changes)-o.most, "record"), len(diff.Changes))
			return
		}
		fmt.Fprintf(a.out, "\n%s\n  - %s\n", screen.Bold(c.Kind()+" "+safe(c.ID)), safe(c.Cause))
		printChange(a.out, screen, c.Was, c.Now, o.full)
	}
}

// editionText names a build by its id and its time.
func editionText(e engine.Edition) string {
	if e.Time.IsZero() {
		return or(e.Build, "unknown")
	}
	return fmt.Sprintf("%s (%s)", or(e.Build, "unknown"), e.Time.Local().Format("2006-01-02 15:04"))
}

func printChange(out io.Writer, screen term.Screen, was, now []byte, full bool) {
	for _, p := range samples.Beside(was, now) {
		if !p.Same() || full {
			fmt.Fprintf(out, "  %s:\n%s\n", safe(p.Label), indent(words(screen, folded(p.Was), folded(p.Now))))
		}
	}
}

// alike is the share of words that two texts have in common below which one is
// shown after the other: between them, a reader finds nothing any more.
const alike = 0.4

// words marks what is old and what is new, with signs that need no colour.
func words(screen term.Screen, was, now string) string {
	if was != "" && now != "" && worddiff.Alike(was, now) < alike {
		return marked(screen, []worddiff.Span{{Op: worddiff.Old, Text: safe(was) + "\n"}, {Op: worddiff.New, Text: safe(now)}})
	}
	return marked(screen, worddiff.Words(safe(was), safe(now)))
}

func marked(screen term.Screen, spans []worddiff.Span) string {
	var b strings.Builder
	for _, s := range spans {
		text := strings.TrimRight(s.Text, " \n\t")
		space := s.Text[len(text):]
		switch s.Op {
		case worddiff.Old:
			b.WriteString(screen.Red("[-" + text + "-]"))
		case worddiff.New:
			b.WriteString(screen.Green("{+" + text + "+}"))
		default:
			b.WriteString(text)
		}
		b.WriteString(space)
	}
	return b.String()
}
