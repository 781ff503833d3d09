package cache

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"
	"strings"
)

// Free JSON enters a key as a tree: a type byte, then
//
//	'n' null   't' true   'f' false
//	'i' a whole number      8 bytes, big endian
//	'd' any other number    8 bytes, IEEE 754
//	's' a string            length, bytes
//	'a' an array            count, trees
//	'o' an object           count, then length, bytes, tree for each key
//
// where lengths and counts are uvarints. Two values are equal when they mean the
// same JSON, however they were spelt: the keys of an object are sorted, and 1,
// 1.0, 1e0 and the Go numbers int(1), float64(1) are one number, as is -0 with
// 0. The body on the wire is written from the tree, so equal trees are also
// equal bytes there. A number that is whole but outside int64 is a float if a
// float holds it exactly, and an error if not.
const (
	treeNull   = 'n'
	treeTrue   = 't'
	treeFalse  = 'f'
	treeInt    = 'i'
	treeFloat  = 'd'
	treeString = 's'
	treeArray  = 'a'
	treeObject = 'o'
)

// maxTreeDepth is beyond what any schema needs, and keeps a damaged tree from
// exhausting the stack.
const maxTreeDepth = 200

var errTree = errors.New("the stored value is damaged")

func encodeTree(v any) ([]byte, error) { return appendTree(nil, v, 0) }

func appendTree(b []byte, v any, depth int) ([]byte, error) {
	if depth > maxTreeDepth {
		return nil, fmt.Errorf("the value is nested deeper than %d", maxTreeDepth)
	}
	switch v := v.(type) {
	case nil:
		return append(b, treeNull), nil
	case bool:
		if v {
			return append(b, treeTrue), nil
		}
		return append(b, treeFalse), nil
	case string:
		return appendString(append(b, treeString), v), nil
	case int:
		return appendTreeInt(b, int64(v)), nil
	case int64:
		return appendTreeInt(b, v), nil
	case float64:
		return appendTreeFloat(b, v)
	case json.Number:
		return appendTreeNumber(b, v)
	case []any:
		return appendTreeArray(b, v, depth)
	case map[string]any:
		return appendTreeObject(b, v, depth)
	}
	return appendTreeOther(b, v, depth)
}

func appendTreeInt(b []byte, v int64) []byte {
	return binary.BigEndian.AppendUint64(append(b, treeInt), uint64(v))
}

// appendTreeFloat writes a float that is a whole number as that number, up to
// 2^53: beyond it a float no longer says which whole number was meant.
func appendTreeFloat(b []byte, v float64) ([]byte, error) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil, fmt.Errorf("%v is not a number that JSON can hold", v)
	}
	if v == math.Trunc(v) && math.Abs(v) <= 1<<53 {
		return appendTreeInt(b, int64(v)), nil
	}
	return binary.BigEndian.AppendUint64(append(b, treeFloat), floatBits(v)), nil
}

func appendTreeNumber(b []byte, n json.Number) ([]byte, error) {
	if i, err := n.Int64(); err == nil {
		return appendTreeInt(b, i), nil
	}
	f, err := n.Float64()
	if err != nil {
		return nil, fmt.Errorf("%s is not a number that fits 64 bits", n)
	}
	if strings.ContainsAny(string(n), ".eE") {
		return appendTreeFloat(b, f)
	}
	whole, ok := new(big.Int).SetString(string(n), 10)
	exact, _ := new(big.Float).SetFloat64(f).Int(nil)
	if !ok || whole.Cmp(exact) != 0 {
		return nil, fmt.Errorf("%s is not a number that fits 64 bits", n)
	}
	return appendTreeFloat(b, f)
}

func appendTreeArray(b []byte, v []any, depth int) (_ []byte, err error) {
	b = binary.AppendUvarint(append(b, treeArray), uint64(len(v)))
	for _, e := range v {
		if b, err = appendTree(b, e, depth+1); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func appendTreeObject(b []byte, v map[string]any, depth int) (_ []byte, err error) {
	b = binary.AppendUvarint(append(b, treeObject), uint64(len(v)))
	for _, k := range slices.Sorted(maps.Keys(v)) {
		if b, err = appendTree(appendString(b, k), v[k], depth+1); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// appendTreeOther takes structs, typed maps and slices, json.RawMessage and
// whatever else encoding/json knows, by way of its JSON.
func appendTreeOther(b []byte, v any, depth int) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var plain any
	if err := dec.Decode(&plain); err != nil {
		return nil, err
	}
	return appendTree(b, plain, depth)
}

// decodeTree reads only what encodeTree writes, so that equal values stay equal
// bytes.
func decodeTree(b []byte) (any, error) {
	r := &reader{b: b}
	v := readTree(r, 0)
	if r.bad || len(r.b) > 0 {
		return nil, errTree
	}
	return v, nil
}

func readTree(r *reader, depth int) any {
	if depth > maxTreeDepth {
		r.bad = true
		return nil
	}
	switch r.byte() {
	case treeNull:
		return nil
	case treeTrue:
		return true
	case treeFalse:
		return false
	case treeInt:
		return int64(r.uint64())
	case treeFloat:
		return r.treeFloat()
	case treeString:
		return r.string()
	case treeArray:
		return readTreeArray(r, depth)
	case treeObject:
		return readTreeObject(r, depth)
	}
	r.bad = true
	return nil
}

func (r *reader) treeFloat() float64 {
	bits := r.uint64()
	f := math.Float64frombits(bits)
	if b, err := appendTreeFloat(nil, f); err != nil || b[0] != treeFloat || floatBits(f) != bits {
		r.bad = true
	}
	return f
}

func readTreeArray(r *reader, depth int) any {
	n := r.count()
	v := make([]any, 0, n)
	for range n {
		v = append(v, readTree(r, depth+1))
	}
	return v
}

func readTreeObject(r *reader, depth int) any {
	n := r.count()
	v := make(map[string]any, n)
	last := ""
	for i := range n {
		k := r.string()
		if i > 0 && k <= last {
			r.bad = true
		}
		last, v[k] = k, readTree(r, depth+1)
	}
	return v
}
