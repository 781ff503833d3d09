package jinja

import (
	"fmt"
	"math"
	"math/big"
	"strings"
)

// An Undefined is a value that is not there. It prints as nothing and is an
// empty sequence; anything else done with it is an error.
type Undefined struct {
	hint string
	of   any // what had no such attribute or element
	name any
	bare bool // a name rather than a part of something
}

// message says what was not there.
func (u *Undefined) message() string {
	switch name, isString := u.name.(string); {
	case u.hint != "":
		return u.hint
	case u.bare:
		return fmt.Sprintf("%s is undefined", repr(u.name))
	case isString:
		return fmt.Sprintf("'%s' has no attribute %s", objectType(u.of), repr(name))
	}
	return fmt.Sprintf("%s has no element %s", objectType(u.of), repr(u.name))
}

// Markup is text that is not escaped where escaping is on.
type Markup string

// A List is Python's list.
type List struct{ Items []any }

// A Tuple is Python's tuple. Names are those of a named tuple's fields.
type Tuple struct {
	Items []any
	names []string
}

// An iterator is a generator: it can be gone through once, and makes its items
// when they are first asked for.
type iterator struct {
	kind  string
	make  func() []any
	items []any
}

func lazy(make func() []any) *iterator { return &iterator{kind: "generator", make: make} }

// rest returns the items that were not taken yet.
func (it *iterator) rest() []any {
	if it.make != nil {
		it.items, it.make = it.make(), nil
	}
	return it.items
}

// A numbers is Python's range.
type numbers struct{ start, stop, step int64 }

func (n numbers) len() int64 {
	if n.step > 0 && n.start < n.stop {
		return (n.stop - n.start + n.step - 1) / n.step
	}
	if n.step < 0 && n.start > n.stop {
		return (n.start - n.stop - n.step - 1) / -n.step
	}
	return 0
}

func (n numbers) items() []any {
	items := make([]any, n.len())
	for i := range items {
		items[i] = n.start + int64(i)*n.step
	}
	return items
}

// A namespace holds attributes that inner scopes may set.
type namespace struct{ attrs *Dict }

// typeName is Python's name for the type of v.
func typeName(v any) string {
	switch v := v.(type) {
	case nil:
		return "NoneType"
	case bool:
		return "bool"
	case int64, *big.Int:
		return "int"
	case float64:
		return "float"
	case string:
		return "str"
	case Markup:
		return "Markup"
	case *List:
		return "list"
	case *Tuple:
		return "tuple"
	case *Dict:
		return "dict"
	case *view:
		return "dict_" + v.kind
	case *iterator:
		return v.kind
	case numbers:
		return "range"
	case *Undefined:
		return "Undefined"
	case *namespace:
		return "Namespace"
	case *macro:
		return "Macro"
	case *loop:
		return "LoopContext"
	}
	return "builtin_function_or_method"
}

// objectType is how messages of Undefined name the type of v.
func objectType(v any) string {
	if v == nil {
		return "None"
	}
	return typeName(v) + " object"
}

// truth is Python's bool(v).
func truth(v any) bool {
	switch v := v.(type) {
	case nil, *Undefined:
		return false
	case bool:
		return v
	case int64:
		return v != 0
	case float64:
		return v != 0
	case string:
		return v != ""
	case Markup:
		return v != ""
	case *List:
		return len(v.Items) > 0
	case *Tuple:
		return len(v.Items) > 0
	case *Dict:
		return v.Len() > 0
	case *view:
		return v.of.Len() > 0
	case numbers:
		return v.len() > 0
	}
	return true
}

// equal is Python's a == b.
func equal(a, b any) bool {
	if isNumber(a) && isNumber(b) {
		return compareNumbers(a, b) == 0 && !isNaN(a) && !isNaN(b)
	}
	if s, ok := text(a); ok {
		t, ok := text(b)
		return ok && s == t
	}
	switch a := a.(type) {
	case nil:
		return b == nil
	case *List:
		b, ok := b.(*List)
		return ok && equalItems(a.Items, b.Items)
	case *Tuple:
		b, ok := b.(*Tuple)
		return ok && equalItems(a.Items, b.Items)
	case *Dict:
		b, ok := b.(*Dict)
		return ok && a.equal(b)
	case *Undefined:
		_, ok := b.(*Undefined)
		return ok
	}
	return a == b
}

