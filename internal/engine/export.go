package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/recipes"
)

// A DatasetCard is dataset.json beside exported samples: what they are and
// where they come from, so that a checkpoint trained on them leads back. It
// holds no times; an equal export is an equal file.
type DatasetCard struct {
	Version int            `json:"version"`
	Target  string         `json:"target"`
	Kind    graph.Kind     `json:"kind"`
	State   graph.State    `json:"state"` // of the target when it was exported
	Format  recipes.Format `json:"format"`
	Commit  *string        `json:"commit"` // null outside git
	Files   []ExportedFile `json:"files"`
	Recipe  *ExportRecipe  `json:"recipe,omitempty"`
	Sources []ExportSource `json:"sources"` // every target it is made from, what is needed first
	Models  []ExportModel  `json:"models"`  // that these asked
}

// An ExportedFile is one file of samples.
type ExportedFile struct {
	Name   string `json:"name"`
	Rows   int    `json:"rows"`
	SHA256 string `json:"sha256"`
}

// An ExportRecipe is the recipe that mixed the samples.
type ExportRecipe struct {
	Name     string          `json:"name"`
	Path     string          `json:"path"`
	Hash     string          `json:"hash"`
	Seed     *int64          `json:"shuffle_seed,omitempty"`
	Settings json.RawMessage `json:"settings,omitempty"`
}

// An ExportSource is a target, or a file of a recipe.
type ExportSource struct {
	Target  string `json:"target,omitempty"`
	File    string `json:"file,omitempty"`
	Records int    `json:"records,omitempty"`
	SHA256  string `json:"sha256,omitempty"` // of a target's output
	Content string `json:"content"`          // what its users compare
	Code    string `json:"code,omitempty"`
}

// An ExportModel is a model as a pipeline knew it.
type ExportModel struct {
	Target    string                     `json:"target"`
	Attr      string                     `json:"attr"`
	Name      string                     `json:"name"`
	SysPrompt *string                    `json:"sysprompt_hash"`
	Fields    map[string]json.RawMessage `json:"fields"`
}

// cardVersion is the form of dataset.json.
const cardVersion = 1

