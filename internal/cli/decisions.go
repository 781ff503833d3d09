package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/samples"
)

func (a *app) rerollCommand() *cobra.Command {
	var undo, errorRows bool
	var finding string
	c := &cobra.Command{
		Use:   "reroll TARGET:RECORD…",
		Short: "Have the next build ask for these records again",
		Long: `Have the next build ask for these records again: the requests of the stage that
makes them get another key, so that the answers kept so far stay. The decision
is a line of NAME.decisions.jsonl, which is committed; --undo takes it back, and
the first answers are there again.`,
		Example: `  isf reroll behaviour:p-01ce187b80
  isf reroll behaviour --errors
  isf reroll behaviour --finding refused
  isf reroll behaviour:p-01ce187b80 --undo`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			var those records
			switch {
			case errorRows && finding != "":
				return engine.Usagef("--errors and --finding: give one")
			case errorRows:
				those = rerollErrors
			case finding != "":
				those = func(_ *workspace, t *graph.Target) ([]engine.Decision, error) {
					return a.rerollFound(c.Context(), t, finding)
				}
			}
			did := "to be asked again"
			if undo {
				did = "no longer to be asked again: the first answers count"
			}
			return a.decide(args, those, did, func(w *workspace, t *graph.Target, id string) (engine.Decision, error) {
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
	c.Flags().StringVar(&finding, "finding", "", "with a target: every row that this check finds; isf check --help lists them")
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
			return a.decide(args, (*workspace).edited, "pinned", func(w *workspace, t *graph.Target, id string) (engine.Decision, error) {
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
			return a.decide(args, nil, "unpinned", func(_ *workspace, _ *graph.Target, id string) (engine.Decision, error) {
				return engine.Decision{Unpin: id}, nil
			})
		},
	}
}

// records are those that a target without a record stands for.
type records func(*workspace, *graph.Target) ([]engine.Decision, error)

// decide writes a decision for each named record. A target without a record
// stands for those; without them every record must be named.
func (a *app) decide(args []string, those records, did string, about func(*workspace, *graph.Target, string) (engine.Decision, error)) error {
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
		case those != nil:
			all, err = those(w, t)
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
		fmt.Fprintf(a.out, "%s: %s %s; %s\n", t.Name, count(len(all), "record"), did, w.toBuild(t))
	}
	return nil
}

// toBuild says how a target, and what is made from it, becomes current.
func (w *workspace) toBuild(t *graph.Target) string {
	if len(w.Graph.Users(t)) == 0 {
		return fmt.Sprintf("run isf build %s", t.Name)
	}
	return fmt.Sprintf("run isf build %s+ (with what is made from it)", t.Name)
}

// oneWithRows returns the one dataset, table or recipe of that name.
func (w *workspace) oneWithRows(name string) (*graph.Target, error) {
	targets, err := w.Graph.Select([]string{name})
	if err != nil {
		return nil, engine.Usagef("%w", err)
	}
	if len(targets) != 1 || targets[0].Pipeline == "" && targets[0].Kind != graph.Recipe {
		return nil, engine.Usagef("%q names %d targets, and one dataset, table or recipe is wanted", name, len(targets))
	}
	return targets[0], nil
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

func (w *workspace) edited(t *graph.Target) ([]engine.Decision, error) { return w.Edited(t) }

// rerollFound takes the rows that a check finds.
func (a *app) rerollFound(ctx context.Context, t *graph.Target, check string) (all []engine.Decision, err error) {
	w, s, err := a.source(t.Name)
	if err != nil {
		return nil, err
	}
	if w != nil {
		defer w.close()
	}
	o := sampleOptions{finding: check}
	o.offline = true // looking is free
	found, err := a.found(ctx, w, s, o)
	if err != nil {
		return nil, err
	}
	in, err := s.file(outputRows)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	for line, err := range samples.Rows(in) {
		if err != nil {
			return nil, err
		}
		ok, err := found(line)
		if err != nil {
			return nil, err
		}
		var row struct{ ID string }
		if ok && json.Unmarshal(line.Text, &row) == nil && row.ID != "" {
			all = append(all, engine.Decision{Reroll: row.ID})
		}
	}
	return all, nil
}

func rerollErrors(w *workspace, t *graph.Target) ([]engine.Decision, error) {
	ids, err := w.FailedRecords(t)
	var all []engine.Decision
	for _, id := range ids {
		all = append(all, engine.Decision{Reroll: id})
	}
	return all, err
}
