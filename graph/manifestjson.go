package graph

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// manifestJSON is a manifest on disk, with D for what describes a dependency.
// The first five keys are the Python toolkit's; the others are ours.
type manifestJSON[D any] struct {
	Pipeline    string       `json:"pipeline"`
	CodeHash    *string      `json:"code_hash"`
	Deps        map[string]D `json:"deps"`
	RecordCount int          `json:"record_count"`
	Partial     bool         `json:"partial"`

	Recipe       string                     `json:"recipe,omitempty"` // read only: Python's word in manifests of recipes
	Format       int                        `json:"format"`
	Kind         Kind                       `json:"kind"`
	Code         pieceList                  `json:"code,omitempty"` // declaration → hash
	Params       map[string]json.RawMessage `json:"params,omitempty"`
	Errors       int                        `json:"errors"`
	Skipped      int                        `json:"skipped"`
	Dropped      int                        `json:"dropped"`
	Kept         []Kept                     `json:"kept,omitempty"`
	Output       outputJSON                 `json:"output"`
	ErrorsOutput string                     `json:"errors_output,omitempty"`
}

type outputJSON struct {
	Digest  string `json:"digest"`
	Content string `json:"content"`
}

// fileDep is a file, or a prompt. Python knows the types file and model only,
// so folders and patterns are files with a shape.
type fileDep struct {
	Type        string    `json:"type"`
	Shape       string    `json:"shape,omitempty"`
	Path        string    `json:"path"`
	ContentHash *string   `json:"content_hash"`
	Pieces      pieceList `json:"pieces,omitempty"` // section or file → hash
}

type modelDep struct {
	Type          string                     `json:"type"`
	Registry      string                     `json:"registry"`
	SyspromptHash *string                    `json:"sysprompt_hash"`
	Fields        map[string]json.RawMessage `json:"fields,omitempty"`
}

type targetDep struct {
	Type        string  `json:"type"`
	Target      string  `json:"target"`
	ContentHash *string `json:"content_hash"`
}

type remoteDep struct {
	Type     string  `json:"type"`
	Address  string  `json:"address"`
	Revision *string `json:"revision"`
}

// anyDep reads each of them.
type anyDep struct {
	Type, Shape, Path, Target, Registry, Address string

	Revision *string

	ContentHash   *string `json:"content_hash"`
	SyspromptHash *string `json:"sysprompt_hash"`
	Pieces        pieceList
	Fields        map[string]json.RawMessage
}

// Encode returns the bytes of the manifest file: equal manifests, equal bytes.
func (m *Manifest) Encode() ([]byte, error) {
	if m.Mix != nil {
		return m.encodeMix()
	}
	j := manifestJSON[any]{
		Pipeline: m.Pipeline, Deps: make(map[string]any), RecordCount: m.Records, Partial: m.Partial,
		Format: manifestFormat, Kind: m.Kind, Errors: m.Errors, Skipped: m.Skipped, Dropped: m.Dropped, Kept: m.Kept,
		Output: outputJSON(m.Output), ErrorsOutput: m.ErrorsOutput,
	}
	for i := range m.Parts {
		encodePart(&j, &m.Parts[i])
	}
	return encoded(j, m.Pipeline)
}

// encoded is the text of a manifest, with its checksum.
func encoded(v any, of string) ([]byte, error) {
	text, err := indented(v)
	if err == nil {
		text, err = sealed(text)
	}
	if err != nil {
		return nil, fmt.Errorf("manifest of %s: %w", of, err)
	}
	return text, nil
}

func indented(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return b.Bytes(), err
}

