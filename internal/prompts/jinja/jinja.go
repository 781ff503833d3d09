// Package jinja renders templates to the bytes that Jinja2 3.1 for Python renders.
//
// A Template is parsed once and never changes; any number of goroutines may
// render it. Values inside a template are those of Python: None (nil), bool,
// int (int64, *big.Int when larger), float64, string, Markup, *List, *Tuple,
// *Dict (which keeps its order), *Undefined and callables. The environment is
// fixed: keep_trailing_newline, no autoescape, no extensions, undefined
// renders empty.
//
// Inside the package a template's fault travels as a panic with *Error, as in
// text/template, and ends at the exported functions; no other panic is caught.
//
// Where Python's result depends on chance or on memory addresses (the filter
// random, lipsum, printing a function) there is nothing to be equal to: these
// are errors, or print a name.
package jinja

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
)

// An Error says which template and line is at fault, and why. It never quotes
// the template.
type Error struct {
	Template string
	Line     int
	Kind     string // Python's class of the error: TemplateSyntaxError, UndefinedError, …
	Message  string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d: %s", e.Template, e.Line, e.Message)
}

// An Env finds templates by name and keeps what it has parsed.
type Env struct {
	load func(name string) (string, error)

	mu     sync.Mutex
	parsed map[string]*Template
}

// New returns an Env that reads sources with load, which reports a template
// that is not there by an error that is fs.ErrNotExist.
func New(load func(name string) (string, error)) *Env {
	return &Env{load: load, parsed: map[string]*Template{}}
}

// A Template is a parsed source.
type Template struct {
	Name   string
	env    *Env
	body   []stmt
	blocks map[string]*block
	refs   []expr // the names that include, extends, import and from load
	reads  []string
	own    map[string]bool // names that it sets somewhere
}

// Template returns the named template, parsed at its first use.
func (e *Env) Template(name string) (*Template, error) {
	e.mu.Lock()
	t := e.parsed[name]
	e.mu.Unlock()
	if t != nil {
		return t, nil
	}
	src, err := e.load(name)
	if err != nil {
		return nil, err
	}
	t, err = e.Parse(name, src)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.parsed[name] = t
	return t, nil
}

// Parse parses a source that may refer to other templates of e.
func (e *Env) Parse(name, src string) (t *Template, err error) {
	defer catch(&err)
	return parse(e, name, src), nil
}

// Render renders the template. Values of vars may be any Go value that can be
// seen as JSON; see FromGo.
func (t *Template) Render(vars map[string]any) (text string, err error) {
	defer catch(&err)
	given := &scope{}
	for name, v := range vars {
		given.set(name, FromGo(v))
	}
	r := &render{env: t.env, tmpl: t, modules: map[string]*module{}}
	var out strings.Builder
	r.out = &out
	r.root(t, given)
	return out.String(), nil
}

// References returns the names of templates that t loads. open is true when
// a name is computed while rendering, so that the list cannot be complete.
func (t *Template) References() (names []string, open bool) {
	for _, e := range t.refs {
		if !constantNames(e, &names) {
			open = true
		}
	}
	return names, open
}

// constantNames appends the template names that e can evaluate to; false when
// they are not written out.
func constantNames(e expr, names *[]string) bool {
	switch e := e.(type) {
	case *constant:
		s, ok := e.v.(string)
		if ok {
			*names = append(*names, s)
		}
		return ok
	case *listExpr:
		return allConstant(e.items, names)
	case *tupleExpr:
		return allConstant(e.items, names)
	case *condExpr:
		return constantNames(e.then, names) && (e.other == nil || constantNames(e.other, names))
	}
	return false
}

func allConstant(es []expr, names *[]string) bool {
	for _, e := range es {
		if !constantNames(e, names) {
			return false
		}
	}
	return true
}

// catch turns a panic with *Error into err.
func catch(err *error) {
	switch p := recover().(type) {
	case nil:
	case *Error:
		*err = p
	default:
		panic(p)
	}
}

// loadTemplate returns the first of names that exists, or nil.
func (r *render) loadTemplate(names []string) *Template {
	for _, name := range names {
		t, err := r.env.Template(name)
		if err == nil {
			return t
		}
		var fault *Error
		if errors.As(err, &fault) {
			panic(fault)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			r.fail("TemplateError", "%v", err)
		}
	}
	return nil
}
