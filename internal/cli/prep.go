package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/recipes"
)

func (a *app) prepCommand() *cobra.Command {
	var o buildOptions
	var dry bool
	c := &cobra.Command{
		Use:   "prep RECIPE",
		Short: "Prepare one recipe from what its pipelines have made",
		Long: `Prepare one recipe from the outputs of its pipelines as they are. No pipeline
runs and no model is asked: ` + "`isf build training/data/prepared/RECIPE`" + ` makes the
pipelines current first.

A pipeline that is stale is used, with a warning. One that is partial, failed or
was never run is refused, unless --allow-partial is given: the result is PARTIAL.`,
		Example: `  isf train data prep default
  isf train data prep default --dry-run      # what it would take from where`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.runPrep(c.Context(), args[0], o, dry)
		},
	}
	f := c.Flags()
	f.BoolVar(&dry, "dry-run", false, "say what it would take from where, and write nothing")
	f.BoolVarP(&o.Force, "force", "f", false, "prepare although it is current, and replace an output that was edited by hand")
	f.BoolVar(&o.AllowPartial, "allow-partial", false, "prepare also over pipelines that are partial or failed; the result is PARTIAL")
	f.BoolVar(&o.NoWait, "no-wait", false, "fail where another process prepares the recipe, in place of waiting")
	f.BoolVar(&o.json, "json", false, "print the report as JSON on standard output")
	return c
}

func (a *app) runPrep(ctx context.Context, name string, o buildOptions, dry bool) error {
	w, err := a.open(nil)
	if err != nil {
		return err
	}
	defer w.close()
	t, err := w.Recipe(name)
	if err != nil {
		return engine.Usagef("%w", err)
	}
	if dry {
		return a.rehearse(ctx, w, t, o)
	}
	o.AsIs = true
	return a.build(ctx, w, []*graph.Target{t}, o)
}

func (a *app) rehearse(ctx context.Context, w *workspace, t *graph.Target, o buildOptions) error {
	rep, notes, err := w.Rehearse(ctx, t, w.reader, o.Options)
	switch {
	case rep.Categories == nil:
		return fmt.Errorf("%s: %w", t.Name, err)
	case o.json:
		if err := writeJSON(a.out, map[string]any{"name": t.Name, "records": rep.Total, "categories": rep.Categories, "notes": append([]string{}, notes...)}); err != nil {
			return err
		}
	default:
		fmt.Fprintf(a.out, "%s would have %s\n", t.Name, count(rep.Total, "sample"))
		printMix(a.out, rep)
		printNotes(a.out, "", notes)
	}
	return err
}

// printMix lists what each category and source gives.
func printMix(out io.Writer, rep recipes.Report) {
	for _, c := range rep.Categories {
		fmt.Fprintf(out, "  %s: %d of %s\n", safe(c.Name), c.Used, count(c.Available, "sample"))
		for _, s := range c.Sources {
			line := fmt.Sprintf("%s %s: %d of %s", s.Kind, s.Name, s.Used, count(s.Rows, "row"))
			if len(s.Dropped) > 0 {
				line += "; left out: " + recipes.Reasons(s.Dropped)
			}
			fmt.Fprintf(out, "    %s\n", safe(line))
		}
	}
}

func printNotes(out io.Writer, name string, notes []string) {
	if name != "" {
		name += ": "
	}
	for _, n := range notes {
		fmt.Fprintf(out, "note      %s%s\n", name, safe(n))
	}
}
