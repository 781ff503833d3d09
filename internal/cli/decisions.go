package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/engine"
)

func (a *app) rerollCommand() *cobra.Command {
	var undo, errorRows bool
	c := &cobra.Command{
		Use:   "reroll TARGET:RECORD…",
		Short: "Have the next build ask for these records again",
		Long: `Have the next build ask for these records again: the requests of the stage that
makes them get another key, so that the answers kept so far stay. The decision
is a line of NAME.decisions.jsonl, which is committed; --undo takes it back, and
the first answers are there again.`,
		Example: `  isf reroll behaviour:p-01ce187b80
  isf reroll behaviour --errors
  isf reroll behaviour:p-01ce187b80 --undo`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.decide(args, errorRows, "rerolled", func(w *workspace, t *graph.Target, id string) (engine.Decision, error) {
				if undo {
					return engine.Decision{Unreroll: id}, nil
				}
				_, err := w.FindRow(t.Name, id)
				return engine.Decision{Reroll: id}, err
			})
		},
	}
	c.Flags().BoolVar(&undo, "undo", false, "take the rerolls of these records back")
	c.Flags().BoolVar(&errorRows, "errors", false, "with a target: every record in its errors file")
	return c
}

func (a *app) pinCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "pin TARGET[:RECORD]…",
		Short: "Keep rows as they are now, through every build",
		Long: `Keep rows as they are now, whatever a build makes in their place. With a target
alone, every row that was edited by hand since the last build. Pinned rows say
so, and a build tells when what they stand for has changed. The decision is a
line of NAME.decisions.jsonl, which is committed.`,
		Example: `  isf pin behaviour                   # every row edited by hand
  isf pin behaviour:p-01ce187b80`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.decide(args, false, "pinned", func(w *workspace, t *graph.Target, id string) (engine.Decision, error) {
				return w.PinOf(t, id)
			})
		},
	}
}

func (a *app) unpinCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "unpin TARGET:RECORD…",
		Short:   "Let the next build make these rows again",
		Example: `  isf unpin behaviour:p-01ce187b80`,
		Args:    cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.decide(args, true, "unpinned", func(_ *workspace, _ *graph.Target, id string) (engine.Decision, error) {
				return engine.Decision{Unpin: id}, nil
			})
		},
	}
}

// decide writes a decision for each named record. A target without a record
// stands for those that edited finds.
func (a *app) decide(args []string, named bool, did string, about func(*workspace, *graph.Target, string) (engine.Decision, error)) error {
	w, err := a.open(nil)
	if err != nil {
		return err
	}
	defer w.close()
	for _, arg := range args {
		name, id, one := strings.Cut(arg, ":")
		t, err := w.oneDataset(name)
		if err != nil {
			return err
		}
		var all []engine.Decision
		switch {
		case one:
			d, err := about(w, t, id)
			if err != nil {
				return err
			}
			all = []engine.Decision{d}
		case did == "pinned":
			all, err = w.Edited(t)
		case did == "rerolled" && named:
			all, err = rerollErrors(w, t)
		default:
			return engine.Usagef("name the records: %s:RECORD", t.Name)
		}
		if err != nil {
			return err
		}
		if len(all) == 0 {
			fmt.Fprintf(a.out, "%s: nothing to do\n", t.Name)
			continue
		}
		if err := w.Decide(t, all); err != nil {
			return err
		}
		fmt.Fprintf(a.out, "%s: %s %s; run isf build %s\n", t.Name, count(len(all), "record"), did, t.Name)
	}
	return nil
}

// oneDataset returns the one dataset or table of that name.
func (w *workspace) oneDataset(name string) (*graph.Target, error) {
	targets, err := w.Graph.Select([]string{name})
	if err != nil {
		return nil, engine.Usagef("%w", err)
	}
	if len(targets) != 1 || targets[0].Pipeline == "" {
		return nil, engine.Usagef("%q names %d targets, and one dataset or table is wanted", name, len(targets))
	}
	return targets[0], nil
}

func rerollErrors(w *workspace, t *graph.Target) ([]engine.Decision, error) {
	ids, err := w.FailedRecords(t)
	var all []engine.Decision
	for _, id := range ids {
		all = append(all, engine.Decision{Reroll: id})
	}
	return all, err
}
