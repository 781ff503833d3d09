package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"strings"

	"github.com/identity-shaping/isf/internal/sources"
)

// From returns the records of an author's own sequence. A record without an id
// is named by its content. An error fails the target: what a source would have
// said is unknown.
func From(b *Build, seq iter.Seq2[any, error]) Rows {
	return func(finish func(*Record), yield func(Record) bool) {
		for v, err := range seq {
			if err != nil && b.stopped() {
				b.cutShort()
				return
			}
			if err != nil {
				b.Fail(err)
				return
			}
			r, err := sourceRecord(v)
			if err != nil {
				b.Fail(err)
				return
			}
			if !each(r, finish, yield) {
				return
			}
		}
	}
}

func sourceRecord(v any) (Record, error) {
	r := Record{ID: ownID(v), Given: true, Value: v, Trace: Trace{Input: v}}
	if r.ID == "" {
		id, err := sourceID(v)
		if err != nil {
			return r, fmt.Errorf("a record is not JSON: %w", err)
		}
		r.ID, r.Given = id, false
	}
	r.Trace.Source = r.ID
	return r, nil
}

// A Source is what Read reads: a Target, a File or Data.
type Source interface {
	// open returns the files that hold the rows. They are closed by done.
	open(b *Build) (files []sources.File, done func(), err error)
}

func (t Target) open(b *Build) ([]sources.File, func(), error) {
	if err := b.declared("target", string(t)); err != nil {
		return nil, nil, err
	}
	return b.local(b.engine.project.Graph.Target(targetName(string(t))).Output)
}

func (f File) open(b *Build) ([]sources.File, func(), error) {
	if err := b.declared("file", string(f)); err != nil {
		return nil, nil, err
	}
	return b.local(string(f))
}

// declared refuses what no field of the pipeline names: status could not know
// about it.
func (b *Build) declared(what, value string) error {
	for _, d := range b.pipeline.deps {
		if d.value() == value {
			return nil
		}
	}
	return fmt.Errorf("%s %q is not declared: give the pipeline a field of type isf.%s with this value", what, value, strings.ToUpper(what[:1])+what[1:])
}

// local opens a file of the project.
func (b *Build) local(name string) ([]sources.File, func(), error) {
	if !sources.HasRows(name) {
		return nil, nil, fmt.Errorf("file %q: rows are read from %s files", name, sources.Extensions)
	}
	f, err := b.open(name)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return nil, nil, err
	}
	return []sources.File{{Name: name, Size: info.Size(), ReaderAt: f}}, func() { _ = f.Close() }, nil
}

// open opens a file of the project to read.
func (b *Build) open(name string) (*os.File, error) {
	if replayed := b.engine.replayOf(name); replayed != "" {
		return os.Open(replayed)
	}
	f, err := b.engine.project.Files.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s does not exist, and pipeline %q reads it", name, b.pipeline.Name)
	}
	return f, err
}

// Read returns the values that decode makes of the rows of a source, as a
// stream: what is in memory depends on the format, and not on the number of
// rows.
func Read(b *Build, src Source, q sources.Query, decode func([]byte) (any, error)) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		files, done, err := src.open(b)
		if err != nil {
			yield(nil, err)
			return
		}
		defer done()
		for row, err := range sources.Rows(b.engine.waiting(), files, q) {
			var v any
			if err == nil {
				if v, err = decode(row.Text); err != nil {
					err = fmt.Errorf("%s: %w", row.Place(), explainJSON(err))
				}
			}
			if !yield(v, err) || err != nil {
				return
			}
		}
	}
}

// explainJSON says what is wrong with a row without showing it whole.
func explainJSON(err error) error {
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("field %q is a JSON %s, which does not fit %s", e.Field, e.Value, e.Type)
	}
	return fmt.Errorf("not a JSON object: %s", strings.TrimPrefix(err.Error(), "json: "))
}
