package jinja

import (
	"slices"
	"strings"
)

func filterFirst(r *render, a []any) any {
	if it, ok := a[0].(*iterator); ok && len(it.rest()) > 0 {
		v := it.items[0]
		it.items = it.items[1:]
		return v
	}
	if items := r.items(a[0]); len(items) > 0 {
		return items[0]
	}
	return &Undefined{hint: "No first item, sequence was empty."}
}

func filterLast(r *render, a []any) any {
	if it, ok := a[0].(*iterator); ok {
		r.fail("TypeError", "'%s' object is not reversible", it.kind)
	}
	if items := r.items(a[0]); len(items) > 0 {
		return items[len(items)-1]
	}
	return &Undefined{hint: "No last item, sequence was empty."}
}

func filterReverse(r *render, a []any) any {
	if s, ok := text(a[0]); ok {
		runes := []rune(s)
		slices.Reverse(runes)
		return like(a[0], string(runes))
	}
	if !isIterable(a[0]) {
		r.fail("FilterArgumentError", "argument must be iterable")
	}
	items := slices.Clone(r.items(a[0]))
	slices.Reverse(items)
	switch a[0].(type) {
	case *iterator, *Undefined:
		return &List{items}
	case *List:
		return &iterator{kind: "list_reverseiterator", items: items}
	}
	return &iterator{kind: "reversed", items: items}
}

func filterItems(r *render, a []any) any {
	return lazy(func() []any {
		switch d := a[0].(type) {
		case *Undefined:
			return nil
		case *Dict:
			return (&view{d, "items"}).items()
		}
		r.fail("TypeError", "Can only get item pairs from a mapping.")
		return nil
	})
}

func filterJoin(r *render, a []any) any {
	items := r.items(a[0])
	get := r.attributeOf(a[2], nil)
	parts := make([]any, len(items))
	escape := false
	for i, v := range items {
		parts[i] = get(v)
		_, marked := parts[i].(Markup)
		escape = escape || marked
	}
	_, marked := a[1].(Markup)
	escape = r.autoescape && (escape || marked)
	texts := make([]string, len(parts))
	for i, v := range parts {
		texts[i] = str(v)
		if escape {
			texts[i] = string(escapeHTML(v))
		}
	}
	if escape {
		return Markup(strings.Join(texts, string(escapeHTML(a[1]))))
	}
	return strings.Join(texts, str(a[1]))
}

// sorted sorts stably by key; reverse keeps equal items in their order.
func (r *render) sorted(items []any, key func(any) any, reverse bool) []any {
	type keyed struct{ k, v any }
	ks := make([]keyed, len(items))
	for i, v := range items {
		ks[i] = keyed{key(v), v}
	}
	slices.SortStableFunc(ks, func(a, b keyed) int {
		if reverse {
			a, b = b, a
		}
		switch {
		case r.less(a.k, b.k, "<"):
			return -1
		case r.less(b.k, a.k, "<"):
			return 1
		}
		return 0
	})
	out := make([]any, len(ks))
	for i, k := range ks {
		out[i] = k.v
	}
	return out
}

func filterSort(r *render, a []any) any {
	caseMatters := truth(a[2])
	gets := []getter{r.attributeOf(a[3], nil)}
	if s, ok := text(a[3]); ok {
		gets = nil
		for _, path := range strings.Split(s, ",") {
			gets = append(gets, r.attributeOf(path, nil))
		}
	}
	key := func(v any) any {
		t := &Tuple{}
		for _, get := range gets {
			t.Items = append(t.Items, folded(get(v), caseMatters))
		}
		return t
	}
	return &List{r.sorted(r.items(a[0]), key, truth(a[1]))}
}

func filterDictSort(r *render, a []any) any {
	d, ok := a[0].(*Dict)
	if !ok {
		r.defined(a[0])
		r.fail("AttributeError", "dictsort takes a dict, not %s", typeName(a[0]))
	}
	at := 0
	switch str(a[2]) {
	case "key":
	case "value":
		at = 1
	default:
		r.fail("FilterArgumentError", `You can only sort by either "key" or "value"`)
	}
	key := func(v any) any { return folded(v.(*Tuple).Items[at], truth(a[1])) }
	return &List{r.sorted((&view{d, "items"}).items(), key, truth(a[3]))}
}

func filterGroupBy(r *render, a []any) any {
	get := r.attributeOf(a[1], a[2])
	caseMatters := truth(a[3])
	key := func(v any) any { return folded(get(v), caseMatters) }
	groups := &List{}
	var last any
	for i, v := range r.sorted(r.items(a[0]), key, false) {
		k := key(v)
		if i == 0 || !equal(k, last) {
			groups.Items = append(groups.Items, &Tuple{Items: []any{get(v), &List{}}, names: []string{"grouper", "list"}})
			last = k
		}
		members := groups.Items[len(groups.Items)-1].(*Tuple).Items[1].(*List)
		members.Items = append(members.Items, v)
	}
	return groups
}