// Export writes the samples of a target into a folder, with dataset.json. dir
// is relative to the root, or absolute.
func (p *Project) Export(t *graph.Target, r *graph.Reader, f recipes.Format, dir string) (*DatasetCard, error) {
	status, err := p.exportable(t, r, f)
	if err != nil {
		return nil, err
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(p.Root, dir)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	to, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer to.Close()
	card := &DatasetCard{Version: cardVersion, Target: t.Name, Kind: t.Kind, State: status.State, Format: f, Sources: []ExportSource{}, Models: []ExportModel{}}
	if c := commit(p.Root); c != "" {
		card.Commit = &c
	}
	if err := card.trace(p, status, r); err != nil {
		return nil, err
	}
	if err := card.write(p, t, status, to); err != nil {
		return nil, err
	}
	return card, nil
}

// exportable checks that a target has samples that its manifest describes.
func (p *Project) exportable(t *graph.Target, r *graph.Reader, f recipes.Format) (graph.Status, error) {
	if t.Kind != graph.Dataset && t.Kind != graph.Recipe {
		return graph.Status{}, Usagef("%s is a %s and has no samples to export", t.Name, t.Kind)
	}
	status, err := p.Graph.Status(t, r, p)
	switch {
	case err != nil:
		return status, err
	case status.State == graph.Missing:
		return status, fmt.Errorf("%s has no samples yet: build it with `isf build %s`", t.Name, t.Name)
	case status.State == graph.Running:
		return status, fmt.Errorf("%s is being built: wait until it is done", t.Name)
	case status.State == graph.Edited:
		return status, fmt.Errorf("%s was %w since it was built, so nothing says where it comes from: build it again with `isf build %s --force`", t.Output, ErrEdited, t.Name)
	}
	if has := formatOf(status); has != recipes.ISF && has != f {
		return status, Usagef("%s is in format %s already: export it with --format %s, or prepare it with `format: isf`", t.Name, has, has)
	}
	return status, nil
}

// formatOf is the format of a target's rows.
func formatOf(s graph.Status) recipes.Format {
	var settings struct{ Format recipes.Format }
	if m := s.Manifest.Mix; m != nil && json.Unmarshal(m.Settings, &settings) == nil && settings.Format != "" {
		return settings.Format
	}
	return recipes.ISF
}

// trace lists what the target is made from.
func (c *DatasetCard) trace(p *Project, status graph.Status, r *graph.Reader) error {
	if mix := status.Manifest.Mix; mix != nil {
		c.Recipe = &ExportRecipe{Name: path.Base(status.Target.Name), Seed: mix.Seed, Settings: mix.Settings}
	}
	for _, part := range status.Manifest.Parts {
		switch part.Type {
		case graph.TypeRecipe:
			c.Recipe.Path, c.Recipe.Hash = part.Ref, part.Digest
		case graph.TypeSamples:
			c.Sources = append(c.Sources, ExportSource{File: part.Ref, Content: part.Digest})
		}
	}
	needs, err := p.Graph.Survey(r, p).Statuses(p.Graph.Needs(status.Target))
	if err != nil {
		return err
	}
	if status.Target.Kind == graph.Dataset {
		needs = append(needs, status)
	}
	for _, s := range needs {
		if s.Manifest != nil && (s.Target.Kind == graph.Dataset || s.Target.Kind == graph.Table) {
			c.source(s)
		}
	}
	return nil
}

func (c *DatasetCard) source(s graph.Status) {
	out := ExportSource{Target: s.Target.Name, Records: s.Records, SHA256: s.Manifest.Output.Digest, Content: s.Manifest.Output.Content}
	for _, part := range s.Manifest.Parts {
		switch part.Type {
		case graph.TypeCode:
			out.Code = part.Digest
		case graph.TypeModel:
			c.Models = append(c.Models, exportModel(s.Target.Name, part))
		}
	}
	c.Sources = append(c.Sources, out)
}

func exportModel(target string, part graph.Part) ExportModel {
	m := ExportModel{Target: target, Attr: part.Attr, Name: part.Ref, Fields: map[string]json.RawMessage{}}
	for _, f := range part.Fields {
		switch {
		case f.Value != "":
			m.Fields[f.Name] = json.RawMessage(f.Value)
		case f.Digest != "":
			m.SysPrompt = &f.Digest
		}
	}
	return m
}

// write writes the files of samples, and the card when they are in place.
func (c *DatasetCard) write(p *Project, t *graph.Target, status graph.Status, to *os.Root) error {
	if err := c.convert(p, t.Output, "train.jsonl", formatOf(status), to); err != nil {
		return err
	}
	if m := status.Manifest.Mix; m != nil && m.HeldOut != "" {
		if err := c.convert(p, graph.ValidationPath(t.Output), "validation.jsonl", formatOf(status), to); err != nil {
			return err
		}
	}
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	return graph.WriteFile(to, "dataset.json", func(w io.Writer) error {
		_, err := w.Write(append(text, '\n'))
		return err
	})
}

func (c *DatasetCard) convert(p *Project, from, name string, has recipes.Format, to *os.Root) error {
	in, err := p.Files.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	file := ExportedFile{Name: name}
	sum := sha256.New()
	err = graph.WriteFile(to, name, func(w io.Writer) (err error) {
		w = io.MultiWriter(w, sum)
		if has != recipes.ISF { // it is in this format already
			file.Rows, err = copyLines(w, in)
		} else {
			file.Rows, err = recipes.Convert(from, in, w, c.Format)
		}
		return err
	})
	file.SHA256 = hex.EncodeToString(sum.Sum(nil))
	c.Files = append(c.Files, file)
	return err
}

// copyLines copies rows, each of which ends with a newline, and counts them.
func copyLines(w io.Writer, r io.Reader) (int, error) {
	counter := &lineCounter{w: w}
	_, err := io.Copy(counter, r)
	return counter.n, err
}

type lineCounter struct {
	w io.Writer
	n int
}

func (c *lineCounter) Write(b []byte) (int, error) {
	for _, x := range b {
		if x == '\n' {
			c.n++
		}
	}
	return c.w.Write(b)
}
