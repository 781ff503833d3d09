package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/recipes"
	"github.com/identity-shaping/isf/internal/samples"
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
	if t.Kind == graph.Recipe && p.recipeOf(t).Recipe != nil && p.recipeOf(t).Recipe.Format == recipes.OpenAI {
		return nil, fmt.Errorf("%s has no row %q; rows of format openai have no ids and are named by their line, as \"line 3\"", t.Name, id)
	}
	return nil, fmt.Errorf("%s has no record %q; its ids are the \"id\" fields of %s", t.Name, id, t.Output)
}

func (p *Project) findIn(name, id string) ([]byte, error) {
	f, err := p.Files.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	is := samples.ByID(id)
	for line, err := range samples.Rows(f) {
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if ok, _ := is(line); ok { // what is no row is not this one
			return bytes.Clone(line.Text), nil
		}
	}
	return nil, nil
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