func encodePart(j *manifestJSON[any], p *Part) {
	hash := &p.Digest
	if p.Missing {
		hash = nil
	}
	switch p.Type {
	case TypeCode:
		j.CodeHash, j.Code = hash, p.Fields
	case TypeParam:
		if j.Params == nil {
			j.Params = make(map[string]json.RawMessage)
		}
		j.Params[p.Attr] = json.RawMessage(p.Ref)
	case TypeModel:
		j.Deps[p.Attr] = encodeModel(p)
	case TypeTarget:
		j.Deps[p.Attr] = targetDep{TypeTarget, p.Ref, hash}
	case TypeRemote:
		j.Deps[p.Attr] = remoteDep{TypeRemote, p.Ref, hash}
	case TypeDir, TypeGlob:
		j.Deps[p.Attr] = fileDep{TypeFile, p.Type, p.Ref, hash, p.Fields}
	default:
		j.Deps[p.Attr] = fileDep{p.Type, "", p.Ref, hash, p.Fields}
	}
}

func encodeModel(p *Part) modelDep {
	d := modelDep{Type: TypeModel, Registry: p.Ref, Fields: make(map[string]json.RawMessage)}
	for i, f := range p.Fields {
		switch {
		case f.Name != sysPromptField:
			d.Fields[f.Name] = json.RawMessage(f.Value)
		case f.Digest != "":
			d.SyspromptHash = &p.Fields[i].Digest
		}
	}
	return d
}

// decodeManifest reads what Encode wrote, or the Python toolkit. Its errors are
// damagedErrors.
func decodeManifest(data []byte) (*Manifest, error) {
	if err := believable(data); err != nil {
		return nil, err
	}
	var j manifestJSON[anyDep]
	if err := json.Unmarshal(data, &j); err != nil {
		return nil, damaged("it is not a manifest: %v", err)
	}
	switch {
	case j.Format < 0:
		return nil, damaged("its format is %d", j.Format)
	case j.Format == 0 && j.Pipeline == "" && j.Recipe == "":
		return nil, damaged("it is not a manifest: it names no pipeline")
	}
	if j.Recipe != "" && j.Pipeline == "" {
		return decodeMix(data)
	}
	m := &Manifest{
		Format: j.Format, Kind: j.Kind, Pipeline: j.Pipeline,
		Records: j.RecordCount, Errors: j.Errors, Skipped: j.Skipped, Dropped: j.Dropped, Partial: j.Partial, Kept: j.Kept,
		Output: OutputDigest(j.Output), ErrorsOutput: j.ErrorsOutput,
	}
	if err := m.decodeParts(&j); err != nil {
		return nil, damaged("%v", err)
	}
	return m, nil
}

func (m *Manifest) decodeParts(j *manifestJSON[anyDep]) error {
	m.Parts = make([]Part, 0, len(j.Deps)+len(j.Params)+1)
	for _, attr := range slices.Sorted(maps.Keys(j.Deps)) {
		p, err := decodeDep(attr, j.Deps[attr])
		if err != nil {
			return err
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
	if j.CodeHash != nil && m.Format > 0 {
		m.Parts = append(m.Parts, Part{Type: TypeCode, Attr: TypeCode, Digest: *j.CodeHash, Fields: j.Code})
	}
	return nil
}

func decodeDep(attr string, d anyDep) (Part, error) {
	if d.Type == TypeModel {
		return decodeModel(attr, d)
	}
	hash := cmp.Or(d.ContentHash, d.Revision)
	p := Part{Type: d.Type, Attr: attr, Ref: cmp.Or(d.Path, d.Target, d.Address), Fields: d.Pieces, Missing: hash == nil}
	if !p.Missing {
		p.Digest = *hash
	}
	if d.Type == TypeFile && d.Shape != "" {
		p.Type = d.Shape
	}
	return p, nil
}

func decodeModel(attr string, d anyDep) (Part, error) {
	p := Part{Type: TypeModel, Attr: attr, Ref: d.Registry, Fields: make([]PartField, 1, 1+len(d.Fields))}
	p.Fields[0].Name = sysPromptField
	if d.SyspromptHash != nil {
		p.Fields[0].Digest = *d.SyspromptHash
	}
	for _, name := range slices.Sorted(maps.Keys(d.Fields)) {
		value, err := canonicalJSON(d.Fields[name])
		if err != nil {
			return p, err
		}
		p.Fields = append(p.Fields, valueField(name, value))
	}
	p.Digest = fieldsDigest(p.Fields)
	return p, nil
}
