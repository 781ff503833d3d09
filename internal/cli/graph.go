package cli

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/graph"
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
			w, err := a.open(nil)
			if err != nil {
				return err
			}
			defer w.close()
			return a.runGraph(w, args, format)
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
	return render(a.out, picture(w.Graph, statuses))
}

// picture lists targets with the things they are made from, what is needed
// before what needs it. Files, models and prompts appear once each.
func picture(g *graph.Graph, statuses []graph.Status) draw.Picture {
	p := draw.Picture{Nodes: []draw.Node{}, Edges: []draw.Edge{}}
	chosen, seen := map[string]bool{}, map[string]bool{}
	for _, s := range statuses {
		chosen[s.Target.Name] = true
	}
	node := func(n draw.Node) {
		if !seen[n.ID] {
			seen[n.ID] = true
			p.Nodes = append(p.Nodes, n)
		}
	}
	for _, s := range statuses {
		for _, in := range s.Parts {
			id, kind := inputNode(in)
			if id == "" {
				continue
			}
			if kind != "" {
				node(draw.Node{ID: id, Name: in.Ref, Kind: kind})
			}
			if kind != "" || chosen[id] {
				p.Edges = append(p.Edges, draw.Edge{From: id, To: s.Target.Name})
			}
		}
		for _, need := range g.Direct(s.Target) {
			if chosen[need.Name] && need.Kind == graph.Prompt {
				p.Edges = append(p.Edges, draw.Edge{From: need.Name, To: s.Target.Name})
			}
		}
		node(draw.Node{ID: s.Target.Name, Name: s.Target.Name, Kind: string(s.Target.Kind), State: string(s.State), Note: note(s)})
	}
	p.Edges = unique(p.Edges)
	return p
}

// inputNode returns the id of an input in the picture, and its kind unless it
// is a target itself. Parameters and code are no nodes: they belong to one
// target.
func inputNode(in graph.Part) (id, kind string) {
	switch in.Type {
	case graph.TypeTarget, graph.TypePipeline:
		return in.Ref, ""
	case graph.TypeRecipe:
		return "file:" + in.Ref, "recipe"
	case graph.TypeFile, graph.TypeDir, graph.TypeGlob, graph.TypeRemote, graph.TypeSamples:
		return "file:" + in.Ref, "file"
	case graph.TypePrompt:
		return "file:" + in.Ref, "prompt file"
	case graph.TypeModel:
		return "model:" + in.Ref, "model"
	}
	return "", ""
}

func note(s graph.Status) string {
	if s.Manifest == nil {
		return ""
	}
	return count(s.Records, noun(s.Target.Kind))
}

func unique(edges []draw.Edge) []draw.Edge {
	seen := map[draw.Edge]bool{}
	out := edges[:0]
	for _, e := range edges {
		if !seen[e] {
			seen[e] = true
			out = append(out, e)
		}
	}
	return out
}
