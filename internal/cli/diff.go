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
	var asJSON, full bool
	var most int
	c := &cobra.Command{
		Use:   "diff TARGET",
		Short: "Show what the last build added, removed and changed, word by word",
		Long: `Show how the rows of a target differ from those of the build before, and which
step of a changed record is to blame.`,
		Example: `  isf diff identity-augmentation
  isf diff facts -n 3 --full`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			w, err := a.open(nil)
			if err != nil {
				return err
			}
			defer w.close()
			return a.runDiff(w, args[0], most, full, asJSON)
		},
	}
	c.Flags().IntVarP(&most, "number", "n", 10, "records to show")
	c.Flags().BoolVar(&full, "full", false, "show texts that did not change, too")
	c.Flags().BoolVar(&asJSON, "json", false, "print all changes as JSON")
	return c
}

// changeRow is one change of `diff --json`.
type changeRow struct {
	ID    string          `json:"id"`
	Kind  string          `json:"kind"`
	Cause string          `json:"cause"`
	Was   json.RawMessage `json:"was,omitempty"`
	Now   json.RawMessage `json:"now,omitempty"`
}

func (a *app) runDiff(w *workspace, name string, most int, full, asJSON bool) error {
	t, err := w.oneWithRows(name)
	if err != nil {
		return err
	}
	changes, err := w.Changes(t)
	if err != nil {
		return err
	}
	if asJSON {
		rows := []changeRow{}
		for _, c := range changes {
			rows = append(rows, changeRow{c.ID, kindOf(c), c.Cause, c.Was, c.Now})
		}
		return writeJSON(a.out, map[string]any{"name": t.Name, "changes": rows})
	}
	a.printChanges(t.Name, changes, most, full)
	return nil
}

func kindOf(c engine.Change) string {
	switch {
	case c.Was == nil:
		return "added"
	case c.Now == nil:
		return "removed"
	}
	return "changed"
}

func (a *app) printChanges(name string, changes []engine.Change, most int, full bool) {
	counts := map[string]int{}
	for _, c := range changes {
		counts[kindOf(c)]++
	}
	fmt.Fprintf(a.out, "%s: %s added, %s removed, %s changed since the build before\n",
		name, term.Count(int64(counts["added"])), term.Count(int64(counts["removed"])), term.Count(int64(counts["changed"])))
	screen := screenOf(a.out)
	for i, c := range changes {
		if i == most {
			fmt.Fprintf(a.out, "\n%s more; -n %d shows all\n", count(len(changes)-most, "record"), len(changes))
			return
		}
		fmt.Fprintf(a.out, "\n%s %s  (%s)\n", kindOf(c), safe(c.ID), safe(c.Cause))
		printChange(a.out, screen, texts(c.Was), texts(c.Now), full)
	}
}

// texts are the texts of a row, with thinking folded.
func texts(row []byte) []samples.Text {
	all := samples.Texts(row)
	for i := range all {
		all[i].Body = folded(all[i].Body)
	}
	return all
}

func printChange(out io.Writer, screen term.Screen, was, now []samples.Text, full bool) {
	for i := range max(len(was), len(now)) {
		var before, after samples.Text
		if i < len(was) {
			before = was[i]
		}
		if i < len(now) {
			after = now[i]
		}
		if before == after && !full {
			continue
		}
		label := after.Label
		if label == "" {
			label = before.Label
		}
		fmt.Fprintf(out, "  %s:\n%s\n", safe(label), indent(words(screen, before.Body, after.Body)))
	}
}

// words marks what is old and what is new, with signs that need no colour.
func words(screen term.Screen, was, now string) string {
	var b strings.Builder
	for _, s := range worddiff.Words(safe(was), safe(now)) {
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
