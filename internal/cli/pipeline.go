package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/engine"
)

func (a *app) pipelineCommand() *cobra.Command {
	c := &cobra.Command{Use: "pipeline", Short: "Run pipelines by name, list them, see their states"}
	c.AddCommand(a.pipelineRunCommand(), a.pipelineListCommand(), a.pipelineStatusCommand())
	return c
}

func (a *app) pipelineRunCommand() *cobra.Command {
	var o buildOptions
	c := &cobra.Command{
		Use:   "run NAME",
		Short: "Build the target of one pipeline, and what it needs",
		Example: `  isf pipeline run identity-augmentation
  isf pipeline run behaviour -n 10 -o sample.jsonl --annotate`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.runPipeline(c.Context(), args[0], o)
		},
	}
	o.flags(c)
	return c
}

func (a *app) runPipeline(ctx context.Context, name string, o buildOptions) error {
	w, err := a.open(o.sets)
	if err != nil {
		return err
	}
	defer w.close()
	if err := a.needPipelines(); err != nil {
		return err
	}
	made := w.made()
	i := slices.IndexFunc(made, func(t *graph.Target) bool { return t.Pipeline == name })
	if i < 0 {
		_, err := w.Pipeline(name)
		return engine.Usagef("%w", err)
	}
	if err := o.check(1); err != nil {
		return err
	}
	return a.build(ctx, w, made[i:i+1], o)
}

func (a *app) pipelineListCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List the project's pipelines",
		Example: `  isf pipeline list
  isf pipeline list --json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.in(nil, func(w *workspace) error { return a.listPipelines(w, asJSON) })
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func (a *app) listPipelines(w *workspace, asJSON bool) error {
	type row struct {
		Name   string     `json:"name"`
		Kind   graph.Kind `json:"kind"`
		Output string     `json:"output"`
	}
	rows, width := []row{}, 0
	for _, t := range w.made() {
		rows = append(rows, row{t.Pipeline, t.Kind, t.Output})
		width = max(width, len(t.Pipeline))
	}
	if asJSON {
		return writeJSON(a.out, rows)
	}
	for _, r := range rows {
		fmt.Fprintf(a.out, "%-*s  %-7s  %s\n", width, r.Name, r.Kind, r.Output)
	}
	return nil
}

func (a *app) pipelineStatusCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "status",
		Short:   "Say which pipelines are current",
		Example: `  isf pipeline status`,
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.in(nil, a.pipelineStatus)
		},
	}
}

// pipelineStatus prints the lines of the Python toolkit, word for word.
func (a *app) pipelineStatus(w *workspace) error {
	for _, t := range w.made() {
		statuses, err := w.statuses([]string{t.Name})
		if err != nil {
			return err
		}
		a.oldStatus(t.Pipeline, statuses[0])
	}
	return nil
}

// made are the targets of the project's pipelines, in their order, and then
// those of pipelines that are not there: of a project that is being ported, or
// whose code is not run.
func (w *workspace) made() []*graph.Target {
	var all []*graph.Target
	for _, q := range w.Pipelines {
		all = append(all, w.TargetOf(q))
	}
	for _, t := range w.Graph.Targets() {
		if t.Pipeline != "" && !slices.Contains(all, t) {
			all = append(all, t)
		}
	}
	return all
}
