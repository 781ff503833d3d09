package engine

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

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
	Was   cache.Fields // nil where the last build asked nothing there, nor anything like it
	Of    string       // the record that Was is of, where it is the nearest one and not this
	Cause string       // of a miss
}

// WhyRecord says, for each request of a record, or of a row and the records that
// the last build made it of, whether the cache answers it and, if not, what has
// changed. It replays the pipeline with nothing sent. madeOf is the record of the
// source that the last build made it of, "" if it made none of this id.
func (p *Project) WhyRecord(ctx context.Context, t *graph.Target, r *graph.Reader, id string, getenv func(string) string) (steps []StepWhy, madeOf string, err error) {
	e := p.planned([]*graph.Target{t}, r, Options{Force: true, Getenv: getenv})
	e.watch = &watched{target: t, records: map[string]bool{id: true}}
	err = p.tableRows(tablePath(t.Name), func(row tableRow) {
		if row.ID == id {
			madeOf = row.source()
			for _, s := range row.Steps {
				e.watch.records[s.Record] = true
			}
		}
	})
	if err != nil {
		return nil, "", err
	}
	forecasts, err := e.foretellAll(ctx)
	for _, f := range forecasts {
		err = errors.Join(err, f.Err)
	}
	if err != nil {
		return nil, "", err
	}
	steps, err = e.watch.explain(p)
	return steps, madeOf, err
}

// Watched records are those whose requests a replay keeps.
type watched struct {
	target  *graph.Target
	records map[string]bool
	steps   []watchedStep
}

type watchedStep struct {
	name   stepName
	fields cache.Fields
	cause  string // "" for a hit
}

// see keeps a request of a watched record. The planner's lock is held.
func (w *watched) see(target *graph.Target, name stepName, fields cache.Fields, cause string) {
	if w != nil && w.target == target && w.records[name.Record] {
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
		} else if !why.Hit {
			why.Of, why.Was = nearest(store, last, s)
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

// mostCompared bounds how many requests of the last build a new one is compared
// with: half a second.
const mostCompared = 2_000

// nearest finds what the last build asked in this place of a stage about
// another record, in words most like these.
func nearest(store *cache.Store, last map[stepName]cache.Ref, s watchedStep) (record string, was cache.Fields) {
	var names []stepName
	for name := range last {
		if name.Stage == s.name.Stage && name.Place == s.name.Place && name.Attempt == s.name.Attempt {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b stepName) int { return cmp.Compare(a.Record, b.Record) })
	words, most := wordCounts(askedText(s.fields)), 0.0
	for _, name := range names[:min(len(names), mostCompared)] {
		entry, err := store.Lookup(last[name])
		if err != nil {
			continue
		}
		if likeness := dice(wordCounts(askedText(entry.Fields)), words); likeness > most {
			record, was, most = name.Record, entry.Fields, likeness
		}
	}
	return record, was
}

// askedText is what a request says behind its system prompt.
func askedText(fields cache.Fields) string {
	var b strings.Builder
	role := ""
	for _, f := range fields {
		switch {
		case f.Tag == cache.TagRole:
			role = f.Str()
		case f.Tag == cache.TagContent && role != "system":
			b.WriteString(f.Str() + "\n")
		}
	}
	return b.String()
}
