package jinja

import (
	"math/big"
	"strings"
	"unicode"
)

// newTests makes what may follow "is".
func newTests() map[string]*builtin {
	one := func(f func(v any) bool) *builtin {
		return def(func(_ *render, a []any) any { return f(a[0]) }, "value", must{})
	}
	two := func(f func(r *render, a, b any) bool) *builtin {
		return def(func(r *render, a []any) any { return f(r, a[0], a[1]) }, "value", must{}, "other", must{})
	}
	holds := func(op string) *builtin {
		return two(func(r *render, a, b any) bool { return r.holds(op, a, b) })
	}
	tests := map[string]*builtin{
		"odd":         def(func(r *render, a []any) any { return equal(r.operate("%", a[0], int64(2)), int64(1)) }, "value", must{}),
		"even":        def(func(r *render, a []any) any { return equal(r.operate("%", a[0], int64(2)), int64(0)) }, "value", must{}),
		"divisibleby": two(func(r *render, a, b any) bool { return equal(r.operate("%", a, b), int64(0)) }),
		"defined":     one(func(v any) bool { return !isUndefined(v) }),
		"undefined":   one(isUndefined),
		"filter":      one(func(v any) bool { return namedFilter(str(v)) }),
		"test":        one(func(v any) bool { return namedTest(str(v)) }),
		"none":        one(func(v any) bool { return v == nil }),
		"boolean":     one(func(v any) bool { _, ok := v.(bool); return ok }),
		"false":       one(func(v any) bool { return v == false }),
		"true":        one(func(v any) bool { return v == true }),
		"integer":     one(isInt),
		"float":       one(func(v any) bool { _, ok := v.(float64); return ok }),
		"lower":       one(func(v any) bool { return isCase(str(v), unicode.IsLower, unicode.IsUpper) }),
		"upper":       one(func(v any) bool { return isCase(str(v), unicode.IsUpper, unicode.IsLower) }),
		"string":      one(func(v any) bool { _, ok := text(v); return ok }),
		"mapping":     one(func(v any) bool { _, ok := v.(*Dict); return ok }),
		"number":      one(isNumber),
		"sequence":    one(isSequence),
		"sameas":      two(func(_ *render, a, b any) bool { return same(a, b) }),
		"iterable":    one(isIterable),
		"callable":    one(func(v any) bool { _, ok := v.(callable); return ok || isUndefined(v) }),
		"escaped":     one(func(v any) bool { _, ok := v.(Markup); return ok }),
		"in":          two(func(r *render, a, b any) bool { return r.contains(b, a) }),
	}
	for op, names := range map[string]string{
		"==": "== eq equalto", "!=": "!= ne", ">": "> gt greaterthan", ">=": ">= ge",
		"<": "< lt lessthan", "<=": "<= le",
	} {
		for _, name := range strings.Fields(names) {
			tests[name] = holds(op)
		}
	}
	return tests
}

func namedTest(name string) bool { return tests[name] != nil }

func namedFilter(name string) bool { return filters[name] != nil }

func isUndefined(v any) bool { _, ok := v.(*Undefined); return ok }

func isInt(v any) bool {
	switch v.(type) {
	case int64, *big.Int:
		return true
	}
	return false
}

func isSequence(v any) bool {
	switch v.(type) {
	case string, Markup, *List, *Tuple, *Dict, numbers, *Undefined:
		return true
	}
	return false
}

func isIterable(v any) bool {
	switch v.(type) {
	case *view, *iterator, *loop:
		return true
	}
	return isSequence(v)
}

// same is Python's "is", as far as values here have an identity.
func same(a, b any) bool {
	if typeName(a) != typeName(b) {
		return false
	}
	switch a.(type) {
	case float64, *big.Int:
		return false
	}
	h, ok := hash(a)
	k, _ := hash(b)
	if _, tuple := a.(*Tuple); ok && !tuple {
		return h == k
	}
	return a == b
}
