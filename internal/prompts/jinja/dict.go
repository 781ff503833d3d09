package jinja

import (
	"bytes"
	"encoding/json"
	"math/big"
	"slices"
)

// A Dict is Python's dict: it keeps the order in which keys came.
type Dict struct {
	keys  []any
	vals  []any
	index map[any]int // hash of a key → its place
}

// NewDict returns an empty Dict.
func NewDict() *Dict { return &Dict{index: map[any]int{}} }

// hash keys that are not their own.
type (
	noneKey      struct{}
	undefinedKey struct{}
	bigKey       struct{ digits string }
	tupleKey     struct{ text string }
)

// hash returns a Go value that is the same for keys Python holds equal; false
// for what cannot be a key.
func hash(k any) (any, bool) {
	switch k := k.(type) {
	case nil:
		return noneKey{}, true
	case bool:
		if k {
			return int64(1), true
		}
		return int64(0), true
	case float64:
		if i := int64(k); float64(i) == k {
			return i, true
		}
		return k, true
	case Markup:
		return string(k), true
	case *big.Int:
		return bigKey{k.String()}, true
	case *Tuple:
		return hashTuple(k)
	case *Undefined:
		return undefinedKey{}, true
	case *List, *Dict:
		return nil, false
	case *view:
		return k, k.kind == "values"
	}
	return k, true
}

func hashTuple(t *Tuple) (any, bool) {
	var b bytes.Buffer
	for _, item := range t.Items {
		h, ok := hash(item)
		if !ok {
			return nil, false
		}
		b.WriteString(typeName(h) + repr(h) + "\x00")
	}
	return tupleKey{b.String()}, true
}

// hashable fails if v cannot be a key.
func (r *render) hashable(v any) any {
	if _, ok := hash(v); !ok {
		r.fail("TypeError", "unhashable type: '%s'", typeName(v))
	}
	return v
}

// Len returns how many keys there are.
func (d *Dict) Len() int { return len(d.keys) }

// Keys returns the keys in order. The caller must not change them.
func (d *Dict) Keys() []any { return d.keys }

// Get returns the value of a key.
func (d *Dict) Get(key any) (any, bool) {
	h, ok := hash(key)
	if !ok {
		return nil, false
	}
	i, ok := d.index[h]
	if !ok {
		return nil, false
	}
	return d.vals[i], true
}

// Set sets the value of a key; a new key comes last. Keys that cannot be
// hashed are the caller's fault and are left out.
func (d *Dict) Set(key, v any) {
	h, ok := hash(key)
	if !ok {
		return
	}
	if i, ok := d.index[h]; ok {
		d.vals[i] = v
		return
	}
	d.index[h] = len(d.keys)
	d.keys, d.vals = append(d.keys, key), append(d.vals, v)
}

// remove takes a key out and returns its value.
func (d *Dict) remove(key any) (any, bool) {
	h, ok := hash(key)
	i, found := d.index[h]
	if !ok || !found {
		return nil, false
	}
	v := d.vals[i]
	d.keys, d.vals = slices.Delete(slices.Clone(d.keys), i, i+1), slices.Delete(slices.Clone(d.vals), i, i+1)
	delete(d.index, h)
	for k, at := range d.index {
		if at > i {
			d.index[k] = at - 1
		}
	}
	return v, true
}

func (d *Dict) copy() *Dict {
	c := NewDict()
	c.update(d)
	return c
}

func (d *Dict) update(from *Dict) {
	for i, k := range from.keys {
		d.Set(k, from.vals[i])
	}
}

func (d *Dict) equal(e *Dict) bool {
	if d.Len() != e.Len() {
		return false
	}
	for i, k := range d.keys {
		v, ok := e.Get(k)
		if !ok || !equal(d.vals[i], v) {
			return false
		}
	}
	return true
}

// MarshalJSON writes an object whose fields keep the order of the keys.
func (d *Dict) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, k := range d.keys {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := json.Marshal(str(k))
		if err != nil {
			return nil, err
		}
		v, err := json.Marshal(d.vals[i])
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(v)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// MarshalJSON writes an array.
func (l *List) MarshalJSON() ([]byte, error) { return json.Marshal(l.Items) }

// A view is what keys(), values() and items() of a Dict return.
type view struct {
	of   *Dict
	kind string
}

func (v *view) items() []any {
	switch v.kind {
	case "keys":
		return v.of.keys
	case "values":
		return v.of.vals
	}
	items := make([]any, v.of.Len())
	for i, k := range v.of.keys {
		items[i] = &Tuple{Items: []any{k, v.of.vals[i]}}
	}
	return items
}