func isNaN(v any) bool { f, ok := v.(float64); return ok && math.IsNaN(f) }

func equalItems(a, b []any) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

// text returns the characters of a string or Markup.
func text(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case Markup:
		return string(v), true
	}
	return "", false
}

// less is Python's a < b; op is how the error names the comparison.
func (r *render) less(a, b any, op string) bool {
	r.defined(a, b)
	if isNumber(a) && isNumber(b) {
		return !isNaN(a) && !isNaN(b) && compareNumbers(a, b) < 0
	}
	if s, ok := text(a); ok {
		if t, ok := text(b); ok {
			return s < t // UTF-8 sorts like code points
		}
	}
	switch a := a.(type) {
	case *List:
		if b, ok := b.(*List); ok {
			return r.lessItems(a.Items, b.Items, op)
		}
	case *Tuple:
		if b, ok := b.(*Tuple); ok {
			return r.lessItems(a.Items, b.Items, op)
		}
	}
	r.fail("TypeError", "'%s' not supported between instances of '%s' and '%s'", op, typeName(a), typeName(b))
	return false
}

func (r *render) lessItems(a, b []any, op string) bool {
	for i := range min(len(a), len(b)) {
		if !equal(a[i], b[i]) {
			return r.less(a[i], b[i], op)
		}
	}
	return len(a) < len(b)
}

// defined fails if one of vs is undefined.
func (r *render) defined(vs ...any) {
	for _, v := range vs {
		if u, ok := v.(*Undefined); ok {
			r.fail("UndefinedError", "%s", u.message())
		}
	}
}

// wrongType fails as Python does on a value of a type that is not taken. Where
// the value is not there at all, it says which.
func (r *render) wrongType(v any, format string, a ...any) {
	if u, ok := v.(*Undefined); ok {
		format, a = format+": %s", append(a, u.message())
	}
	r.fail("TypeError", format, a...)
}

// contains is Python's v in seq.
func (r *render) contains(seq, v any) bool {
	if s, ok := text(seq); ok {
		t, ok := text(v)
		if !ok {
			r.wrongType(v, "'in <string>' requires string as left operand, not %s", typeName(v))
		}
		return strings.Contains(s, t)
	}
	if d, ok := seq.(*Dict); ok {
		_, ok := d.Get(r.hashable(v))
		return ok
	}
	if keys, ok := seq.(*view); ok && keys.kind == "keys" {
		return r.contains(keys.of, v)
	}
	for _, item := range r.iterate(seq, "argument of type '%s' is not iterable") {
		if equal(item, v) {
			return true
		}
	}
	return false
}

// items goes through v, as for does.
func (r *render) items(v any) []any { return r.iterate(v, "'%s' object is not iterable") }

func (r *render) iterate(v any, message string) []any {
	switch v := v.(type) {
	case *List:
		return v.Items
	case *Tuple:
		return v.Items
	case *Dict:
		return v.Keys()
	case *view:
		return v.items()
	case *iterator:
		items := v.rest()
		v.items = nil
		return items
	case numbers:
		return v.items()
	case *Undefined:
		return nil
	case string:
		return characters(v)
	case Markup:
		return characters(string(v))
	}
	r.fail("TypeError", message, typeName(v))
	return nil
}

func characters(s string) []any {
	items := make([]any, 0, len(s))
	for _, c := range s {
		items = append(items, string(c))
	}
	return items
}

// length is Python's len(v).
func (r *render) length(v any) int64 {
	switch v := v.(type) {
	case string:
		return int64(runeCount(v))
	case Markup:
		return int64(runeCount(string(v)))
	case *List:
		return int64(len(v.Items))
	case *Tuple:
		return int64(len(v.Items))
	case *Dict:
		return int64(v.Len())
	case *view:
		return int64(v.of.Len())
	case numbers:
		return v.len()
	case *loop:
		return int64(len(v.items))
	case *Undefined:
		return 0
	}
	r.fail("TypeError", "object of type '%s' has no len()", typeName(v))
	return 0
}
