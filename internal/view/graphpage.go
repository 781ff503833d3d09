package view

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/draw"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/term"
)

// A graphView is the graph as its page shows it.
type graphView struct {
	Width, Height int
	Boxes         []boxView
	Arrows        []arrowView
	Targets       []targetView
	Running       bool
}

type boxView struct {
	draw.Box
	Mark    string
	Touched bool   // something that it is made from has changed
	Said    string // everything about it, in words
	Link    string
}

type arrowView struct {
	draw.Arrow
	Touched bool
}

// A targetView is a line of the list beside the picture.
type targetView struct {
	Name, Mark string
	Kind       graph.Kind
	State      graph.State
	Records    int
	Noun       string
	Errors     int
	Reasons    []graph.Reason
	Cost       string // of its last build
}

func (s *Studio) graphPage(w http.ResponseWriter, r *http.Request) {
	v, err := s.graphView()
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.page(w, r, "graph", "Graph", "graph", v)
}

func (s *Studio) graphPart(w http.ResponseWriter, r *http.Request) {
	v, err := s.graphView()
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.part(w, "graph", "graph", v)
}

func (s *Studio) graphView() (*graphView, error) {
	now, err := s.survey()
	if err != nil {
		return nil, err
	}
	costs := s.costs()
	v := &graphView{}
	touched, said := touches(now.statuses), map[string]string{}
	for _, st := range now.statuses {
		line := targetView{Name: st.Target.Name, Mark: stateMark(st.State), Kind: st.Target.Kind, State: st.State, Records: st.Records, Noun: st.Target.Kind.Noun(), Errors: st.Errors, Reasons: st.Reasons, Cost: costs[st.Target.Name]}
		if line.Kind != graph.Report || line.State != graph.Missing { // a report is there for who has built it once
			v.Targets = append(v.Targets, line)
		}
		v.Running = v.Running || st.State == graph.Running
		said[st.Target.Name] = line.words(s.plans.known(now)[st.Target.Name])
	}
	boxes, arrows, width, height := draw.Place(drawn(now.picture, s.plans.known(now)))
	v.Width, v.Height = width, height
	for _, b := range boxes {
		box := boxView{Box: b, Mark: stateMark(graph.State(b.State)), Touched: touched[draw.Edge{From: b.ID}], Said: said[b.ID]}
		if b.State != "" {
			box.Link = "/t/" + b.ID
		} else if box.Said = b.Kind + " " + b.Name; box.Touched {
			box.Said += ": it has changed"
		}
		v.Boxes = append(v.Boxes, box)
	}
	for _, a := range arrows {
		v.Arrows = append(v.Arrows, arrowView{a, touched[a.Edge]})
	}
	return v, nil
}

// touches are what an edit has touched: inputs that are not what they were and
// targets that are not current, each as an edge from it to nowhere, and the ways
// from the one to the other.
func touches(statuses []graph.Status) map[draw.Edge]bool {
	touched := map[draw.Edge]bool{}
	for _, st := range statuses {
		name := st.Target.Name
		touched[draw.Edge{From: name}] = st.State != graph.Current && st.State != graph.Partial && st.State != graph.Running
		for _, r := range st.Reasons {
			for _, in := range st.Parts {
				if id := draw.InputID(in); id != "" && r.Input != "" && in.Attr == r.Input {
					touched[draw.Edge{From: id}], touched[draw.Edge{From: id, To: name}] = true, true
				}
			}
		}
	}
	return touched
}

// drawn leaves out the reports, each of which hangs on its target and the same
// files: the list has them. Boxes bear short names, and what a build would send.
func drawn(p draw.Picture, plan map[string]string) draw.Picture {
	out, needed, kept := draw.Picture{}, map[string]bool{}, map[string]bool{}
	reports := map[string]bool{}
	for _, n := range p.Nodes {
		reports[n.ID] = n.Kind == string(graph.Report)
		kept[n.ID] = n.State != "" && !reports[n.ID]
	}
	for _, e := range p.Edges {
		if !reports[e.To] {
			out.Edges, needed[e.From] = append(out.Edges, e), true
		}
	}
	for _, n := range p.Nodes {
		if kept[n.ID] || needed[n.ID] && !reports[n.ID] {
			if n.State != "" {
				n.Name = strings.TrimPrefix(strings.TrimPrefix(n.Name, "training/data/"), "identity/versions/")
			}
			if sends := plan[n.ID]; sends != "" {
				n.Note = sends
			}
			out.Nodes = append(out.Nodes, n)
		}
	}
	return out
}

// words are everything that is known of a target: state, records, cost, what a
// build would send, and the causes down to their roots.
func (v targetView) words(sends string) string {
	text := fmt.Sprintf("%s: %s", v.Name, v.State)
	if v.Records > 0 {
		text += ", " + count(v.Records, v.Noun)
	}
	if v.Errors > 0 {
		text += ", " + count(v.Errors, "error")
	}
	if v.Cost != "" {
		text += ", the last build cost " + v.Cost
	}
	if sends != "" {
		text += ", " + sends
	}
	for _, r := range v.Reasons[:min(3, len(v.Reasons))] {
		text += ". " + r.String()
		for _, c := range r.Cause {
			text += " ← " + c
		}
	}
	return text
}

// costs are what the last logged build of each target cost.
func (s *Studio) costs() map[string]string {
	out := map[string]string{}
	_ = s.with(func(w *Workspace) error {
		builds, err := w.Log(engine.EveryRun)
		for _, b := range builds {
			for _, t := range b.Targets {
				if t.Requests.Sent > 0 && t.Priced {
					out[t.Name] = term.Money(t.CostNano)
				}
			}
		}
		return err // losing the log loses the costs
	})
	return out
}

// A planView is what a build would send.
type planView struct {
	Targets []planLine
	Misses  int64
	Cost    string
	Tokens  int64
	Seconds float64
	Unknown bool // more follows from answers that are not there
	Open    bool // and nobody can say how much, so the sums are what it takes at least
	Error   string
}

type planLine struct {
	Name    string
	Misses  int64
	Unknown int64
	Hits    int64
	Cost    string
	Causes  []engine.Cause
	Error   string
}

func (s *Studio) planPart(w http.ResponseWriter, r *http.Request) {
	now, err := s.survey()
	if err != nil {
		s.part(w, "graph", "plan", planView{Error: err.Error()})
		return
	}
	plan, err := s.plans.of(r.Context(), now)
	if err != nil {
		s.part(w, "graph", "plan", planView{Error: err.Error()})
		return
	}
	v := planView{}
	nano, priced := int64(0), true
	for _, f := range plan {
		v.Misses += f.Misses
		v.Tokens += f.Prompt + f.Completion
		v.Seconds += f.Seconds
		v.Unknown = v.Unknown || f.Unknown != 0
		v.Open = v.Open || f.Unknown < 0
		nano, priced = nano+f.CostNano, priced && f.Priced
		line := planLine{Name: f.Target.Name, Misses: f.Misses, Unknown: f.Unknown, Hits: f.Hits, Causes: f.Causes}
		if f.Priced && f.CostNano > 0 {
			line.Cost = term.Money(f.CostNano)
		}
		if f.Err != nil {
			line.Error = f.Err.Error()
		}
		if f.Misses > 0 || f.Unknown != 0 || f.Err != nil {
			v.Targets = append(v.Targets, line)
		}
	}
	if priced && nano > 0 {
		v.Cost = term.Money(nano)
	}
	w.Header().Set("HX-Trigger", "isf:planned") // the picture shows it, too
	s.part(w, "graph", "plan", v)
}
