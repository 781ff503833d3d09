package engine

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/jsontext"
)

// FindRow returns the row of a target, or its error row, that has this id.
func (p *Project) FindRow(target, id string) ([]byte, error) {
	ts, err := p.Graph.Select([]string{target})
	if err != nil {
		return nil, Usagef("%w", err)
	}
	t := ts[0]
	read := false
	for _, name := range []string{t.Output, t.Errors} {
		if name == "" {
			continue
		}
		row, err := p.findIn(name, id)
		if row != nil || (err != nil && !errors.Is(err, fs.ErrNotExist)) {
			return row, err
		}
		read = read || err == nil
	}
	if !read {
		return nil, fmt.Errorf("%s has no rows yet: build it with `isf build %s`", t.Name, t.Name)
	}
	return nil, fmt.Errorf("%s has no record %q; its ids are the \"id\" fields of %s", t.Name, id, t.Output)
}

func (p *Project) findIn(name, id string) ([]byte, error) {
	f, err := p.Files.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	needle := quoted(id)
	other, err := json.Marshal(id) // as writers do that escape what is markup
	if err != nil {
		return nil, err
	}
	in := bufio.NewReaderSize(f, 256<<10)
	for {
		line, err := jsontext.ReadLine(in)
		if len(line) > 0 && (bytes.Contains(line, needle) || bytes.Contains(line, other)) && rowID(line) == id {
			return bytes.TrimSpace(bytes.Clone(line)), nil
		}
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
}

func quoted(s string) []byte {
	b, _ := marshal(s)
	return b
}

// rowID returns the id of a row or of an error row.
func rowID(line []byte) string {
	var row struct {
		ID     string `json:"id"`
		Failed struct {
			ID string `json:"id"`
		} `json:"__ERROR__"`
	}
	if json.Unmarshal(line, &row) != nil {
		return ""
	}
	if row.ID != "" {
		return row.ID
	}
	return row.Failed.ID
}

// TargetOf returns the target that a pipeline makes.
func (p *Project) TargetOf(q *Pipeline) *graph.Target {
	return p.Graph.Target(targetName(q.Name))
}

// Broken says that the project's code could not be built as it is now, so
// nothing that a pipeline makes is current.
func (p *Project) Broken(err error) { p.codes.broken = err }

// contentOf returns what a reader of the target sees of a row: id and
// messages, or a table's own fields, with sorted keys.
func contentOf(row []byte) ([]byte, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(row, &all); err != nil {
		return nil, err
	}
	if messages, ok := all["messages"]; ok {
		all = map[string]json.RawMessage{"id": all["id"], "messages": messages}
	}
	delete(all, "provenance")
	return canonical(all)
}
