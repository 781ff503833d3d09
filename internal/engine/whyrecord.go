package engine

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/dispatch"
	"github.com/identity-shaping/isf/graph"
)

// A StepWhy is one request of a record: what it is now, and what was asked in
// its place in the last build.
type StepWhy struct {
	Step  string
	Hit   bool         // the cache answers it
	Now   cache.Fields // nil where a record is not asked about any more
	Was   cache.Fields // nil where the last build asked nothing there
	Cause string       // of a miss
}

// WhyRecord says, for each request of a record, whether the cache answers it
// and, if not, what has changed. It replays the pipeline with nothing sent.
func (p *Project) WhyRecord(ctx context.Context, t *graph.Target, r *graph.Reader, id string, getenv func(string) string) ([]StepWhy, error) {
	e := p.planned([]*graph.Target{t}, r, Options{Force: true, Getenv: getenv})
	e.watch = &watched{target: t, record: id}
	forecasts, err := e.foretellAll(ctx)
	for _, f := range forecasts {
		err = errors.Join(err, f.Err)
	}
	if err != nil {
		return nil, err
	}
	return e.watch.explain(p)
}

// A watched record is one whose requests a replay keeps.
type watched struct {
	target *graph.Target
	record string
	steps  []watchedStep
}

type watchedStep struct {
	name   stepName
	fields cache.Fields
	cause  string // "" for a hit
}

// see keeps a request of the watched record. The planner's lock is held.
func (w *watched) see(target *graph.Target, name stepName, fields cache.Fields, cause string) {
	if w != nil && w.target == target && name.Record == w.record {
		w.steps = append(w.steps, watchedStep{name, fields, cause})
	}
}

// explain puts what was seen beside what the last build asked.
func (w *watched) explain(p *Project) ([]StepWhy, error) {
	last, err := p.lastSteps(w.target.Name)
	if err != nil {
		return nil, err
	}
	store, err := cache.Open(filepath.Join(p.Root, StateDir), cache.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer store.Close()
	var out []StepWhy
	for _, s := range w.steps {
		why := StepWhy{Step: s.name.id(), Hit: s.cause == "", Now: s.fields, Cause: s.cause}
		if ref, ok := last[s.name]; ok {
			if entry, err := store.Lookup(ref); err == nil {
				why.Was = entry.Fields
			}
		}
		out = append(out, why)
	}
	return out, nil
}

// hit tells a plan of a request that the cache answered.
func (p *planner) hit(name stepName, req *dispatch.Request) {
	if p.engine.watch == nil {
		return
	}
	fields, err := req.Fields()
	if err != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.engine.watch.see(p.target, name, fields, "")
}
