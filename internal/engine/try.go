package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/identity-shaping/isf/graph"
)

// A Trial is a few records of a target as they would come out now, beside what
// they are in its output. Making one touches no target. What was asked for it
// is in the cache, so a build that follows asks only for the rest.
type Trial struct {
	Number  int           `json:"number"` // its file is .isf/tries/NUMBER.json
	Time    time.Time     `json:"time"`
	Target  string        `json:"target"`
	With    []string      `json:"with,omitempty"` // FIELD=MODEL, where a model was replaced
	Set     []string      `json:"set,omitempty"`
	Because []string      `json:"because,omitempty"` // in what the project differed from the last build
	Of      int           `json:"of"`                // how many records there are
	Records []TriedRecord `json:"records"`

	Requests Requests `json:"requests"`
	Tokens   Tokens   `json:"tokens"`
	CostNano int64    `json:"cost_nano"` // of what was sent
	Priced   bool     `json:"priced"`    // all of it has a known price
	Seconds  float64  `json:"seconds"`
	Notes    []string `json:"notes,omitempty"`

	Compared *Comparison `json:"compared,omitempty"` // of `isf try --models`, which is about no target
}

// A TriedRecord is a record of the target's source and the rows made of it.
type TriedRecord struct {
	ID       string     `json:"id"`
	Rows     []TriedRow `json:"rows"`
	Hits     int        `json:"hits"`
	Sent     int        `json:"sent"`
	CostNano int64      `json:"cost_nano"` // of all its answers, when they were asked
	Priced   bool       `json:"priced"`
}

// A TriedRow is a row before and after, without provenance.
type TriedRow struct {
	ID     string          `json:"id"`
	Kind   string          `json:"kind"`
	Was    json.RawMessage `json:"was,omitempty"`
	Now    json.RawMessage `json:"now,omitempty"`
	Reason string          `json:"reason,omitempty"` // of a failure or a skip
}

// TryOptions say what to try.
type TryOptions struct {
	Number  int      // how many records, spread over all by the hash of their ids
	Records []string // or these: ids of the source's records, or of rows
	With    []string // FIELD=MODEL: another model in the place of a declared one
	Set     []string // what the project was opened with, to be told
	Options          // Workers, Budget, Log and Getenv count
}

// Try makes a few records of a target with everything as it is now. It reads
// other targets as they were built last.
func (p *Project) Try(ctx context.Context, t *graph.Target, r *graph.Reader, o TryOptions) (trial *Trial, err error) {
	q, err := p.runnable(t)
	if err != nil {
		return nil, err
	}
	if err := p.replaceModels(q, o.With); err != nil {
		return nil, err
	}
	e := newEngine(p, r, o.Options)
	e.selected = []*graph.Target{t}
	defer context.AfterFunc(ctx, func() { e.stop(ErrInterrupted) })()
	began := time.Now()
	trial, err = e.try(t, q, o)
	err = errors.Join(err, e.close())
	switch cause := e.cause.Load(); {
	case ctx.Err() != nil:
		err = ErrInterrupted
	case cause != nil:
		err = errors.Join(*cause, err)
	}
	if trial == nil {
		return nil, err
	}
	trial.Time, trial.Seconds = began.UTC().Truncate(time.Millisecond), time.Since(began).Seconds()
	if err == nil {
		trial.Number, err = p.keepTrial(trial)
	}
	return trial, err
}

// replaceModels gives model fields of a pipeline other models, for this
// process.
func (p *Project) replaceModels(q *Pipeline, with []string) error {
	for _, w := range with {
		field, name, found := strings.Cut(w, "=")
		if !found || field == "" || name == "" {
			return Usagef("--with %s: write FIELD=MODEL, as identity=plain", w)
		}
		m, err := p.Registry.Find(name)
		if err != nil {
			return Usagef("--with %s: %w", w, err)
		}
		if err := q.replaceModel(field, m.Name); err != nil {
			return Usagef("--with %s: %w", w, err)
		}
	}
	return nil
}

// replaceModel takes a field by its Go name, or as manifests write it.
func (p *Pipeline) replaceModel(field, model string) error {
	unknown := &unknownError{what: fmt.Sprintf("pipeline %q has no model field %q", p.Name, field), name: field}
	for _, d := range p.deps {
		if _, ok := d.field.Interface().(Model); !ok {
			continue
		}
		if d.attr == field || d.attr == snake(field) {
			d.field.SetString(model)
			return nil
		}
		unknown.known = append(unknown.known, d.attr)
	}
	unknown.what += "; it has " + or("none", strings.Join(unknown.known, ", "))
	return unknown
}

func or(otherwise, text string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// try picks records, makes them, and puts them beside what they were.
func (e *Engine) try(t *graph.Target, q *Pipeline, o TryOptions) (*Trial, error) {
	status, err := e.status(t)
	if err != nil {
		return nil, err
	}
	parts, err := e.pin(t, status.Parts)
	if err != nil {
		return nil, err
	}
	run := &trying{e: e, t: t, q: q, revisions: revisions(parts)}
	trial := &Trial{Target: t.Name, With: o.With, Set: o.Set, Notes: staleSources(e, t)}
	for _, r := range status.Reasons[:min(len(status.Reasons), mostCauses)] {
		trial.Because = append(trial.Because, cut(r.String()))
	}
	if len(o.Records) > 0 {
		err = run.choose(o.Records)
	} else {
		err = run.pick(o.Number)
	}
	if err != nil {
		return nil, err
	}
	made, err := run.make()
	trial.Of = run.of
	run.counts(trial)
	if err != nil {
		return trial, err
	}
	trial.Records, err = run.compare(made)
	return trial, err
}

// staleSources tells of targets that are read although they are old.
func staleSources(e *Engine, t *graph.Target) (notes []string) {
	for _, need := range e.project.Graph.Direct(t) {
		if s := e.stateOf(need); need.Pipeline != "" && s != graph.Current {
			notes = append(notes, fmt.Sprintf("%s is %s and was read as it is; `isf build %s` makes it current", need.Name, s, need.Name))
		}
	}
	return notes
}
