package view

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/quality"
	"github.com/identity-shaping/isf/internal/term"
)

// A targetPage is a target with its rows.
type targetPage struct {
	Name    string
	Status  targetView
	Parts   []graph.Part
	History []logLine
	Rows    *rowsView
	Missing string // why there are no rows
	Menus   *menusView
	Query   query
	States  any
	Checks  []string
	Sorts   []string
}

// A logLine is one build of the target.
type logLine struct {
	Build  engine.LoggedBuild
	Target engine.LoggedTarget
	Cost   string
}

func (s *Studio) targetPage(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	now, err := s.survey()
	if err != nil {
		s.fail(w, r, err)
		return
	}
	st := now.status(name)
	if st == nil {
		s.fail(w, r, fmt.Errorf("%w as %q in this project", errNoTarget, name))
		return
	}
	p := targetPage{Name: name, Parts: st.Parts, Query: readQuery(r.URL.Query()), States: states, Checks: quality.Names(), Sorts: slices.Sorted(maps.Keys(sorts))}
	p.Status = targetView{Name: name, Mark: stateMark(st.State), Kind: st.Target.Kind, State: st.State, Records: st.Records, Noun: st.Target.Kind.Noun(), Errors: st.Errors, Reasons: st.Reasons, Cost: s.costs()[name]}
	p.History = s.history(name)
	rows, t, err := s.rowsView(r, name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		p.Missing = "It has no rows yet: isf build " + name + " makes them."
	case err != nil:
		p.Missing = err.Error()
	default:
		p.Rows = rows
		p.Menus = t.menus(name, p.Query)
	}
	s.page(w, r, "target", name, "graph", p)
}

// history are the last builds of a target, newest first.
func (s *Studio) history(name string) (out []logLine) {
	_ = s.with(func(w *Workspace) error {
		builds, err := w.Log(engine.EveryRun)
		for _, b := range slices.Backward(builds) {
			for _, t := range b.Targets {
				if t.Name == name && len(out) < 50 {
					line := logLine{Build: b, Target: t}
					if t.Priced && t.CostNano > 0 {
						line.Cost = term.Money(t.CostNano)
					}
					out = append(out, line)
				}
			}
		}
		return err
	})
	return out
}
