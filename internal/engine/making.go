package engine

import (
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/samples"
)

// A Making is how a record came about, as far as it is known here.
type Making struct {
	Build Edition    // which made the rows as they are
	From  *Upstream  // the record of another target that it was made of, nil if there is none
	Steps []MadeStep // in their order
}

// An Upstream is a record of another target.
type Upstream struct{ Target, ID string }

// A MadeStep is a request of a record, and what is known of its answer.
type MadeStep struct {
	samples.RecordStep
	Entry *cache.Entry // nil if the cache does not have it any more
	Hit   bool         // the last build found it in the cache
	Known bool         // whether it did is known
}

// Making tells how a record of a target was made. The row says it, unless it is
// minimal; what the row does not say comes from the record table and the cache.
func (p *Project) Making(t *graph.Target, row *samples.Record) (m Making, err error) {
	_, m.Build, err = p.Edition(t, "")
	if err != nil && !errors.Is(err, ErrNoPrevious) {
		return m, err
	}
	made := row.Made()
	then, err := p.tableRowOf(tablePath(t.Name), row.ID)
	if err != nil {
		return m, err
	}
	if m.From, err = p.upstream(t, then, made.Input); err != nil {
		return m, err
	}
	store, err := cache.Open(filepath.Join(p.Root, StateDir), cache.Options{ReadOnly: true, Share: p.Share()})
	if err != nil {
		return m, err
	}
	defer store.Close()
	refs := then.refs()
	if len(made.Steps) == 0 {
		return m, m.recall(store, refs)
	}
	for _, s := range made.Steps {
		m.Steps = append(m.Steps, known(store, s, refs))
	}
	return m, nil
}

// known adds to a step of a row what the store and the record table say of it.
func known(store *cache.Store, s samples.RecordStep, refs []stepRef) MadeStep {
	step := MadeStep{RecordStep: s}
	key, err := cache.ParseKey(s.Key)
	if err != nil {
		return step
	}
	var sampling struct {
		Limit int64 `json:"max_tokens"`
	}
	_ = json.Unmarshal(s.Sampling, &sampling)
	if step.Entry, err = store.Lookup(cache.Ref{Key: key, Limit: sampling.Limit}); err != nil {
		step.Entry = nil
	}
	for _, r := range refs {
		if r.Ref.Key == key {
			step.Hit, step.Known = r.Hit, true
		}
	}
	return step
}

// recall makes the steps of a row that does not keep them.
func (m *Making) recall(store *cache.Store, refs []stepRef) error {
	for i, r := range refs {
		entry, err := store.Lookup(r.Ref)
		if err != nil {
			continue
		}
		one := Step{stepName: r.stepName, Ref: r.Ref}
		step := MadeStep{Entry: entry, Hit: r.Hit, Known: true}
		if err := json.Unmarshal(one.row(i, entry), &step.RecordStep); err != nil {
			return err
		}
		step.Model = readSent(entry.Fields).origin
		m.Steps = append(m.Steps, step)
	}
	return nil
}

// upstream finds the record of another target that a record was made of.
func (p *Project) upstream(t *graph.Target, then tableRow, input json.RawMessage) (*Upstream, error) {
	var given struct{ ID string }
	_ = json.Unmarshal(input, &given) // what is no object has no id
	id := given.ID
	if id == "" && len(then.Steps) > 0 {
		id = then.source()
	}
	if id == "" {
		return nil, nil
	}
	for _, in := range t.Inputs {
		source, is := in.(graph.Source)
		if !is {
			continue
		}
		at := p.Graph.Target(source.Target)
		row, err := p.findIn(at.Output, id)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if row != nil {
			return &Upstream{at.Name, id}, nil
		}
	}
	return nil, nil
}
