package engine

import (
	"fmt"
	"time"

	"github.com/identity-shaping/isf/cache"
)

// A line is a finished record as the writer puts it on disk.
type line struct {
	text    []byte // with its newline; nil while it is in the spill file
	spilled bool
	at      int64
	length  int

	sum    [32]byte // of what a target that reads this row sees of it
	steps  []stepRef
	reused bool // every step was a hit
	kept   []*Keep
	tried  *triedRow // of a try
	source string    // the record of the source that it was made of
	pinned bool      // a person wrote it
	moved  bool      // and what a build makes in its place is not what it was
}

// An encoder turns the records of one build into lines.
type encoder struct {
	b         *Build
	annotated bool
	file      string // where the pipeline's type is declared, relative to the root
}

// finish makes r's line and lets go of its value. What cannot be written is a
// failure of this record.
func (e *encoder) finish(r *Record) {
	if r.Open {
		r.Trace = Trace{}
		return
	}
	if r.Skipped != "" {
		r.line = &line{}
		r.line.steps, _ = stepRefs(r.Trace)
		r.Value, r.Trace = nil, Trace{}
		return
	}
	if r.Fail == nil {
		if err := e.row(r); err != nil {
			r.Fail = failf("invalid_row", "%s", err)
		}
	}
	if r.Fail != nil {
		if err := e.failure(r); err != nil {
			e.b.Fail(err)
			r.line = &line{}
		}
	}
	r.line.steps, r.line.reused = stepRefs(r.Trace)
	r.line.kept, r.line.source = r.Trace.kept(), r.Trace.Source
	e.pinned(r)
	r.Value, r.Trace = nil, Trace{}
}

func stepRefs(t Trace) (out []stepRef, reused bool) {
	reused = true
	for _, s := range t.Steps {
		reused = reused && s.Hit
		if s.Ref != (cache.Ref{}) {
			out = append(out, stepRef{s.stepName, s.Ref, s.Hit})
		}
	}
	return out, reused
}

func (e *encoder) row(r *Record) error {
	if s, ok := r.Value.(*Sample); ok {
		return e.sample(r, s)
	}
	return e.table(r)
}

// sample writes id and messages first: they are all of a minimal row, and all
// that a target which reads this one sees.
func (e *encoder) sample(r *Record, s *Sample) (err error) {
	row := object{}.str("id", r.ID).raw("messages", s.Messages.json())
	sum := cache.DigestOf(row)
	if len(s.Meta) > 0 && (e.annotated || e.b.pipeline.KeepMeta) {
		if row, err = row.any("meta", s.Meta); err != nil {
			return err
		}
	}
	if e.annotated {
		if row, err = e.provenance(row, r.Trace, "completed_at"); err != nil {
			return err
		}
	}
	r.line = &line{text: append(row.end(), '\n'), sum: sum}
	return nil
}

// json returns a conversation as rows keep it.
func (m Messages) json() []byte {
	out := []byte{'['}
	for i, one := range m {
		if i > 0 {
			out = append(out, ',')
		}
		o := object{}.str("role", one.Role).str("content", one.Content)
		if one.Weight != nil {
			weight, err := marshal(*one.Weight)
			if err == nil { // a weight that is no number cannot be written and is left out
				o = o.raw("weight", weight)
			}
		}
		out = append(out, o.end()...)
	}
	return append(out, ']')
}

// table writes the author's fields with the id in front, and the provenance
// behind them.
func (e *encoder) table(r *Record) error {
	fields, err := marshal(r.Value)
	if err != nil {
		return err
	}
	if len(fields) < 2 || fields[0] != '{' {
		return fmt.Errorf("a row of a table is an object, not %s", excerpt(string(fields)))
	}
	row := object(fields[: len(fields)-1 : len(fields)-1])
	if ownID(r.Value) == "" {
		row = object{}.str("id", r.ID)
		if len(fields) > 2 {
			row = append(append(row, ','), fields[1:len(fields)-1]...)
		}
	}
	sum := cache.DigestOf(row)
	if e.annotated {
		var made object
		if r.Extracted != "" {
			made = made.str("extracted", r.Extracted)
		}
		made, err := e.provenance(made, r.Trace, "completed_at")
		if err != nil {
			return err
		}
		row = row.raw("provenance", made.end())
	}
	r.line = &line{text: append(row.end(), '\n'), sum: sum}
	return nil
}

func (e *encoder) failure(r *Record) error {
	details := object{}.str("error", r.Fail.Kind).str("message", r.Fail.Message).str("id", r.ID)
	details, err := e.provenance(details, r.Trace, "failed_at")
	if err != nil {
		return err
	}
	text := object{}.raw("__ERROR__", details.end()).end()
	r.line = &line{text: append(text, '\n'), sum: cache.DigestOf(text)}
	return nil
}

// provenance adds what a record was made from and how; end names its last
// time.
func (e *encoder) provenance(o object, t Trace, end string) (object, error) {
	o, err := o.any("input_data", t.Input)
	if err != nil {
		return nil, err
	}
	steps, span, err := e.steps(t.Steps)
	if err != nil {
		return nil, err
	}
	if kept := t.kept(); len(kept) > 0 {
		o = o.str("kept", reasons(kept))
	}
	o = o.raw("steps", steps).optional("pipeline_commit", span.commit).str("pipeline_file", e.file)
	return o.optional("started_at", stamp(span.first)).optional(end, stamp(span.last)), nil
}

// A span is the time that a row's entries cover, so that a rebuild from the
// cache writes the same bytes on any machine and at any time.
type span struct {
	first, last time.Time
	commit      string // of the latest entry
}

func (s *span) add(e *cache.Entry) {
	if s.first.IsZero() || e.Start.Before(s.first) {
		s.first = e.Start
	}
	if s.last.IsZero() || !e.End.Before(s.last) {
		s.last, s.commit = e.End, e.Commit
	}
}

// stamp writes a time with its zone, "" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
