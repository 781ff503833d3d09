package jinja

import "math/big"

// An expr is an expression; eval gives its value.
type expr interface {
	eval(r *render) any
}

type (
	constant  struct{ v any }
	listExpr  struct{ items []expr }
	tupleExpr struct{ items []expr }
	dictExpr  struct {
		keys, values []expr
		line         int
	}
	name struct {
		name string
		line int
	}
	condExpr   struct{ test, then, other expr }
	arithmetic struct {
		op          string
		left, right expr
		line        int
	}
	concat struct{ parts []expr }
	logic  struct {
		left, right expr
		or          bool
	}
	not  struct{ of expr }
	sign struct {
		negative bool
		of       expr
		line     int
	}
	compare struct {
		first expr
		rest  []operand
		line  int
	}
	operand struct {
		op string
		of expr
	}
)

func (e *constant) eval(*render) any { return e.v }

func evalAll(r *render, es []expr) []any {
	vs := make([]any, len(es))
	for i, e := range es {
		vs[i] = e.eval(r)
	}
	return vs
}

func (e *listExpr) eval(r *render) any { return &List{evalAll(r, e.items)} }

func (e *tupleExpr) eval(r *render) any { return &Tuple{Items: evalAll(r, e.items)} }

func (e *dictExpr) eval(r *render) any {
	d := NewDict()
	for i := range e.keys {
		k := e.keys[i].eval(r)
		v := e.values[i].eval(r)
		r.line = e.line
		d.Set(r.hashable(k), v)
	}
	return d
}

func (e *name) eval(r *render) any {
	if v, ok := r.lookup(e.name); ok {
		return v
	}
	return &Undefined{name: e.name, bare: true}
}

func (e *condExpr) eval(r *render) any {
	if truth(e.test.eval(r)) {
		return e.then.eval(r)
	}
	if e.other != nil {
		return e.other.eval(r)
	}
	return &Undefined{hint: "the inline if-expression evaluated to false and no else section was defined."}
}

func (e *arithmetic) eval(r *render) any {
	a, b := e.left.eval(r), e.right.eval(r)
	r.line = e.line
	return r.operate(e.op, a, b)
}

func (e *concat) eval(r *render) any {
	var out Markup
	marked := false
	vs := evalAll(r, e.parts)
	for _, v := range vs {
		if _, ok := v.(Markup); ok {
			marked = true
		}
	}
	escaping := r.autoescape && marked
	for _, v := range vs {
		if escaping {
			out += escapeHTML(v)
		} else {
			out += Markup(str(v))
		}
	}
	if escaping {
		return out
	}
	return string(out)
}

func (e *logic) eval(r *render) any {
	v := e.left.eval(r)
	if truth(v) == e.or {
		return v
	}
	return e.right.eval(r)
}

func (e *not) eval(r *render) any { return !truth(e.of.eval(r)) }

func (e *sign) eval(r *render) any {
	v := e.of.eval(r)
	r.line = e.line
	r.defined(v)
	if !isNumber(v) {
		r.fail("TypeError", "bad operand type for unary %s: '%s'", map[bool]string{true: "-", false: "+"}[e.negative], typeName(v))
	}
	if f, ok := v.(float64); ok {
		if e.negative {
			return -f
		}
		return f
	}
	i := asBig(v)
	if e.negative {
		i = new(big.Int).Neg(i)
	}
	return fromBig(i)
}

func (e *compare) eval(r *render) any {
	left := e.first.eval(r)
	for _, o := range e.rest {
		right := o.of.eval(r)
		r.line = e.line
		if !r.holds(o.op, left, right) {
			return false
		}
		left = right
	}
	return true
}

// holds is one comparison.
func (r *render) holds(op string, a, b any) bool {
	switch op {
	case "==":
		return equal(a, b)
	case "!=":
		return !equal(a, b)
	case "<":
		return r.less(a, b, op)
	case ">":
		return r.less(b, a, op)
	case "<=":
		return r.less(a, b, op) || equal(a, b)
	case ">=":
		return r.less(b, a, op) || equal(a, b)
	case "in":
		return r.contains(b, a)
	}
	return !r.contains(b, a)
}
