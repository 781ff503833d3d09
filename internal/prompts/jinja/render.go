package jinja

import (
	"fmt"
	"strings"
)

// A scope holds the names that one part of a template sets. What is not here
// is looked up in the scope around it.
type scope struct {
	names  []string
	values []any
	around *scope
}

func (s *scope) set(name string, v any) {
	for i, n := range s.names {
		if n == name {
			s.values[i] = v
			return
		}
	}
	s.names, s.values = append(s.names, name), append(s.values, v)
}

func (s *scope) get(name string) (any, bool) {
	for ; s != nil; s = s.around {
		for i, n := range s.names {
			if n == name {
				return s.values[i], true
			}
		}
	}
	return nil, false
}

// A context is what one template is rendered with. The templates of one chain
// of extends share it.
type context struct {
	top     *scope              // what the template sets outside of loops, blocks and macros
	blocks  map[string][]*block // of each name, the most derived first
	brought map[string]bool     // imported names of top, which it does not export
	parent  *Template           // the template that extends has named
	quiet   bool                // output outside of blocks is dropped: the parent has been named
}

// A render is one rendering under way.
type render struct {
	env        *Env
	tmpl       *Template // the template whose text is being run, for errors
	line       int
	ctx        *context
	scope      *scope
	out        *strings.Builder
	autoescape bool
	depth      int
	modules    map[string]*module // templates imported without context
}

// fail ends the rendering.
func (r *render) fail(kind, format string, args ...any) {
	panic(&Error{Template: r.tmpl.Name, Line: max(r.line, 1), Kind: kind, Message: fmt.Sprintf(format, args...)})
}

// lookup returns the value of a name.
func (r *render) lookup(name string) (any, bool) {
	if v, ok := r.scope.get(name); ok {
		return v, true
	}
	v, ok := globals[name]
	return v, ok
}

// deeper guards against recursion without end; call the result when done.
func (r *render) deeper() func() {
	r.depth++
	if r.depth > maxDepth {
		r.fail("RecursionError", "macros, includes or blocks call each other without end")
	}
	return func() { r.depth-- }
}

// root renders a template from its first line; given are the names it may see.
func (r *render) root(t *Template, given *scope) *context {
	defer r.deeper()()
	ctx, tmpl, line, outer, escape := r.ctx, r.tmpl, r.line, r.scope, r.autoescape
	r.autoescape = false
	r.ctx = &context{top: &scope{around: given}, blocks: map[string][]*block{}, brought: map[string]bool{"self": true}}
	done := r.ctx
	r.scope = r.ctx.top
	r.runTemplate(t)
	r.ctx, r.tmpl, r.line, r.scope, r.autoescape = ctx, tmpl, line, outer, escape
	return done
}

// runTemplate runs t and then the template it extends, in one context.
func (r *render) runTemplate(t *Template) {
	for depth := 0; t != nil; depth++ {
		if depth > maxDepth {
			r.fail("RecursionError", "templates extend each other without end")
		}
		r.tmpl = t
		r.ctx.parent, r.ctx.quiet = nil, false
		for name, b := range t.blocks {
			r.ctx.blocks[name] = append(r.ctx.blocks[name], b)
		}
		r.ctx.top.set("self", &selfRef{r, r.ctx})
		r.run(t.body)
		t = r.ctx.parent
	}
}

func (r *render) run(body []stmt) {
	for _, s := range body {
		s.exec(r)
	}
}

// inside runs body in a new scope.
func (r *render) inside(body []stmt) {
	outer := r.scope
	r.scope = &scope{around: outer}
	r.run(body)
	r.scope = outer
}

// capture returns what f writes.
func (r *render) capture(f func()) string {
	out := r.out
	var text strings.Builder
	r.out = &text
	quiet := r.ctx.quiet
	r.ctx.quiet = false
	f()
	r.ctx.quiet = quiet
	r.out = out
	return text.String()
}

// marked returns text as Markup where escaping is on.
func (r *render) marked(text string) any {
	if r.autoescape {
		return Markup(text)
	}
	return text
}

func (r *render) write(text string) {
	if !r.ctx.quiet {
		r.out.WriteString(text)
	}
}
