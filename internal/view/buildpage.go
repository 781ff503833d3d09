package view

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/identity-shaping/isf/dispatch"
	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/term"
)

// A buildPage is what runs, and what ran.
type buildPage struct {
	Running []runningBuild
	Targets []targetView // that some build makes now, also one that does not answer
	Past    []pastBuild
	Write   bool
}

// A runningBuild is how one process goes. Rates are those of the last seconds,
// and of the whole build where nobody has looked before.
type runningBuild struct {
	PID    int
	Error  string // why it cannot say
	Status engine.Status
	Rate   string // requests
	Tokens string // tokens
	Tried  string // tries that failed, by kind
	Lines  []progressLine
	Purses []purse
}

// A progressLine is how far one target is.
type progressLine struct {
	engine.Snapshot
	About int // records, as many as in its last build; 0 once it is counted, or where nobody knows
	Rate  string
	Left  string // time
	Kinds string // errors, by kind
	Cost  string
}

// A purse is what was spent of a budget, in one of its measures.
type purse struct {
	Name         string // this build, today
	Spent, Limit int64
	Words        string
}

func (s *Studio) running(r *http.Request, now *survey) (out []runningBuild) {
	for _, b := range s.hub.builds(r.Context()) {
		one := runningBuild{PID: b.pid, Error: b.problem, Status: b.status, Tried: term.ByKind(b.status.Failures)}
		one.Rate = term.PerSecond(b.rate("sent"))
		if tokens := b.rate("tokens"); tokens > 0 {
			one.Tokens = term.Short(int64(tokens+0.5)) + "/s"
		}
		for _, t := range b.status.Targets {
			line := newProgressLine(t, b)
			if st := now.status(t.Target); st != nil && !t.Counted && !t.Over && st.Manifest != nil {
				line.About = st.Records + st.Errors
			}
			one.Lines = append(one.Lines, line)
		}
		for _, budget := range b.status.Budgets {
			one.Purses = append(one.Purses, newPurses(budget)...)
		}
		out = append(out, one)
	}
	return out
}

func newProgressLine(t engine.Snapshot, b build) progressLine {
	l := progressLine{Snapshot: t, Kinds: term.ByKind(t.ByError)}
	if t.CostNano > 0 {
		l.Cost = term.Money(t.CostNano)
	}
	if t.Over {
		return l
	}
	l.Rate = term.PerSecond(b.rate(t.Target))
	if t.Counted {
		l.Left = term.Roughly(b.takes(t.Target, t.Started-t.Done))
	}
	return l
}

// newPurses are the measures of a budget that are bounded.
func newPurses(b dispatch.Budget) (out []purse) {
	name := map[string]string{engine.BoundBuild: "this build", engine.BoundDay: "today"}[b.Name]
	for _, m := range []struct {
		spent, limit int64
		words        string
	}{
		{b.Spent.CostNano, b.Limit.CostNano, term.Money(b.Spent.CostNano) + " of " + term.Money(b.Limit.CostNano)},
		{b.Spent.Requests, b.Limit.Requests, fmt.Sprintf("%s of %s requests", term.Count(b.Spent.Requests), term.Count(b.Limit.Requests))},
		{b.Spent.Tokens, b.Limit.Tokens, fmt.Sprintf("%s of %s tokens", term.Short(b.Spent.Tokens), term.Short(b.Limit.Tokens))},
	} {
		if m.limit > 0 {
			out = append(out, purse{name, min(m.spent, m.limit), m.limit, m.words})
		}
	}
	return out
}

type pastBuild struct {
	engine.LoggedBuild
	Sent, Hits int64
	Cost       string
}

func (s *Studio) pastBuilds() (out []pastBuild, err error) {
	err = s.with(func(w *Workspace) error {
		builds, err := w.Log(20)
		for _, b := range slices.Backward(builds) {
			past := pastBuild{LoggedBuild: b}
			nano := int64(0)
			for _, t := range b.Targets {
				past.Sent, past.Hits, nano = past.Sent+t.Requests.Sent, past.Hits+t.Requests.Hits, nano+t.CostNano
			}
			if nano > 0 {
				past.Cost = term.Money(nano)
			}
			out = append(out, past)
		}
		return err
	})
	return out, err
}

func (s *Studio) buildPage(w http.ResponseWriter, r *http.Request) {
	now, err := s.survey()
	if err != nil {
		s.fail(w, r, err)
		return
	}
	p := &buildPage{Write: s.o.Write, Running: s.running(r, now)}
	for _, st := range now.statuses {
		if st.State == graph.Running {
			p.Targets = append(p.Targets, targetView{Name: st.Target.Name, Mark: stateMark(st.State), State: st.State})
		}
	}
	if p.Past, err = s.pastBuilds(); err != nil {
		s.fail(w, r, err)
		return
	}
	if part := r.PathValue("part"); part != "" {
		s.part(w, "build", part, p)
		return
	}
	s.page(w, r, "build", "Build", "build", p)
}

// takes is how long so many records of a target still take.
func (b build) takes(target string, more int64) time.Duration {
	if rate := b.rate(target); rate > 0 {
		return time.Duration(float64(more) / rate * float64(time.Second))
	}
	return 0
}
