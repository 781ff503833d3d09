package engine

import (
	"fmt"
	"slices"

	"github.com/identity-shaping/isf/dispatch"
	"github.com/identity-shaping/isf/graph"
)

// Keyless says whether targets, or what they need, may ask a model whose key is
// not set. They may find all its answers in the cache.
func (p *Project) Keyless(targets []*graph.Target, getenv func(string) string) bool {
	for _, level := range p.Graph.Order(targets) {
		for _, t := range level {
			if len(p.keyless(t, getenv)) > 0 {
				return true
			}
		}
	}
	return false
}

// MissingKey is what a build would end with that comes as forecast, for want of a
// key; nil if it would not, or nobody can tell.
func (p *Project) MissingKey(forecasts []Forecast, getenv func(string) string) error {
	for _, f := range forecasts {
		for _, m := range p.keyless(f.Target, getenv) {
			asked := f.Unknown < 0 || slices.ContainsFunc(f.Models, func(e ModelEstimate) bool { return e.Name == m.name && e.Requests > 0 })
			if asked {
				return fmt.Errorf("%s: %s", f.Target.Name, m.problem)
			}
		}
	}
	return nil
}

// A keyless model has no key, and a sentence on what to do.
type keyless struct{ name, problem string }

// keyless are those that the target's pipeline declares. What else is wrong with a
// model is told when it is asked.
func (p *Project) keyless(t *graph.Target, getenv func(string) string) (out []keyless) {
	if t.Pipeline == "" {
		return nil
	}
	q, err := p.runnable(t)
	if err != nil {
		return nil
	}
	for _, d := range q.deps {
		if _, ok := d.field.Interface().(Model); !ok {
			continue
		}
		if info := p.ModelInfo(d.value(), getenv); info.Model != nil && info.Key == dispatch.KeyMissing {
			out = append(out, keyless{info.Model.Name, info.Problem})
		}
	}
	return out
}
