package jinja

type (
	attr struct {
		of   expr
		name string
		line int
	}
	item struct {
		of, key expr
		line    int
	}
	slice struct{ parts [3]expr } // start, stop, step; nil where left out
)

// A sliceValue is the value of a slice inside brackets.
type sliceValue struct{ parts [3]any }

func (e *slice) eval(r *render) any {
	var s sliceValue
	for i, p := range e.parts {
		if p != nil {
			s.parts[i] = p.eval(r)
		}
	}
	return s
}

func (e *attr) eval(r *render) any {
	v := e.of.eval(r)
	r.line = e.line
	return r.attribute(v, e.name)
}

func (e *item) eval(r *render) any {
	v := e.of.eval(r)
	k := e.key.eval(r)
	r.line = e.line
	return r.element(v, k)
}

// attribute is v.name: an attribute, else an element.
func (r *render) attribute(v any, name string) any {
	r.defined(v)
	if a, ok := r.own(v, name); ok {
		return a
	}
	if e, ok := r.subscript(v, name); ok {
		return e
	}
	return &Undefined{of: v, name: name}
}

// element is v[key]: an element, else an attribute if key is a string.
func (r *render) element(v, key any) any {
	r.defined(v)
	if e, ok := r.subscript(v, key); ok {
		return e
	}
	if _, ok := key.(sliceValue); ok { // Jinja2 leaves slices to Python, which has no undefined
		r.fail("TypeError", "'%s' object cannot be sliced so", typeName(v))
	}
	if name, ok := text(key); ok {
		if a, ok := r.own(v, name); ok {
			return a
		}
	}
	return &Undefined{of: v, name: key}
}

// own returns an attribute or method that v's type has.
func (r *render) own(v any, name string) (any, bool) {
	switch o := v.(type) {
	case *namespace:
		return o.attrs.Get(name)
	case *module:
		a, ok := o.vars[name]
		return a, ok
	case *loop:
		return o.attribute(name)
	case *macro:
		return o.attribute(name)
	case *blockRef:
		return o.attribute(r, name)
	case *selfRef:
		return o.attribute(name)
	case *cycler:
		return o.attribute(name)
	case *Tuple:
		for i, n := range o.names {
			if n == name {
				return o.Items[i], true
			}
		}
	}
	if m := method(v, name); m != nil {
		return m, true
	}
	return nil, false
}

// subscript returns an element of v; false if there is none.
func (r *render) subscript(v, key any) (any, bool) {
	if s, ok := key.(sliceValue); ok {
		return r.slice(v, s)
	}
	switch o := v.(type) {
	case *Dict:
		return o.Get(key)
	case *List:
		return at(o.Items, key)
	case *Tuple:
		return at(o.Items, key)
	case string:
		return character(o, key)
	case Markup:
		c, ok := character(string(o), key)
		if !ok {
			return nil, false
		}
		return Markup(c.(string)), true
	case numbers:
		i, ok := place(key, int(o.len()))
		return o.start + int64(i)*o.step, ok
	}
	return nil, false
}

// place turns an index of Python, which may count from the end, into one of Go.
func place(key any, n int) (int, bool) {
	i, ok := asInt(key)
	if i < 0 {
		i += int64(n)
	}
	return int(i), ok && i >= 0 && i < int64(n)
}

func at(items []any, key any) (any, bool) {
	i, ok := place(key, len(items))
	if !ok {
		return nil, false
	}
	return items[i], true
}

func character(s string, key any) (any, bool) {
	runes := []rune(s)
	i, ok := place(key, len(runes))
	if !ok {
		return nil, false
	}
	return string(runes[i]), true
}

// slice is v[start:stop:step].
func (r *render) slice(v any, s sliceValue) (any, bool) {
	switch o := v.(type) {
	case *List:
		items, ok := slicedItems(o.Items, s)
		return &List{items}, ok
	case *Tuple:
		items, ok := slicedItems(o.Items, s)
		return &Tuple{Items: items}, ok
	case numbers:
		return o.slice(s)
	case string:
		return slicedText(o, s)
	case Markup:
		t, ok := slicedText(string(o), s)
		if !ok {
			return nil, false
		}
		return Markup(t.(string)), true
	}
	return nil, false
}

func slicedItems(items []any, s sliceValue) ([]any, bool) {
	places, ok := s.places(len(items))
	out := make([]any, len(places))
	for i, p := range places {
		out[i] = items[p]
	}
	return out, ok
}

func slicedText(text string, s sliceValue) (any, bool) {
	runes := []rune(text)
	places, ok := s.places(len(runes))
	out := make([]rune, len(places))
	for i, p := range places {
		out[i] = runes[p]
	}
	return string(out), ok
}

// places returns the indices a slice takes of n items; false if a part is no
// int or the step is 0.
func (s sliceValue) places(n int) ([]int, bool) {
	start, stop, step, ok := s.bounds(n)
	if !ok {
		return nil, false
	}
	var places []int
	for i := start; step > 0 && i < stop || step < 0 && i > stop; i += step {
		places = append(places, int(i))
	}
	return places, true
}

// bounds resolves the parts of a slice of n items by Python's rules.
func (s sliceValue) bounds(n int) (start, stop, step int64, ok bool) {
	var given [3]int64
	for i, p := range s.parts {
		v, isInt := asInt(p)
		if !isInt && p != nil {
			return 0, 0, 0, false
		}
		given[i] = v
	}
	step = given[2]
	if s.parts[2] == nil {
		step = 1
	}
	if step == 0 {
		return 0, 0, 0, false
	}
	step = min(max(step, -int64(n)-1), int64(n)+1) // farther is the same, and cannot overflow
	low, high := int64(0), int64(n)                // where start and stop may lie
	if step < 0 {
		low, high = -1, int64(n)-1
	}
	bound := func(i int, otherwise int64) int64 {
		if s.parts[i] == nil {
			return otherwise
		}
		v := given[i]
		if v < 0 {
			v += int64(n)
		}
		return min(max(v, low), high)
	}
	if step < 0 {
		return bound(0, high), bound(1, low), step, true
	}
	return bound(0, low), bound(1, high), step, true
}

// slice of a range is a range.
func (n numbers) slice(s sliceValue) (any, bool) {
	start, stop, step, ok := s.bounds(int(n.len()))
	return numbers{n.start + start*n.step, n.start + stop*n.step, n.step * step}, ok
}
