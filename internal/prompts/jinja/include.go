package jinja

import "strings"

type (
	include struct {
		name                   expr
		ignoreMissing, context bool
		line                   int
	}
	importAs struct {
		name    expr
		as      string
		context bool
		line    int
	}
	fromImport struct {
		name    expr
		names   [][2]string // name in the template, name here
		context bool
		line    int
	}
)

// A module is an imported template: what it sets, and what it writes.
type module struct {
	name string
	vars map[string]any
	text string
}

// given returns the names that another template sees: those visible here, or none.
func (r *render) given(visible bool) *scope {
	if visible {
		return r.scope
	}
	return &scope{}
}

func (n *include) exec(r *render) {
	r.line = n.line
	names := r.templateNames(n.name.eval(r))
	t := r.loadTemplate(names)
	if t == nil {
		if !n.ignoreMissing {
			r.fail("TemplateNotFound", "no template %s to include", quotedOr(names))
		}
		return
	}
	if r.ctx.quiet {
		r.capture(func() { r.root(t, r.given(n.context)) })
		return
	}
	r.root(t, r.given(n.context))
}

// module runs a template to import from it. Without context it is run once.
func (r *render) module(name expr, visible bool) *module {
	t := r.require(name)
	if m := r.modules[t.Name]; m != nil && !visible {
		return m
	}
	m := &module{name: t.Name, vars: map[string]any{}}
	var done *context
	m.text = r.capture(func() { done = r.root(t, r.given(visible)) })
	for i, name := range done.top.names {
		if !strings.HasPrefix(name, "_") && !done.brought[name] {
			m.vars[name] = done.top.values[i]
		}
	}
	if !visible {
		r.modules[t.Name] = m
	}
	return m
}

func (n *importAs) exec(r *render) {
	r.line = n.line
	r.bring(n.as, r.module(n.name, n.context))
}

func (n *fromImport) exec(r *render) {
	r.line = n.line
	m := r.module(n.name, n.context)
	for _, pair := range n.names {
		v, ok := m.vars[pair[0]]
		if !ok {
			v = &Undefined{hint: "the template " + quote(m.name) + " does not export the requested name " + quote(pair[0])}
		}
		r.bring(pair[1], v)
	}
}

// bring sets an imported name. Who imports this template does not get it.
func (r *render) bring(name string, v any) {
	r.scope.set(name, v)
	if r.scope == r.ctx.top {
		r.ctx.brought[name] = true
	}
}
