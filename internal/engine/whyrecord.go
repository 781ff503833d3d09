package engine

import (
	"context"
	"errors"
	"os"
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
	e := newEngine(p, r, Options{Offline: true, Force: true, Getenv: getenv})
	e.selected, e.forecasts = []*graph.Target{t}, map[*graph.Target]*Forecast{}
	e.watch = &watched{record: id}
	dir, err := os.MkdirTemp("", "isf-why-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	defer context.AfterFunc(ctx, func() { e.stop(ErrInterrupted) })()
	survey := p.Graph.Survey(r, p)
	for _, target := range append(p.Graph.Needs(t), t) {
		status, err := survey.Status(target)
		if err != nil {
			return nil, err
		}
		e.watch.active = target == t
		f := e.foretell(target, status, dir)
		if f.Err != nil {
			return nil, errors.Join(f.Err, e.close())
		}
		e.forecasts[target] = &f
	}
	steps, err := e.watch.explain(e, t)
	return steps, errors.Join(err, e.close())
}

// A watched record is one whose requests a replay keeps.
type watched struct {
	record string
	active bool // the target that is replayed is the record's own
	steps  []watchedStep
}

type watchedStep struct {
	name   stepName
	fields cache.Fields
	cause  string // "" for a hit
}

// see keeps a request of the watched record. The planner's lock is held.
func (w *watched) see(name stepName, fields cache.Fields, cause string) {
	if w != nil && w.active && name.Record == w.record {
		w.steps = append(w.steps, watchedStep{name, fields, cause})
	}
}

// explain puts what was seen beside what the last build asked.
func (w *watched) explain(e *Engine, t *graph.Target) ([]StepWhy, error) {
	last, err := e.project.lastSteps(t.Name)
	if err != nil {
		return nil, err
	}
	store, err := cache.Open(filepath.Join(e.project.Root, StateDir), cache.Options{ReadOnly: true})
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
	p.engine.watch.see(name, fields, "")
}
