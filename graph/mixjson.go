package graph

import (
	"encoding/json"
	"maps"
	"slices"
)

// mixJSON is the manifest of a recipe on disk. The keys before Format are the
// Python toolkit's.
type mixJSON struct {
	Recipe      string                     `json:"recipe"`
	RecipeHash  string                     `json:"recipe_hash"`
	Mode        string                     `json:"mode"`
	Weights     map[string]json.RawMessage `json:"weights,omitempty"`
	Categories  map[string]mixCategoryJSON `json:"categories"`
	Output      mixOutputJSON              `json:"output"`
	ShuffleSeed *int64                     `json:"shuffle_seed,omitempty"`

	Sources mixSourcesJSON `json:"sources,omitzero"` // read only: the older, flat manifest

	Format     int                        `json:"format"`
	Kind       Kind                       `json:"kind"`
	RecipePath string                     `json:"recipe_path"`
	Settings   json.RawMessage            `json:"settings,omitempty"`
	Params     map[string]json.RawMessage `json:"params,omitempty"`
	Partial    bool                       `json:"partial"`
	Skipped    int                        `json:"skipped"`
	Split      *splitJSON                 `json:"split,omitempty"`
}

type mixCategoryJSON struct {
	Used      int `json:"samples_used"`
	Available int `json:"samples_available"`
	mixSourcesJSON
}

type mixSourcesJSON struct {
	Pipelines map[string]mixSourceJSON `json:"pipelines,omitempty"`
	Files     map[string]mixSourceJSON `json:"files,omitempty"`
}

// mixSourceJSON is a pipeline or a file. Hash is of its bytes; Content is what
// we compare a pipeline by.
type mixSourceJSON struct {
	Hash    *string        `json:"hash"`
	Count   int            `json:"count"`
	Stale   *bool          `json:"pipeline_stale,omitempty"`
	Target  string         `json:"target,omitempty"`
	Path    string         `json:"path,omitempty"`
	Content *string        `json:"content,omitempty"`
	Dropped map[string]int `json:"dropped,omitempty"`
}

// UnmarshalJSON also reads a hash that stands alone, as in flat manifests.
func (s *mixSourceJSON) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, &s.Hash)
	}
	type plain mixSourceJSON
	return json.Unmarshal(data, (*plain)(s))
}

type mixOutputJSON struct {
	Total   int    `json:"total_samples"`
	Digest  string `json:"digest"`
	Content string `json:"content"`
}

type splitJSON struct {
	Train      int    `json:"train"`
	Validation int    `json:"validation"`
	Digest     string `json:"validation_digest"`
}

func (m *Manifest) encodeMix() ([]byte, error) {
	x := m.Mix
	j := mixJSON{
		Recipe: x.Recipe, Mode: x.Mode, Weights: x.Weights, ShuffleSeed: x.Seed, Settings: x.Settings,
		Categories: make(map[string]mixCategoryJSON), Output: mixOutputJSON{m.Records, m.Output.Digest, m.Output.Content},
		Format: manifestFormat, Kind: m.Kind, Partial: m.Partial, Skipped: m.Skipped,
	}
	if x.HeldOut != "" {
		j.Split = &splitJSON{x.Train, x.Validation, x.HeldOut}
	}
	parts := make(map[partKey]*Part)
	for i := range m.Parts {
		p := &m.Parts[i]
		parts[p.key()] = p
		switch p.Type {
		case TypeRecipe:
			j.RecipeHash, j.RecipePath = p.Digest, p.Ref
		case TypeParam:
			if j.Params == nil {
				j.Params = make(map[string]json.RawMessage)
			}
			j.Params[p.Attr] = json.RawMessage(p.Ref)
		}
	}
	for name, c := range x.Categories {
		j.Categories[name] = mixCategoryJSON{c.Used, c.Available, mixSourcesJSON{
			encodeMixed(TypePipeline, c.Pipelines, parts), encodeMixed(TypeSamples, c.Files, parts),
		}}
	}
	return encoded(j, "recipe "+x.Recipe)
}

