package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/engine"
)

// targetStatus is one target of `status --json`.
type targetStatus struct {
	Name    string      `json:"name"`
	Kind    graph.Kind  `json:"kind"`
	State   graph.State `json:"state"`
	Reasons []string    `json:"reasons"`
	Records int         `json:"records"`
	Errors  int         `json:"errors"`
	Output  string      `json:"output"`

	Kept []graph.Kept `json:"kept,omitempty"` // answers from before an edit that somebody let stand
}

func (a *app) statusCommand() *cobra.Command {
	var asJSON, exit bool
	c := &cobra.Command{
		Use:   "status [TARGET…]",
		Short: "Say which targets are current, and why the others are not",
		Long: `Say which targets are current, and why the others are not. Nothing is changed
or asked, and it works while a build runs.

States: CURRENT, PARTIAL (made with -n), STALE (something it is made from has
changed), MISSING (never made), EDITED (the output was changed by hand),
FAILED (the last build of just this failed), RUNNING (a build makes it now).`,
		Example: `  isf status
  isf status training/data/all --exit-code   # exits 3 if something is not current`,
		RunE: func(c *cobra.Command, args []string) error {
			return a.in(nil, func(w *workspace) error { return a.runStatus(w, args, asJSON, exit) })
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().BoolVar(&exit, "exit-code", false, "exit with 3 if something is not current")
	return c
}

func (a *app) runStatus(w *workspace, patterns []string, asJSON, exit bool) error {
	statuses, err := w.statuses(patterns)
	if err != nil {
		return err
	}
	if asJSON {
		err = writeJSON(a.out, map[string]any{"targets": statusRows(statuses)})
	} else {
		printStatus(a.out, statuses)
		if a.stock {
			fmt.Fprintln(a.err, "the code was not looked at (--stock)")
		}
	}
	if err != nil || !exit {
		return err
	}
	for _, s := range statuses {
		if s.State != graph.Current {
			return errNotCurrent
		}
	}
	return nil
}

// statuses looks at the named targets, or at all.
func (w *workspace) statuses(patterns []string) ([]graph.Status, error) {
	if len(patterns) == 0 {
		patterns = []string{"all"}
	}
	targets, err := w.Graph.Select(patterns)
	if err != nil {
		return nil, engine.Usagef("%w", err)
	}
	return w.Graph.Survey(w.reader, w.Project).Statuses(targets)
}

func statusRows(statuses []graph.Status) []targetStatus {
	rows := []targetStatus{}
	for _, s := range statuses {
		row := targetStatus{Name: s.Target.Name, Kind: s.Target.Kind, State: s.State, Reasons: []string{}, Records: s.Records, Errors: s.Errors, Output: s.Target.Output}
		if s.Manifest != nil {
			row.Kept = s.Manifest.Kept
		}
		for _, r := range s.Reasons {
			row.Reasons = append(row.Reasons, r.Text)
		}
		rows = append(rows, row)
	}
	return rows
}

func printStatus(out io.Writer, statuses []graph.Status) {
	width := 0
	for _, s := range statuses {
		width = max(width, len(s.Target.Name))
	}
	for _, s := range statuses {
		line := fmt.Sprintf("%-8s %-*s", s.State, width, s.Target.Name)
		if s.Manifest != nil {
			line += "  " + count(s.Records, s.Target.Kind.Noun())
			if s.Errors > 0 {
				line += fmt.Sprintf(", %s", count(s.Errors, "error"))
			}
		}
		if s.Manifest != nil && len(s.Manifest.Kept) > 0 {
			line += "  " + keptText(s.Manifest.Kept)
		}
		fmt.Fprintln(out, strings.TrimRight(line, " "))
		printReasons(out, s.Reasons)
	}
}

// printReasons writes each reason with the place it points at and the chain of
// targets it came through. Reasons of one root are told once, with the number of
// inputs that share it.
func printReasons(out io.Writer, reasons []graph.Reason) {
	also := map[string][]graph.Reason{} // by root
	for _, r := range reasons {
		also[root(r)] = append(also[root(r)], r)
	}
	for _, r := range reasons {
		text := r.Text
		if r.Detail != "" {
			text += ": " + r.Detail
		}
		if key := root(r); key != "" {
			if also[key] == nil {
				continue // told with the first of them
			}
			text += others(also[key][1:])
			also[key] = nil
		}
		fmt.Fprintf(out, "  - %s\n", safe(text))
		for _, c := range r.Cause {
			fmt.Fprintf(out, "      ← %s\n", safe(c))
		}
	}
}

// root is where a chain began, "" of a reason that is its own root.
func root(r graph.Reason) string {
	if n := len(r.Cause); n > 1 {
		return r.Cause[n-2] + "\n" + r.Cause[n-1]
	}
	return ""
}

// others counts the inputs that have the same cause.
func others(reasons []graph.Reason) string {
	var kinds []string
	counts := map[string]int{}
	for _, r := range reasons {
		if counts[r.Type]++; counts[r.Type] == 1 {
			kinds = append(kinds, r.Type)
		}
	}
	for i, k := range kinds {
		kinds[i] = count(counts[k], k)
	}
	if len(kinds) == 0 {
		return ""
	}
	return " (and " + strings.Join(kinds, " and ") + " for the same reason)"
}
