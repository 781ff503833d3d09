package jinja

import "slices"

// A stmt is a statement, or template data, or a printed expression.
type stmt interface {
	exec(r *render)
}

type (
	data   string
	output struct {
		of   expr
		line int
	}
	printAll struct{ parts []output }
	branch   struct {
		test expr
		body []stmt
		line int
	}
	ifElse struct {
		branches []branch
		other    []stmt
	}
	// A target is a name, an attribute of a namespace, or a list of targets.
	target struct {
		name, attr string
		list       []target
	}
	assign struct {
		to   target
		of   expr
		line int
	}
	assignBlock struct {
		to      target
		filters expr
		body    []stmt
		line    int
	}
	with struct {
		targets []target
		values  []expr
		body    []stmt
	}
	autoescape struct {
		on   expr
		body []stmt
	}
	filterBlock struct {
		filters expr
		body    []stmt
		line    int
	}
)

func (d data) exec(r *render) { r.write(string(d)) }

func (o *output) exec(r *render) {
	r.line = o.line
	v := o.of.eval(r)
	if r.autoescape {
		r.write(string(escapeHTML(v)))
		return
	}
	r.write(str(v))
}

func (p *printAll) exec(r *render) {
	for i := range p.parts {
		p.parts[i].exec(r)
	}
}

func (n *ifElse) exec(r *render) {
	for _, b := range n.branches {
		r.line = b.line
		if truth(b.test.eval(r)) {
			r.run(b.body)
			return
		}
	}
	r.run(n.other)
}

func (a *assign) exec(r *render) {
	r.line = a.line
	r.assign(a.to, a.of.eval(r))
}

// assign gives v to the names of t, in the innermost scope.
func (r *render) assign(t target, v any) {
	switch {
	case t.attr != "":
		ns, ok := r.scope.get(t.name)
		space, isSpace := ns.(*namespace)
		if !ok || !isSpace {
			r.fail("TemplateRuntimeError", "cannot assign attribute on non-namespace object")
		}
		space.attrs.Set(t.attr, v)
	case t.name != "":
		r.scope.set(t.name, v)
	default:
		r.unpack(t.list, v)
	}
}

func (r *render) unpack(list []target, v any) {
	items := slices.Clone(r.iterate(v, "cannot unpack non-iterable %s object"))
	if len(items) < len(list) {
		r.fail("ValueError", "not enough values to unpack (expected %d, got %d)", len(list), len(items))
	}
	if len(items) > len(list) {
		r.fail("ValueError", "too many values to unpack (expected %d)", len(list))
	}
	for i, t := range list {
		r.assign(t, items[i])
	}
}

func (a *assignBlock) exec(r *render) {
	text := r.capture(func() { r.inside(a.body) })
	r.line = a.line
	r.assign(a.to, r.filtered(a.filters, text))
}

// filtered applies the filters of a block to its text.
func (r *render) filtered(filters expr, text string) any {
	if filters == nil {
		return r.marked(text)
	}
	outer := r.scope
	r.scope = &scope{names: []string{blockText}, values: []any{r.marked(text)}, around: outer}
	v := filters.eval(r)
	r.scope = outer
	return v
}

// blockText is the name under which the innermost filter of a block finds its
// text; no template can write it.
const blockText = "{block}"

func (w *with) exec(r *render) {
	outer := r.scope
	inner := &scope{around: outer}
	for i, t := range w.targets {
		v := w.values[i].eval(r)
		r.scope = inner
		r.assign(t, v)
		r.scope = outer
	}
	r.scope = inner
	r.run(w.body)
	r.scope = outer
}

func (a *autoescape) exec(r *render) {
	before := r.autoescape
	r.autoescape = truth(a.on.eval(r))
	r.inside(a.body)
	r.autoescape = before
}

func (f *filterBlock) exec(r *render) {
	text := r.capture(func() { r.inside(f.body) })
	r.line = f.line
	v := r.filtered(f.filters, text)
	if r.autoescape {
		r.write(string(escapeHTML(v)))
		return
	}
	r.write(str(v))
}
