package engine

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"strings"
)

// maxLine is the longest row a source may have. A conversation of a million
// tokens fits; a file that is no JSONL at all is noticed before memory is.
const maxLine = 64 << 20

// From returns the records of an author's own sequence. A record without an id
// is named by its content. An error fails the target: what a source would have
// said is unknown.
func From(b *Build, seq iter.Seq2[any, error]) Rows {
	return func(finish func(*Record), yield func(Record) bool) {
		for v, err := range seq {
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
	if r.ID != "" {
		return r, nil
	}
	id, err := sourceID(v)
	if err != nil {
		return r, fmt.Errorf("a record is not JSON: %w", err)
	}
	r.ID, r.Given = id, false
	return r, nil
}

// A Source is what Read reads: a Target or a File.
type Source interface {
	rowsPath(b *Build) (string, error)
}

func (t Target) rowsPath(b *Build) (string, error) {
	if err := b.declared("target", string(t)); err != nil {
		return "", err
	}
	return b.engine.project.Graph.Target(targetName(string(t))).Output, nil
}

func (f File) rowsPath(b *Build) (string, error) {
	if err := b.declared("file", string(f)); err != nil {
		return "", err
	}
	if ext := path.Ext(string(f)); ext != ".jsonl" {
		return "", fmt.Errorf("file %q: rows are read from .jsonl files, not from %q", f, ext)
	}
	return string(f), nil
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

// Lines returns the values that decode makes of each line of a JSONL source,
// as a stream: nothing but the current line is in memory.
func Lines(b *Build, src Source, decode func([]byte) (any, error)) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		name, err := src.rowsPath(b)
		if err != nil {
			yield(nil, err)
			return
		}
		f, err := b.open(name)
		if err != nil {
			yield(nil, err)
			return
		}
		defer f.Close()
		in := bufio.NewReaderSize(f, 256<<10)
		for n := 1; ; n++ {
			text, err := readLine(in)
			if errors.Is(err, io.EOF) && len(text) == 0 {
				return
			}
			if err != nil && !errors.Is(err, io.EOF) {
				yield(nil, fmt.Errorf("%s:%d: %w", name, n, err))
				return
			}
			if len(bytes.TrimSpace(text)) == 0 {
				continue
			}
			v, err := decode(text)
			if err != nil {
				yield(nil, fmt.Errorf("%s:%d: %w", name, n, explainJSON(err)))
				return
			}
			if !yield(v, nil) {
				return
			}
		}
	}
}

// open opens a file of the project to read.
func (b *Build) open(name string) (*os.File, error) {
	f, err := b.engine.project.Files.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s does not exist, and pipeline %q reads it", name, b.pipeline.Name)
	}
	return f, err
}

func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		if err == nil && line == nil {
			return part, nil // valid until the next read, which decode does not outlive
		}
		line = append(line, part...)
		if len(line) > maxLine {
			return nil, fmt.Errorf("a line is longer than %d MiB", maxLine>>20)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

// explainJSON says what is wrong with a line without showing it whole.
func explainJSON(err error) error {
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("field %q is a JSON %s, which does not fit %s", e.Field, e.Value, e.Type)
	}
	return fmt.Errorf("not a JSON object: %s", strings.TrimPrefix(err.Error(), "json: "))
}
