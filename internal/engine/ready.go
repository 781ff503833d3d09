package engine

import (
	"fmt"
	"slices"

	"github.com/identity-shaping/isf/dispatch"
	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/provider"
)

// Unready says whether targets, or what they need, may ask a model that would
// end the build: its key is not set, or it has no price where a budget is in
// USD. They may find all its answers in the cache.
func (p *Project) Unready(targets []*graph.Target, o Options) bool {
	for _, level := range p.Graph.Order(targets) {
		for _, t := range level {
			if len(p.unready(t, o)) > 0 {
				return true
			}
		}
	}
	return false
}

// WouldEnd is what a build that comes as forecast would end with, for want of a
// key or of a price; nil if it would not, or nobody can tell.
func (p *Project) WouldEnd(forecasts []Forecast, o Options) error {
	for _, f := range forecasts {
		for _, m := range p.unready(f.Target, o) {
			asked := f.Unknown < 0 || slices.ContainsFunc(f.Models, func(e ModelEstimate) bool { return e.Name == m.name && e.Requests > 0 })
			if asked {
				return fmt.Errorf("%s: %s", f.Target.Name, m.problem)
			}
		}
	}
	return nil
}

// An unready model cannot be asked; problem is a sentence on what to do.
type unready struct{ name, problem string }

// unready are those that the target's pipeline declares. What else is wrong with a
// model is told when it is asked.
func (p *Project) unready(t *graph.Target, o Options) (out []unready) {
	if t.Pipeline == "" {
		return nil
	}
	q, err := p.runnable(t)
	if err != nil {
		return nil
	}
	inUSD := slices.ContainsFunc(p.bounds(o.Budget), func(b dispatch.Bound) bool { return b.Limit.CostNano > 0 })
	for _, d := range q.deps {
		if _, ok := d.field.Interface().(Model); !ok {
			continue
		}
		info := p.ModelInfo(d.value(), o.Getenv)
		switch {
		case info.Model == nil:
		case info.Key == dispatch.KeyMissing:
			out = append(out, unready{info.Model.Name, info.Problem})
		case inUSD && !priced(info.Model):
			out = append(out, unready{info.Model.Name, dispatch.NoPrice(info.Model).Message})
		}
	}
	return out
}

// priced says whether somebody tells what a model costs, before it answers or then.
func priced(m *dispatch.Model) bool {
	row, _ := provider.Of(m.Provider)
	_, known := m.PriceKnown()
	return known || row.Bills
}