func encodeMixed(kind string, sources map[string]MixSource, parts map[partKey]*Part) map[string]mixSourceJSON {
	all := make(map[string]mixSourceJSON)
	for name, s := range sources {
		j := mixSourceJSON{Count: s.Count, Dropped: s.Dropped}
		p := parts[partKey{kind, name}]
		switch {
		case p == nil:
		case kind == TypePipeline:
			j.Target, j.Stale, j.Hash = p.Ref, &s.Stale, present(p.Fields[0].Digest)
			if !p.Missing {
				j.Content = present(p.Digest)
			}
		default:
			j.Path, j.Hash = p.Ref, present(p.Digest)
		}
		all[name] = j
	}
	return all
}

func present(digest string) *string {
	if digest == "" {
		return nil
	}
	return &digest
}

// decodeMix reads what encodeMix wrote, or the Python toolkit. Its errors are
// damagedErrors.
func decodeMix(data []byte) (*Manifest, error) {
	var j mixJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return nil, damaged("it is not a manifest of a recipe: %v", err)
	}
	m := &Manifest{
		Format: j.Format, Kind: Recipe, Records: j.Output.Total, Skipped: j.Skipped, Partial: j.Partial,
		Output: OutputDigest{j.Output.Digest, j.Output.Content},
		Mix: &Mix{
			Recipe: j.Recipe, Mode: j.Mode, Weights: j.Weights, Seed: j.ShuffleSeed, Settings: j.Settings,
			Categories: make(map[string]MixCategory),
		},
	}
	if j.Split != nil {
		m.Mix.Train, m.Mix.Validation, m.Mix.HeldOut = j.Split.Train, j.Split.Validation, j.Split.Digest
	}
	for name, c := range j.Categories {
		m.Mix.Categories[name] = MixCategory{c.Used, c.Available, decodeMixed(c.Pipelines), decodeMixed(c.Files)}
	}
	if err := m.mixParts(&j); err != nil {
		return nil, damaged("%v", err)
	}
	return m, nil
}

func decodeMixed(sources map[string]mixSourceJSON) map[string]MixSource {
	all := make(map[string]MixSource)
	for name, s := range sources {
		all[name] = MixSource{Count: s.Count, Stale: s.Stale != nil && *s.Stale, Dropped: s.Dropped}
	}
	return all
}

// mixParts makes the parts: a source that several categories name is one.
func (m *Manifest) mixParts(j *mixJSON) error {
	m.Parts = []Part{{Type: TypeRecipe, Attr: recipeAttr, Ref: j.RecipePath, Digest: j.RecipeHash}}
	pipelines, files := maps.Clone(j.Sources.Pipelines), maps.Clone(j.Sources.Files)
	for _, c := range j.Categories {
		pipelines, files = joined(pipelines, c.Pipelines), joined(files, c.Files)
	}
	for _, name := range slices.Sorted(maps.Keys(pipelines)) {
		m.Parts = append(m.Parts, pipelines[name].pipeline(name, m.Format))
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f := files[name]
		p := Part{Type: TypeSamples, Attr: name, Ref: f.Path, Missing: f.Hash == nil}
		if !p.Missing {
			p.Digest = *f.Hash
		}
		m.Parts = append(m.Parts, p)
	}
	for _, attr := range slices.Sorted(maps.Keys(j.Params)) {
		p, err := Param{attr, j.Params[attr]}.Part(nil)
		if err != nil {
			return err
		}
		m.Parts = append(m.Parts, p)
	}
	return nil
}

func joined(all, more map[string]mixSourceJSON) map[string]mixSourceJSON {
	if all == nil {
		all = make(map[string]mixSourceJSON)
	}
	maps.Copy(all, more)
	return all
}

// pipeline is the part of a pipeline: we compare its samples, the Python
// toolkit its bytes.
func (s mixSourceJSON) pipeline(name string, format int) Part {
	bytes := ""
	if s.Hash != nil {
		bytes = *s.Hash
	}
	if format == 0 {
		return Part{Type: TypePipeline, Attr: name, Digest: bytes, Missing: bytes == ""}
	}
	p := Part{Type: TypePipeline, Attr: name, Ref: s.Target, Missing: s.Content == nil, Fields: []PartField{{Name: bytesField, Digest: bytes}}}
	if !p.Missing {
		p.Digest = *s.Content
	}
	return p
}
