package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/prompts"
)

// A PromptFile is a prompt of a pipeline, and who uses it.
type PromptFile struct {
	Path  string   // prompts/question.md
	Wants []string // the variables that it reads, in the order of its text
	Users []*graph.Target
}

// A Rendering is a prompt as it is with the data of one record.
type Rendering struct {
	Target  string   // the pipeline's that asks it; "" if the record's own fields were taken
	Stage   string   // of the pipeline
	Record  string   // the record that the stage works on
	Text    string   // the user message
	Missing []string // variables that the prompt reads and the data lack; they render empty
}

// PromptFiles returns the paths of all prompts, sorted.
func (p *Project) PromptFiles() ([]string, error) {
	var all []string
	err := fs.WalkDir(p.Files.FS(), promptsDir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		all = append(all, name)
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return all, err
}

// PromptFile finds the prompt that a person named: by its path, its name below
// prompts/, or that without its extension.
func (p *Project) PromptFile(name string) (PromptFile, error) {
	all, err := p.PromptFiles()
	if err != nil {
		return PromptFile{}, err
	}
	var known []string
	for _, file := range all {
		inside := strings.TrimPrefix(file, promptsDir+"/")
		short := strings.TrimSuffix(inside, path.Ext(inside))
		if slices.Contains([]string{file, inside, short}, path.Clean(name)) {
			return p.describePrompt(file)
		}
		known = append(known, short)
	}
	return PromptFile{}, &unknownError{what: fmt.Sprintf("there is no prompt %q in %s/", name, promptsDir), name: name, known: known}
}

func (p *Project) describePrompt(file string) (PromptFile, error) {
	f := PromptFile{Path: file}
	name, err := promptName(file)
	if err != nil {
		return f, err
	}
	if f.Wants, err = p.prompts.Wants(name); err != nil {
		return f, fmt.Errorf("%s/%w", promptsDir, err)
	}
	for _, q := range p.Pipelines {
		for _, d := range q.deps {
			if prompt, ok := d.field.Interface().(Prompt); ok && path.Clean(string(prompt)) == file {
				f.Users = append(f.Users, p.TargetOf(q))
			}
		}
	}
	return f, nil
}

// RenderFor renders a prompt for a record of a target: as the pipelines that
// use the prompt fill it for that record, which are replayed with nothing sent;
// else with the fields of the record's row.
func (p *Project) RenderFor(ctx context.Context, f PromptFile, t *graph.Target, id string, r *graph.Reader, getenv func(string) string) ([]Rendering, error) {
	var users []*graph.Target
	for _, u := range f.Users {
		if u == t || slices.Contains(p.Graph.Needs(u), t) {
			users = append(users, u)
		}
	}
	if slices.Contains(users, t) {
		users = []*graph.Target{t}
	}
	if len(users) > 0 {
		found, err := p.replayPrompt(ctx, f, users, t, id, r, getenv)
		if err != nil || len(found) > 0 {
			return found, err
		}
	}
	if slices.Contains(users, t) {
		if _, err := p.FindRow(t.Name, id); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("%s is not filled for record %q of %s: the code does not use it there, or a request before it is not in the cache (see `isf why %s:%s`)", f.Path, id, t.Name, t.Name, id)
	}
	row, err := p.FindRow(t.Name, id)
	if err != nil {
		return nil, err
	}
	one, err := p.renderRow(f, row)
	return []Rendering{one}, err
}

// replayPrompt collects how pipelines fill the prompt for a record: for the
// record itself, for what its row came from, and for what is made from it.
func (p *Project) replayPrompt(ctx context.Context, f PromptFile, users []*graph.Target, t *graph.Target, id string, r *graph.Reader, getenv func(string) string) ([]Rendering, error) {
	e := p.planned(users, r, Options{Force: true, Getenv: getenv})
	e.preview = &previewer{file: f, records: map[string]bool{id: true}}
	if err := p.tableRows(tablePath(t.Name), func(row tableRow) {
		if row.ID == id && slices.Contains(users, t) {
			for _, s := range row.Steps {
				e.preview.records[s.Record] = true
			}
		}
	}); err != nil {
		return nil, err
	}
	forecasts, err := e.foretellAll(ctx)
	for _, fc := range forecasts {
		err = errors.Join(err, fc.Err)
	}
	return e.preview.found, err
}

// renderRow renders the prompt with the fields of a row.
func (p *Project) renderRow(f PromptFile, row []byte) (Rendering, error) {
	text, err := contentOf(row)
	if err != nil {
		return Rendering{}, err
	}
	data, err := prompts.FromJSON(json.RawMessage(text))
	if err != nil {
		return Rendering{}, err
	}
	name, err := promptName(f.Path)
	if err != nil {
		return Rendering{}, err
	}
	out := Rendering{Record: rowID(row), Missing: missingIn(f.Wants, data)}
	if out.Text, err = p.prompts.Render(name, data); err != nil {
		return out, fmt.Errorf("%s/%w", promptsDir, err)
	}
	return out, nil
}

func missingIn(wants []string, data map[string]any) []string {
	return slices.DeleteFunc(slices.Clone(wants), func(w string) bool { _, ok := data[w]; return ok })
}

// A previewer keeps how a replay fills one prompt for some records.
type previewer struct {
	file    PromptFile
	records map[string]bool

	mu    sync.Mutex
	found []Rendering
}

// see is told of every prompt that is rendered.
func (v *previewer) see(b *Build, at stepName, f Filled, text string, data map[string]any) {
	if v == nil || path.Clean(string(f.Prompt)) != v.file.Path || !v.records[at.Record] {
		return
	}
	one := Rendering{Target: targetName(b.pipeline.Name), Stage: at.Stage, Record: at.Record, Text: text, Missing: missingIn(v.file.Wants, data)}
	v.mu.Lock()
	defer v.mu.Unlock()
	if !slices.ContainsFunc(v.found, func(r Rendering) bool { return r.Target == one.Target && r.Text == one.Text }) {
		v.found = append(v.found, one)
	}
}
