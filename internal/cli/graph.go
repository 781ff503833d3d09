package cli

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/internal/draw"
	"github.com/identity-shaping/isf/internal/engine"
)

func (a *app) graphCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "graph [TARGET…]",
		Short: "Show what is made from what",
		Example: `  isf graph
  isf graph +identity-augmentation --format mermaid
  isf graph --format svg > graph.svg`,
		RunE: func(_ *cobra.Command, args []string) error {
			return a.in(nil, func(w *workspace) error { return a.runGraph(w, args, format) })
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text, dot, mermaid, svg or json")
	offer(c, "format", []string{"text", "dot", "mermaid", "svg", "json"})
	return c
}

func (a *app) runGraph(w *workspace, patterns []string, format string) error {
	render, ok := map[string]func(io.Writer, draw.Picture) error{
		"text": draw.Text, "dot": draw.Dot, "mermaid": draw.Mermaid, "svg": draw.SVG,
		"json": func(out io.Writer, p draw.Picture) error { return writeJSON(out, p) },
	}[format]
	if !ok {
		return engine.Usagef("--format %s: use text, dot, mermaid, svg or json", format)
	}
	statuses, err := w.statuses(patterns)
	if err != nil {
		return err
	}
	return render(a.out, draw.Of(statuses))
}
