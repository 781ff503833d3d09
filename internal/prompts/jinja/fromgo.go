package jinja

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// FromGo returns what templates see of a Go value. Maps of Go have no order,
// so their keys are sorted; a *Dict keeps its own. Other types are seen as
// their JSON.
func FromGo(v any) any {
	switch v := v.(type) {
	case nil, bool, int64, float64, string, Markup, *big.Int, *Undefined:
		return v
	case int:
		return int64(v)
	case []any:
		return &List{convert(v)}
	case []string:
		l := &List{make([]any, len(v))}
		for i, s := range v {
			l.Items[i] = s
		}
		return l
	case map[string]any:
		return fromMap(v)
	case *Dict:
		d := NewDict()
		for i, k := range v.keys {
			d.Set(k, FromGo(v.vals[i]))
		}
		return d
	case *List:
		return &List{convert(v.Items)}
	case *Tuple:
		return &Tuple{Items: convert(v.Items), names: v.names}
	}
	seen, err := FromJSON(v)
	if err != nil {
		return &Undefined{hint: err.Error()}
	}
	return FromGo(seen)
}

func convert(items []any) []any {
	out := make([]any, len(items))
	for i, item := range items {
		out[i] = FromGo(item)
	}
	return out
}

func fromMap(m map[string]any) *Dict {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	d := NewDict()
	for _, k := range keys {
		d.Set(k, FromGo(m[k]))
	}
	return d
}

// FromJSON returns v as its JSON reads: *Dict for objects in the order of their
// fields, []any for arrays, int64, *big.Int or float64 for numbers.
func FromJSON(v any) (any, error) {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("%T cannot be given to a template: %w", v, err)
	}
	dec := json.NewDecoder(&text)
	dec.UseNumber()
	return decode(dec)
}

// decode reads one JSON value.
func decode(dec *json.Decoder) (any, error) {
	t, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '[' {
			return decodeArray(dec)
		}
		return decodeObject(dec)
	case json.Number:
		return number(t)
	}
	return t, nil
}

func decodeArray(dec *json.Decoder) (any, error) {
	items := []any{}
	for dec.More() {
		v, err := decode(dec)
		if err != nil {
			return nil, err
		}
		items = append(items, v)
	}
	_, err := dec.Token()
	return items, err
}

func decodeObject(dec *json.Decoder) (any, error) {
	d := NewDict()
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		v, err := decode(dec)
		if err != nil {
			return nil, err
		}
		d.Set(key, v)
	}
	_, err := dec.Token()
	return d, err
}

// number reads a JSON number as Python's json does: without fraction and
// exponent it is an int.
func number(n json.Number) (any, error) {
	if strings.ContainsAny(string(n), ".eE") {
		return n.Float64()
	}
	i, ok := new(big.Int).SetString(string(n), 10)
	if !ok {
		return nil, fmt.Errorf("%q is not a number", n)
	}
	return fromBig(i), nil
}
