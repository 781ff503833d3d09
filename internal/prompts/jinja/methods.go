package jinja

import (
	"math"
	"math/big"
	"slices"
)

// method returns the method of v with its object, nil if there is none.
func method(v any, name string) *bound {
	m := methodsOf[typeName(v)][name]
	if m == nil {
		return nil
	}
	return &bound{v, m}
}

func bitLength(_ *render, a []any) any { return int64(asBig(a[0]).BitLen()) }

func isInteger(_ *render, a []any) any {
	f := a[0].(float64)
	return f == math.Trunc(f) && !math.IsInf(f, 0)
}

func newListMethods() map[string]*builtin {
	return map[string]*builtin{
		"append":  def(listAppend, "self", must{}, "object", must{}),
		"extend":  def(listExtend, "self", must{}, "iterable", must{}),
		"insert":  def(listInsert, "self", must{}, "index", must{}, "object", must{}),
		"pop":     def(listPop, "self", must{}, "index", int64(-1)),
		"remove":  def(listRemove, "self", must{}, "value", must{}),
		"reverse": def(listReverse, "self", must{}),
		"sort":    def(listSort, "self", must{}, "reverse", false),
		"clear":   def(func(_ *render, a []any) any { a[0].(*List).Items = nil; return nil }, "self", must{}),
		"copy":    def(func(_ *render, a []any) any { return &List{slices.Clone(a[0].(*List).Items)} }, "self", must{}),
		"count":   def(listCount, "self", must{}, "value", must{}),
		"index":   def(listIndex, "self", must{}, "value", must{}),
	}
}

func listAppend(_ *render, a []any) any {
	l := a[0].(*List)
	l.Items = append(slices.Clip(l.Items), a[1])
	return nil
}

func listExtend(r *render, a []any) any {
	l := a[0].(*List)
	l.Items = append(slices.Clip(l.Items), r.items(a[1])...)
	return nil
}

func listInsert(r *render, a []any) any {
	l := a[0].(*List)
	i := r.integer(a[1])
	if i < 0 {
		i += len(l.Items)
	}
	l.Items = slices.Insert(slices.Clone(l.Items), min(max(i, 0), len(l.Items)), a[2])
	return nil
}

func listPop(r *render, a []any) any {
	l := a[0].(*List)
	i, ok := place(a[1], len(l.Items))
	if !ok {
		r.fail("IndexError", "pop index out of range")
	}
	v := l.Items[i]
	l.Items = slices.Delete(slices.Clone(l.Items), i, i+1)
	return v
}

func listRemove(r *render, a []any) any {
	l := a[0].(*List)
	i := slices.IndexFunc(l.Items, func(v any) bool { return equal(v, a[1]) })
	if i < 0 {
		r.fail("ValueError", "list.remove(x): x not in list")
	}
	l.Items = slices.Delete(slices.Clone(l.Items), i, i+1)
	return nil
}

func listReverse(_ *render, a []any) any {
	l := a[0].(*List)
	l.Items = slices.Clone(l.Items)
	slices.Reverse(l.Items)
	return nil
}

func listSort(r *render, a []any) any {
	l := a[0].(*List)
	l.Items = r.sorted(l.Items, func(v any) any { return v }, truth(a[1]))
	return nil
}

func sequence(v any) []any {
	switch v := v.(type) {
	case *Tuple:
		return v.Items
	case numbers:
		return v.items()
	}
	return v.(*List).Items
}

func listCount(_ *render, a []any) any {
	n := int64(0)
	for _, v := range sequence(a[0]) {
		if equal(v, a[1]) {
			n++
		}
	}
	return n
}

func listIndex(r *render, a []any) any {
	i := slices.IndexFunc(sequence(a[0]), func(v any) bool { return equal(v, a[1]) })
	if i < 0 {
		r.fail("ValueError", "%s is not in %s", repr(a[1]), typeName(a[0]))
	}
	return int64(i)
}

func newDictMethods() map[string]*builtin {
	return map[string]*builtin{
		"get":        def(dictGet, "self", must{}, "key", must{}, "default", nil),
		"keys":       def(func(_ *render, a []any) any { return &view{a[0].(*Dict), "keys"} }, "self", must{}),
		"values":     def(func(_ *render, a []any) any { return &view{a[0].(*Dict), "values"} }, "self", must{}),
		"items":      def(func(_ *render, a []any) any { return &view{a[0].(*Dict), "items"} }, "self", must{}),
		"copy":       def(func(_ *render, a []any) any { return a[0].(*Dict).copy() }, "self", must{}),
		"clear":      def(func(_ *render, a []any) any { *a[0].(*Dict) = *NewDict(); return nil }, "self", must{}),
		"pop":        def(dictPop, "self", must{}, "key", must{}, "default", absent{}),
		"popitem":    def(dictPopItem, "self", must{}),
		"setdefault": def(dictSetDefault, "self", must{}, "key", must{}, "default", nil),
		"update":     {raw: dictUpdate},
	}
}

// absent is the default of an argument whose absence differs from None.
type absent struct{}

func dictGet(r *render, a []any) any {
	if v, ok := a[0].(*Dict).Get(r.hashable(a[1])); ok {
		return v
	}
	return a[2]
}

func dictPop(r *render, a []any) any {
	v, ok := a[0].(*Dict).remove(r.hashable(a[1]))
	if ok {
		return v
	}
	if _, none := a[2].(absent); none {
		r.fail("KeyError", "%s", repr(a[1]))
	}
	return a[2]
}

func dictPopItem(r *render, a []any) any {
	d := a[0].(*Dict)
	if d.Len() == 0 {
		r.fail("KeyError", "popitem(): dictionary is empty")
	}
	k := d.keys[d.Len()-1]
	v, _ := d.remove(k)
	return &Tuple{Items: []any{k, v}}
}

func dictSetDefault(r *render, a []any) any {
	d := a[0].(*Dict)
	if v, ok := d.Get(r.hashable(a[1])); ok {
		return v
	}
	d.Set(a[1], a[2])
	return a[2]
}

func dictUpdate(r *render, a args) any {
	d := a.pos[0].(*Dict)
	d.update(r.newDict(args{a.pos[1:], a.named}))
	return nil
}

// newDict is dict(…).
func (r *render) newDict(a args) *Dict {
	d := NewDict()
	if len(a.pos) > 1 {
		r.fail("TypeError", "dict expected at most 1 argument, got %d", len(a.pos))
	}
	if len(a.pos) == 1 {
		if from, ok := a.pos[0].(*Dict); ok {
			d.update(from)
		} else {
			for _, pair := range r.items(a.pos[0]) {
				kv := r.items(pair)
				if len(kv) != 2 {
					r.fail("ValueError", "dictionary update sequence element has length %d; 2 is required", len(kv))
				}
				d.Set(r.hashable(kv[0]), kv[1])
			}
		}
	}
	for _, n := range a.named {
		d.Set(n.name, n.v)
	}
	return d
}

// integer returns v as an index; it must be an int.
func (r *render) integer(v any) int {
	i, ok := asInt(v)
	if !ok {
		if _, big := v.(*big.Int); big {
			r.fail("OverflowError", "the number is too large")
		}
		r.wrongType(v, "'%s' object cannot be interpreted as an integer", typeName(v))
	}
	return int(i)
}
