package engine

import (
	"fmt"
	"time"

	"github.com/zeebo/blake3"

	"github.com/identity-shaping/isf/cache"
)

// A line is a finished record as the writer puts it on disk.
type line struct {
	text    []byte // with its newline; nil while it is in the spill file
	spilled bool
	at      int64
	length  int

	sum    [32]byte // of what a target that reads this row sees of it
	refs   []cache.Ref
	reused bool // every step was a hit
}

// annotatedRow is a dataset's row with its provenance; the order of the fields
// is the order on disk.
type annotatedRow struct {
	ID        string         `json:"id"`
	Messages  Messages       `json:"messages"`
	Meta      map[string]any `json:"meta,omitempty"`
	Input     any            `json:"input_data"`
	Steps     []stepRow      `json:"steps"`
	Commit    *string        `json:"pipeline_commit"`
	File      string         `json:"pipeline_file"`
	Started   *string        `json:"started_at"`
	Completed *string        `json:"completed_at"`
}

type minimalRow struct {
	ID       string         `json:"id"`
	Messages Messages       `json:"messages"`
	Meta     map[string]any `json:"meta,omitempty"`
}

type errorRow struct {
	Error errorDetails `json:"__ERROR__"`
}

type errorDetails struct {
	Error    string    `json:"error"`
	Message  string    `json:"message"`
	ID       string    `json:"id"`
	Input    any       `json:"input_data"`
	Steps    []stepRow `json:"steps"`
	Commit   *string   `json:"pipeline_commit"`
	File     string    `json:"pipeline_file"`
	Started  *string   `json:"started_at"`
	FailedAt *string   `json:"failed_at"`
}

// provenance is what a table's row carries beside its own fields.
type provenance struct {
	Input     any       `json:"input_data"`
	Steps     []stepRow `json:"steps"`
	Commit    *string   `json:"pipeline_commit"`
	File      string    `json:"pipeline_file"`
	Started   *string   `json:"started_at"`
	Completed *string   `json:"completed_at"`
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
	if r.Open || r.Skipped != "" {
		r.Trace = Trace{}
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
		}
	}
	r.line.refs, r.line.reused = refs(r.Trace)
	r.Value, r.Trace = nil, Trace{}
}

func refs(t Trace) (out []cache.Ref, reused bool) {
	reused = true
	for _, s := range t.Steps {
		reused = reused && s.Hit
		if s.Ref != (cache.Ref{}) {
			out = append(out, s.Ref)
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

func (e *encoder) sample(r *Record, s *Sample) error {
	small := minimalRow{ID: r.ID, Messages: s.Messages}
	seen, err := marshal(small)
	if err != nil {
		return err
	}
	sum := blake3.Sum256(seen)
	var row any
	switch {
	case e.annotated:
		steps, span, err := e.steps(r.Trace.Steps)
		if err != nil {
			return err
		}
		row = annotatedRow{r.ID, s.Messages, s.Meta, r.Trace.Input, steps, span.commit, e.file, span.start(), span.end()}
	case e.b.pipeline.KeepMeta && len(s.Meta) > 0:
		small.Meta = s.Meta
		row = small
	default:
		r.line = &line{text: append(seen, '\n'), sum: sum}
		return nil
	}
	text, err := marshal(row)
	if err != nil {
		return err
	}
	r.line = &line{text: append(text, '\n'), sum: sum}
	return nil
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
	text := fields
	if ownID(r.Value) == "" {
		id, err := marshal(r.ID)
		if err != nil {
			return err
		}
		text = append(append([]byte(`{"id":`), id...), join(fields)...)
	}
	sum := blake3.Sum256(text)
	if e.annotated {
		steps, span, err := e.steps(r.Trace.Steps)
		if err != nil {
			return err
		}
		p, err := marshal(provenance{r.Trace.Input, steps, span.commit, e.file, span.start(), span.end()})
		if err != nil {
			return err
		}
		text = append(text[:len(text)-1:len(text)-1], `,"provenance":`...)
		text = append(append(text, p...), '}')
	}
	r.line = &line{text: append(text, '\n'), sum: sum}
	return nil
}

// join returns an object's text as a continuation of another: a comma in the
// place of the brace, or the closing brace of an empty object.
func join(object []byte) []byte {
	if len(object) == 2 {
		return []byte("}")
	}
	return append([]byte{','}, object[1:]...)
}

func (e *encoder) failure(r *Record) error {
	steps, span, err := e.steps(r.Trace.Steps)
	if err != nil {
		return err
	}
	text, err := marshal(errorRow{errorDetails{r.Fail.Kind, r.Fail.Message, r.ID, r.Trace.Input, steps, span.commit, e.file, span.start(), span.end()}})
	if err != nil {
		return err
	}
	r.line = &line{text: append(text, '\n'), sum: blake3.Sum256(text)}
	return nil
}

// A span is the time that a row's entries cover, so that a rebuild from the
// cache writes the same bytes on any machine and at any time.
type span struct {
	first, last time.Time
	commit      *string
}

func (s *span) add(e *cache.Entry) {
	if s.first.IsZero() || e.Start.Before(s.first) {
		s.first = e.Start
	}
	if s.last.IsZero() || !e.End.Before(s.last) {
		s.last = e.End
		s.commit = nil
		if e.Commit != "" {
			s.commit = &e.Commit
		}
	}
}

func (s *span) start() *string { return stamp(s.first) }
func (s *span) end() *string   { return stamp(s.last) }

func stamp(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := t.UTC().Format(time.RFC3339Nano)
	return &text
}
