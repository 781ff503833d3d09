package draw

import (
	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/term"
)

// Of lists targets with the things they are made from, what is needed
// before what needs it. Files, models and prompts appear once each.
func Of(statuses []graph.Status) Picture {
	p := Picture{Nodes: []Node{}, Edges: []Edge{}}
	chosen, seen := map[string]bool{}, map[string]bool{}
	for _, s := range statuses {
		chosen[s.Target.Name] = true
	}
	node := func(n Node) {
		if !seen[n.ID] {
			seen[n.ID] = true
			p.Nodes = append(p.Nodes, n)
		}
	}
	for _, s := range statuses {
		for _, m := range spoken(s.Target) {
			switch {
			case m.File != "":
				node(Node{ID: "file:" + m.File, Name: m.File, Kind: "frozen prompt"})
				p.Edges = append(p.Edges, Edge{From: "file:" + m.File, To: "model:" + m.Registry})
			case chosen[m.Prompt]:
				p.Edges = append(p.Edges, Edge{From: m.Prompt, To: "model:" + m.Registry})
			}
		}
		for _, in := range s.Parts {
			id, kind := inputNode(in)
			if id == "" {
				continue
			}
			if kind != "" {
				node(Node{ID: id, Name: in.Ref, Kind: kind})
			}
			if kind != "" || chosen[id] {
				p.Edges = append(p.Edges, Edge{From: id, To: s.Target.Name})
			}
		}
		node(Node{ID: s.Target.Name, Name: s.Target.Name, Kind: string(s.Target.Kind), State: string(s.State), Note: outcome(s)})
	}
	p.Edges = unique(p.Edges)
	return p
}

// spoken are the models that a target asks whose system prompt is the
// identity's: it comes from a target, or from a version's file.
func spoken(t *graph.Target) (all []graph.Model) {
	for _, in := range t.Inputs {
		if m, ok := in.(graph.Model); ok && (m.Prompt != "" || m.File != "") {
			all = append(all, m)
		}
	}
	return all
}

// inputNode returns the id of an input in the picture, and its kind unless it
// is a target itself. Parameters and code are no nodes: they belong to one
// target.
// InputID is the id of the node that an input is, "" if it is none.
func InputID(in graph.Part) string {
	id, _ := inputNode(in)
	return id
}

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

func outcome(s graph.Status) string {
	if s.Manifest == nil {
		return ""
	}
	return term.Plural(int64(s.Records), s.Target.Kind.Noun())
}

func unique(edges []Edge) []Edge {
	seen := map[Edge]bool{}
	out := edges[:0]
	for _, e := range edges {
		if !seen[e] {
			seen[e] = true
			out = append(out, e)
		}
	}
	return out
}
