package jinja

import "slices"

type (
	namedExpr struct {
		name string
		of   expr
	}
	// arguments are those of a call as written.
	arguments struct {
		pos            []expr
		named          []namedExpr
		star, starstar expr
	}
	callExpr struct {
		of   expr
		args arguments
		line int
	}
	filterExpr struct {
		of   expr // nil: the text of a block
		name string
		def  *builtin
		args arguments
		line int
	}
	testExpr struct {
		of   expr
		name string
		def  *builtin
		args arguments
		line int
	}
)

type named struct {
	name string
	v    any
}

// args are the values of a call's arguments.
type args struct {
	pos   []any
	named []named
}

// A callable can be called from a template.
type callable interface {
	call(r *render, a args) any
}

// A native is a callable that takes its arguments as they come.
type native func(r *render, a args) any

func (f native) call(r *render, a args) any { return f(r, a) }

// A builtin is a filter, test, method or global function.
type builtin struct {
	name   string
	params []param
	fn     func(r *render, a []any) any // one value per parameter
	raw    native                       // instead of fn, for any number of arguments
}

// A param is a parameter of a builtin.
type param struct {
	name      string
	otherwise any
	required  bool
}

// must marks a parameter that has no default.
type must struct{}

// def makes a builtin; spec is pairs of a parameter's name and its default.
func def(fn func(r *render, a []any) any, spec ...any) *builtin {
	b := &builtin{fn: fn}
	for i := 0; i < len(spec); i += 2 {
		_, required := spec[i+1].(must)
		b.params = append(b.params, param{spec[i].(string), spec[i+1], required})
	}
	return b
}

func (b *builtin) call(r *render, a args) any {
	if b.raw != nil {
		return b.raw(r, a)
	}
	return b.fn(r, b.bind(r, a))
}

// bind puts arguments in the order of the parameters.
func (b *builtin) bind(r *render, a args) []any {
	if len(a.pos) > len(b.params) {
		r.fail("TypeError", "%s takes at most %d arguments (%d given)", b.name, len(b.params), len(a.pos))
	}
	vs := make([]any, len(b.params))
	n := copy(vs, a.pos)
	used := 0
	for i := n; i < len(vs); i++ {
		p := b.params[i]
		j := slices.IndexFunc(a.named, func(n named) bool { return n.name == p.name })
		switch {
		case j >= 0:
			vs[i] = a.named[j].v
			used++
		case p.required:
			r.fail("TypeError", "%s is missing its argument '%s'", b.name, p.name)
		default:
			vs[i] = p.otherwise
		}
	}
	if used < len(a.named) {
		for _, n := range a.named {
			if i := slices.IndexFunc(b.params, func(p param) bool { return p.name == n.name }); i < len(a.pos) {
				r.fail("TypeError", "%s got an unexpected keyword argument '%s'", b.name, n.name)
			}
		}
	}
	return vs
}

// A bound is a method together with its object.
type bound struct {
	self any
	def  *builtin
}

func (b *bound) call(r *render, a args) any {
	a.pos = append([]any{b.self}, a.pos...)
	return b.def.call(r, a)
}

func (a *arguments) eval(r *render) args {
	v := args{pos: evalAll(r, a.pos)}
	if a.star != nil {
		v.pos = append(v.pos, r.items(a.star.eval(r))...)
	}
	for _, n := range a.named {
		v.named = append(v.named, named{n.name, n.of.eval(r)})
	}
	if a.starstar != nil {
		d, ok := a.starstar.eval(r).(*Dict)
		if !ok {
			r.fail("TypeError", "argument after ** must be a mapping")
		}
		for i, k := range d.keys {
			v.named = append(v.named, named{str(k), d.vals[i]})
		}
	}
	return v
}

func (e *callExpr) eval(r *render) any {
	f := e.of.eval(r)
	a := e.args.eval(r)
	r.line = e.line
	return r.call(f, a)
}

// call is f(a…).
func (r *render) call(f any, a args) any {
	r.defined(f)
	c, ok := f.(callable)
	if !ok {
		r.fail("TypeError", "'%s' object is not callable", typeName(f))
	}
	return c.call(r, a)
}

func (e *filterExpr) eval(r *render) any {
	var v any
	if e.of == nil {
		v, _ = r.scope.get(blockText)
	} else {
		v = e.of.eval(r)
	}
	a := e.args.eval(r)
	r.line = e.line
	return r.filter(e.name, e.def, v, a)
}

func (r *render) filter(name string, def *builtin, v any, a args) any {
	if def == nil {
		r.fail("TemplateRuntimeError", "%s", unknownName("filter", name, filters))
	}
	return def.of(r, v, a)
}

// of calls a filter or a test, whose first argument is what it stands behind.
func (def *builtin) of(r *render, v any, a args) any {
	a.pos = append([]any{v}, a.pos...)
	return def.call(r, a)
}

func (e *testExpr) eval(r *render) any {
	v := e.of.eval(r)
	a := e.args.eval(r)
	r.line = e.line
	return r.test(e.name, e.def, v, a)
}

func (r *render) test(name string, def *builtin, v any, a args) any {
	if def == nil {
		r.fail("TemplateRuntimeError", "%s", unknownName("test", name, tests))
	}
	return def.of(r, v, a)
}