func filterUnique(r *render, a []any) any {
	get := r.attributeOf(a[2], nil)
	return lazy(func() (kept []any) {
		seen := NewDict()
		for _, v := range r.items(a[0]) {
			k := r.hashable(folded(get(v), truth(a[1])))
			if _, ok := seen.Get(k); !ok {
				seen.Set(k, true)
				kept = append(kept, v)
			}
		}
		return kept
	})
}

// extreme is min or max; of equal items the first one wins.
func extreme(least bool) func(r *render, a []any) any {
	return func(r *render, a []any) any {
		items := r.items(a[0])
		if len(items) == 0 {
			return &Undefined{hint: "No aggregated item, sequence was empty."}
		}
		get := r.attributeOf(a[2], nil)
		key := func(v any) any { return folded(get(v), truth(a[1])) }
		best := items[0]
		for _, v := range items[1:] {
			if least && r.less(key(v), key(best), "<") || !least && r.less(key(best), key(v), ">") {
				best = v
			}
		}
		return best
	}
}

func filterSum(r *render, a []any) any {
	get := r.attributeOf(a[1], nil)
	total := a[2]
	if _, ok := text(total); ok {
		r.fail("TypeError", "sum() can't sum strings [use ''.join(seq) instead]")
	}
	for _, v := range r.items(a[0]) {
		total = r.operate("+", total, get(v))
	}
	return total
}

func filterBatch(r *render, a []any) any { return lazy(func() []any { return r.batch(a) }) }

func (r *render) batch(a []any) []any {
	n := r.integer(a[1])
	var rows []any
	var row *List
	for _, v := range r.items(a[0]) {
		if row == nil || len(row.Items) == n {
			row = &List{}
			rows = append(rows, row)
		}
		row.Items = append(row.Items, v)
	}
	for row != nil && a[2] != nil && len(row.Items) < n {
		row.Items = append(row.Items, a[2])
	}
	return rows
}

func filterSlice(r *render, a []any) any { return lazy(func() []any { return r.columns(a) }) }

func (r *render) columns(a []any) []any {
	items, n := r.items(a[0]), r.integer(a[1])
	if n == 0 {
		r.fail("ZeroDivisionError", "integer division or modulo by zero")
	}
	size, extra := 0, 0
	if n > 0 {
		size, extra = len(items)/n, len(items)%n
	}
	var columns []any
	start := 0
	for i := range max(n, 0) {
		end := start + size
		if i < extra {
			end++
		}
		column := &List{slices.Clone(items[start:end])}
		if a[2] != nil && i >= extra {
			column.Items = append(column.Items, a[2])
		}
		columns = append(columns, column)
		start = end
	}
	return columns
}

func filterMap(r *render, a args) any {
	return lazy(func() []any {
		if !truth(a.pos[0]) {
			return nil
		}
		each := r.mapper(a.pos[1:], a.named)
		items := r.items(a.pos[0])
		out := make([]any, len(items))
		for i, v := range items {
			out[i] = each(v)
		}
		return out
	})
}

// mapper is what map does with each item: an attribute or a filter.
func (r *render) mapper(pos []any, ns []named) getter {
	if len(pos) == 0 && slices.ContainsFunc(ns, func(n named) bool { return n.name == "attribute" }) {
		vs := (&builtin{name: "map", params: []param{{name: "attribute"}, {name: "default"}}}).bind(r, args{named: ns})
		return r.attributeOf(vs[0], vs[1])
	}
	if len(pos) == 0 {
		r.fail("FilterArgumentError", "map requires a filter argument")
	}
	name := str(pos[0])
	return func(v any) any {
		return r.filter(name, filters[name], v, args{slices.Clone(pos[1:]), ns})
	}
}

// picks makes select, reject, selectattr and rejectattr.
func picks(want, byAttribute bool) native {
	return func(r *render, a args) any {
		return lazy(func() (kept []any) {
			if !truth(a.pos[0]) {
				return nil
			}
			get, passes := r.picker(a.pos[1:], a.named, byAttribute)
			for _, v := range r.items(a.pos[0]) {
				if passes(get(v)) == want {
					kept = append(kept, v)
				}
			}
			return kept
		})
	}
}

// picker is what select asks of each item: a test, of the item or of its
// attribute; without a test, whether it is true.
func (r *render) picker(pos []any, ns []named, byAttribute bool) (getter, func(any) bool) {
	get := r.attributeOf(nil, nil)
	if byAttribute {
		if len(pos) == 0 {
			r.fail("FilterArgumentError", "Missing parameter for attribute name")
		}
		get, pos = r.attributeOf(pos[0], nil), pos[1:]
	}
	if len(pos) == 0 {
		return get, truth
	}
	name := str(pos[0])
	return get, func(v any) bool {
		return truth(r.test(name, tests[name], v, args{slices.Clone(pos[1:]), ns}))
	}
}
