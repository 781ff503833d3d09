package engine

import (
	"encoding/json"
	"path"

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
	Format  string         `json:"format"`
	Render  recipes.Format `json:"render,omitempty"`
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
