package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// A Model is a model of the registry, with the system prompt it would be sent:
// a document that changes no byte of the rendered prompt changes no Model.
type Model struct {
	Attr      string
	Registry  string // its name there
	SysPrompt string // "" if it has none
	Fields    []NamedValue
	Err       error  // why it cannot be used, nil if it can
	Prompt    string // the target that renders SysPrompt, "" if none does
	File      string // the frozen file that SysPrompt was read from, "" if none was; for pictures
}

// A NamedValue is a field of a model, such as its temperature.
type NamedValue struct {
	Name  string
	Value any // anything that has a JSON form
}

// A Param is an exported field of a pipeline, or a setting for it.
type Param struct {
	Attr  string
	Value any // anything that has a JSON form
}

// Code is what the pipeline's type reaches in the project's own module.
type Code struct {
	Hash   string
	Decls  []PartField
	Broken error // why it does not compile, nil if it does
}

// A Source is another target. What counts is the content of its rows, so that
// provenance alone wakes nobody.
type Source struct {
	Attr   string
	Target string
	Mixed  bool // Attr is a pipeline whose samples a recipe takes

	output string // set by New, which knows where targets lie
}

// sysPromptField is the field of a model that compat gives a name of its own.
const sysPromptField = "sysprompt"

// Part has a field for the system prompt and one for each of Fields.
func (m Model) Part(*Reader) (Part, error) {
	p := Part{Type: TypeModel, Attr: m.Attr, Ref: m.Registry}
	if m.Err != nil {
		p.Problem = m.Err.Error()
		return p, nil
	}
	prompt := PartField{Name: sysPromptField}
	if m.SysPrompt != "" {
		prompt.Digest = ShortDigest([]byte(m.SysPrompt))
	}
	p.Fields = append(p.Fields, prompt)
	for _, f := range m.Fields {
		if slices.ContainsFunc(p.Fields, func(g PartField) bool { return g.Name == f.Name }) {
			return p, fmt.Errorf("model %q has two fields %q", m.Attr, f.Name)
		}
		value, err := canonicalJSON(f.Value)
		if err != nil {
			return p, fmt.Errorf("model %q has a %s without a JSON form: %w", m.Attr, f.Name, err)
		}
		p.Fields = append(p.Fields, valueField(f.Name, value))
	}
	p.Digest = fieldsDigest(p.Fields)
	return p, nil
}

// Part has the JSON of the value for its Ref.
func (v Param) Part(*Reader) (Part, error) {
	p := Part{Type: TypeParam, Attr: v.Attr}
	value, err := canonicalJSON(v.Value)
	if err != nil {
		return p, fmt.Errorf("parameter %q has no JSON form: %w", v.Attr, err)
	}
	p.Ref, p.Digest = value, ShortDigest([]byte(value))
	return p, nil
}

// Part has a field for each declaration.
func (c Code) Part(*Reader) (Part, error) {
	p := Part{Type: TypeCode, Attr: TypeCode}
	if c.Broken != nil {
		p.Problem = c.Broken.Error()
		return p, nil
	}
	p.Digest, p.Fields = c.Hash, c.Decls
	return p, nil
}

// Part is Missing while the source has no manifest that tells its content.
func (s Source) Part(r *Reader) (Part, error) {
	p := Part{Type: TypeTarget, Attr: s.Attr, Ref: s.Target}
	if s.output == "" {
		return p, fmt.Errorf("source %q belongs to no graph", s.Target)
	}
	if s.Mixed {
		p.Type = TypePipeline
		bytes, err := r.FileDigest(s.output)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return p, err
		}
		p.Fields = []PartField{{Name: bytesField, Digest: bytes}}
	}
	m, err := r.manifestHead(ManifestPath(s.output))
	var damaged *damagedError
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.As(err, &damaged):
		p.Missing = true
		return p, nil
	case err != nil:
		return p, err
	}
	p.Digest = m.Output.Content
	p.Missing = p.Digest == ""
	return p, nil
}

func valueField(name, value string) PartField {
	return PartField{Name: name, Digest: ShortDigest([]byte(value)), Value: value}
}

// canonicalJSON is the one JSON text of a value: keys sorted, numbers as they
// were written, nothing escaped for HTML.
func canonicalJSON(v any) (string, error) {
	first, err := plainJSON(v)
	if err != nil {
		return "", err
	}
	d := json.NewDecoder(bytes.NewReader(first))
	d.UseNumber()
	var loose any // maps, so that a struct and a map of equal content are one
	if err := d.Decode(&loose); err != nil {
		return "", err
	}
	text, err := plainJSON(loose)
	return string(text), err
}

func plainJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
