package engine

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/identity-shaping/isf/graph"
)

// The types of a pipeline's dependency fields. A field's value comes from its
// tag `isf:"…"`, unless the literal that registers the pipeline sets it.
type (
	// A Target is another target whose rows the pipeline reads.
	Target string
	// A File is a file the pipeline reads, relative to the project's root.
	File string
	// A Dir is a folder the pipeline reads, relative to the project's root.
	Dir string
	// A Glob is a pattern of files the pipeline reads.
	Glob string
	// A Prompt is a Jinja2 file under prompts/.
	Prompt string
	// A Model is a registry name.
	Model string
)

// A Pipeline makes one target.
type Pipeline struct {
	Name string
	Kind graph.Kind // Dataset or Table
	Self any        // pointer to the author's struct
	Run  func(*Build) Rows
	File string // where it is registered, as the compiler names it
	Line int

	Workers      int // 0: as the project says
	Minimal      bool
	KeepMeta     bool
	MaxErrorRate float64
	Stable       string // the field with a row's text, of a table with a lock file
	Version      string // where set, stands for the code

	deps   []dependency
	params []parameter
	given  reflect.Value // the struct as it was registered
	asMade struct {
		workers int
		errors  float64
	}
}

// A dependency is a field that names something outside the pipeline.
type dependency struct {
	attr  string
	field reflect.Value
}

func (d dependency) value() string { return d.field.String() }

// A parameter is any other exported field.
type parameter struct {
	name  string
	field reflect.Value
}

// DefaultMaxErrorRate is the share of records that may fail in a run that
// still counts.
const DefaultMaxErrorRate = 0.1

// Bind finds the fields of the pipeline's struct and fills those that are
// unset from their tags. Done again, it starts from what was registered, so that
// a project can be opened anew by a process that stays.
func (p *Pipeline) Bind() error {
	v := reflect.ValueOf(p.Self)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return fmt.Errorf("pipeline %q is a %T: register a pointer to a struct, as &MyPipeline{}", p.Name, p.Self)
	}
	v = v.Elem()
	if !p.given.IsValid() {
		p.given = reflect.New(v.Type()).Elem()
		p.given.Set(v)
		p.asMade.workers, p.asMade.errors = p.Workers, p.MaxErrorRate
	}
	p.Workers, p.MaxErrorRate = p.asMade.workers, p.asMade.errors
	p.deps, p.params = nil, nil
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() {
			continue
		}
		v.Field(i).Set(p.given.Field(i))
		if err := p.bindField(f, v.Field(i)); err != nil {
			return fmt.Errorf("pipeline %q: field %s: %w", p.Name, f.Name, err)
		}
	}
	return nil
}

func (p *Pipeline) bindField(f reflect.StructField, v reflect.Value) error {
	tag := f.Tag.Get("isf")
	switch v.Interface().(type) {
	case Target, File, Data, Dir, Glob, Prompt, Model:
		if v.String() == "" {
			v.SetString(tag)
		}
		if v.String() == "" {
			return fmt.Errorf("names nothing: give it a tag `isf:\"…\"` or a value")
		}
		p.deps = append(p.deps, dependency{snake(f.Name), v})
		return nil
	}
	if tag != "" && v.IsZero() {
		if err := setJSON(v, []byte(tag)); err != nil {
			return fmt.Errorf("the tag's default %s: %w", tag, err)
		}
	}
	p.params = append(p.params, parameter{snake(f.Name), v})
	return nil
}

// Set gives a parameter a value, which must fit its field's type. Data is set
// like a parameter, and so are settings.
func (p *Pipeline) Set(name string, value any) error {
	var known []string
	settable := slices.Clone(p.params)
	for _, d := range p.deps {
		if _, ok := d.field.Interface().(Data); ok {
			settable = append(settable, parameter{d.attr, d.field})
		}
	}
	for _, q := range settable {
		if q.name != name {
			known = append(known, q.name)
			continue
		}
		text, err := json.Marshal(value)
		if err != nil {
			return err
		}
		if err := setJSON(q.field, text); err != nil {
			return fmt.Errorf("parameter %q of pipeline %q takes values of type %s, as %s is one, and %s does not fit", name, p.Name, q.field.Type(), example(q.field), text)
		}
		return nil
	}
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if known, err := p.setSetting(name, text); known {
		return err
	}
	for _, s := range runSettings {
		known = append(known, s.name)
	}
	return &unknownError{what: fmt.Sprintf("pipeline %q has no parameter %q", p.Name, name), name: name, known: known}
}

// example is a value that fits: what the parameter is now.
func example(v reflect.Value) string {
	text, err := marshal(v.Interface())
	if err != nil {
		return v.Type().String()
	}
	return string(text)
}

// setJSON decodes text into a fresh value first, so that a bad one changes
// nothing. A bare word is taken for a string.
func setJSON(v reflect.Value, text []byte) error {
	fresh := reflect.New(v.Type())
	err := json.Unmarshal(text, fresh.Interface())
	if err != nil && v.Kind() == reflect.String && !strings.HasPrefix(string(text), `"`) {
		fresh.Elem().SetString(string(text))
		err = nil
	}
	if err != nil {
		return err
	}
	v.Set(fresh.Elem())
	return nil
}

// snake turns a field's name into the words manifests and messages use:
// IdentityModel is identity_model, HTTPHost is http_host.
func snake(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 {
			before := !unicode.IsUpper(runes[i-1])
			after := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if before || after {
				b.WriteByte('_')
			}
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// typeOf returns the package path and the name of the author's struct.
func (p *Pipeline) typeOf() (pkg, name string) {
	t := reflect.TypeOf(p.Self).Elem()
	name, _, _ = strings.Cut(t.Name(), "[") // a generic type's arguments are values' business
	return t.PkgPath(), name
}
