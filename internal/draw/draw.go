// Package draw shows a graph: as text, for Graphviz, for Mermaid, as SVG.
//
// A Picture's nodes come in an order in which whatever is needed stands before
// what needs it, and every writer keeps that order, so that equal pictures give
// equal bytes. Names are written as text: nothing in them is markup.
package draw

import (
	"fmt"
	"io"
	"strings"
)

// A Node is a target or something a target is made from.
type Node struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Kind  string `json:"kind"`
	State string `json:"state,omitempty"` // of a target
	Note  string `json:"note,omitempty"`
}

// An Edge says that To is made from From.
type Edge struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// A Picture is a graph without cycles.
type Picture struct {
	Nodes []Node `json:"nodes"`
	Edges []Edge `json:"edges"`
}

// sources returns the nodes that the named node is made from, in order.
func (p Picture) sources(id string) []Node {
	var out []Node
	for _, n := range p.Nodes {
		for _, e := range p.Edges {
			if e.To == id && e.From == n.ID {
				out = append(out, n)
			}
		}
	}
	return out
}

// Text writes each target with what it is made from below it.
func Text(w io.Writer, p Picture) error {
	var b strings.Builder
	for _, n := range p.Nodes {
		if n.State == "" {
			continue
		}
		fmt.Fprintf(&b, "%s  %s", n.Name, n.State)
		if n.Note != "" {
			fmt.Fprintf(&b, ", %s", n.Note)
		}
		b.WriteByte('\n')
		from := p.sources(n.ID)
		for i, s := range from {
			arm := "├─"
			if i == len(from)-1 {
				arm = "└─"
			}
			fmt.Fprintf(&b, "  %s %s  (%s)", arm, s.Name, s.Kind)
			if s.State == "" { // what a model says is made from something, too
				for _, of := range p.sources(s.ID) {
					fmt.Fprintf(&b, " ← %s", of.Name)
				}
			}
			b.WriteByte('\n')
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Dot writes the graph for Graphviz.
func Dot(w io.Writer, p Picture) error {
	var b strings.Builder
	b.WriteString("digraph isf {\n  rankdir=LR\n  node [fontname=\"sans-serif\"]\n")
	for _, n := range p.Nodes {
		shape := "note"
		if n.State != "" {
			shape = "box"
		}
		fmt.Fprintf(&b, "  %s [shape=%s label=%s]\n", dotQuote(n.ID), shape, dotQuote(label(n, "\n")))
	}
	for _, e := range p.Edges {
		fmt.Fprintf(&b, "  %s -> %s\n", dotQuote(e.From), dotQuote(e.To))
	}
	b.WriteString("}\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func dotQuote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

// Mermaid writes the graph as a Mermaid flowchart.
func Mermaid(w io.Writer, p Picture) error {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	index := map[string]int{}
	for i, n := range p.Nodes {
		index[n.ID] = i
		text := strings.NewReplacer(`"`, "#quot;", "<", "#lt;", ">", "#gt;").Replace(label(n, "\n"))
		fmt.Fprintf(&b, "  n%d[\"%s\"]\n", i, strings.ReplaceAll(text, "\n", "<br/>"))
	}
	for _, e := range p.Edges {
		fmt.Fprintf(&b, "  n%d --> n%d\n", index[e.From], index[e.To])
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// label is what stands in a node's box.
func label(n Node, sep string) string {
	parts := []string{n.Name}
	if n.State == "" {
		parts = append(parts, n.Kind)
	} else {
		parts = append(parts, strings.TrimSuffix(n.State+", "+n.Note, ", "))
	}
	return strings.Join(parts, sep)
}
