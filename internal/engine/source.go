package engine

import (
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
			if err != nil {
				b.broken(err)
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
