package jinja

import (
	"slices"
	"strings"
)

type (
	// A parameter of a macro; otherwise is its default, nil if it has none.
	parameter struct {
		name      string
		otherwise expr
	}
	// A function is the body of a macro or call block.
	function struct {
		name                    string
		params                  []parameter
		body                    []stmt
		caller, varargs, kwargs bool // the body reads these names
		tmpl                    *Template
		line                    int
	}
	macroDef  struct{ def *function }
	callBlock struct {
		call *callExpr
		def  *function
		line int
	}
)

// A macro is a function together with the scope it was defined in.
type macro struct {
	def   *function
	scope *scope
	ctx   *context
	// autoescape is that of the definition: it governs what the body writes.
	autoescape bool
}

func (d *macroDef) exec(r *render) { r.scope.set(d.def.name, r.closure(d.def)) }

func (r *render) closure(f *function) *macro { return &macro{f, r.scope, r.ctx, r.autoescape} }

func (c *callBlock) exec(r *render) {
	r.line = c.line
	caller := r.closure(c.def)
	f := c.call.of.eval(r)
	a := c.call.args.eval(r)
	a.named = append(a.named, named{"caller", caller})
	r.line = c.line
	v := r.call(f, a)
	if r.autoescape {
		r.write(string(escapeHTML(v)))
		return
	}
	r.write(str(v))
}

func (m *macro) attribute(name string) (any, bool) {
	switch name {
	case "name":
		return m.def.name, true
	case "arguments":
		t := &Tuple{}
		for _, p := range m.def.params {
			t.Items = append(t.Items, p.name)
		}
		return t, true
	case "catch_kwargs":
		return m.def.kwargs, true
	case "catch_varargs":
		return m.def.varargs, true
	case "caller":
		return m.def.caller, true
	}
	return nil, false
}

// call runs the body with the given arguments and returns what it writes.
func (m *macro) call(r *render, a args) any {
	defer r.deeper()()
	inner := &scope{around: m.scope}
	defaults := m.bind(r, a, inner)
	tmpl, line, outer, ctx, escape, out := r.tmpl, r.line, r.scope, r.ctx, r.autoescape, r.out
	r.tmpl, r.scope, r.ctx, r.autoescape = m.def.tmpl, inner, m.ctx, m.autoescape
	var text strings.Builder
	r.out = &text
	quiet := r.ctx.quiet
	r.ctx.quiet = false
	for _, p := range defaults {
		inner.set(p.name, m.otherwise(r, p))
	}
	r.run(m.def.body)
	r.ctx.quiet = quiet
	r.tmpl, r.line, r.scope, r.ctx, r.autoescape, r.out = tmpl, line, outer, ctx, escape, out
	return r.marked(text.String())
}

func (m *macro) otherwise(r *render, p parameter) any {
	if p.otherwise == nil {
		return &Undefined{hint: "parameter " + quote(p.name) + " was not provided"}
	}
	return p.otherwise.eval(r)
}

// bind sets the arguments in s and returns the parameters without one.
func (m *macro) bind(r *render, a args, s *scope) (missing []parameter) {
	rest := slices.Clone(a.named)
	explicit := false
	for i, p := range m.def.params {
		explicit = explicit || p.name == "caller"
		if i < len(a.pos) {
			s.set(p.name, a.pos[i])
			continue
		}
		j := slices.IndexFunc(rest, func(n named) bool { return n.name == p.name })
		if j < 0 {
			missing = append(missing, p)
			continue
		}
		s.set(p.name, rest[j].v)
		rest = slices.Delete(rest, j, j+1)
	}
	if m.def.caller && !explicit {
		rest = m.bindCaller(rest, s)
	}
	m.bindRest(r, a, rest, s)
	return missing
}

func (m *macro) bindCaller(rest []named, s *scope) []named {
	j := slices.IndexFunc(rest, func(n named) bool { return n.name == "caller" })
	if j < 0 {
		s.set("caller", &Undefined{hint: "No caller defined"})
		return rest
	}
	s.set("caller", rest[j].v)
	return slices.Delete(rest, j, j+1)
}

// bindRest takes care of arguments that have no parameter.
func (m *macro) bindRest(r *render, a args, rest []named, s *scope) {
	if m.def.kwargs {
		d := NewDict()
		for _, n := range rest {
			d.Set(n.name, n.v)
		}
		s.set("kwargs", d)
	} else if len(rest) > 0 {
		r.fail("TypeError", "macro '%s' takes no keyword argument '%s'", m.def.name, rest[0].name)
	}
	extra := a.pos[min(len(a.pos), len(m.def.params)):]
	if m.def.varargs {
		s.set("varargs", &Tuple{Items: extra})
	} else if len(extra) > 0 {
		r.fail("TypeError", "macro '%s' takes not more than %d argument(s)", m.def.name, len(m.def.params))
	}
}
