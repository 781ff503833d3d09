package cache

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/identity-shaping/isf/internal/jsontext"
)

// A Field is one labelled value of a request. Value holds the canonical bytes
// of the tag's kind, so equal values are equal strings.
type Field struct {
	Tag   Tag
	Value string
}

// String makes a field of kind KindString.
func String(t Tag, v string) Field { return Field{t.must(KindString), v} }

// Int makes a field of kind KindInt.
func Int(t Tag, v int64) Field { return Field{t.must(KindInt), word(uint64(v))} }

// Float makes a field of kind KindFloat. -0 is 0, and every NaN is the same NaN;
// a caller that cannot send NaN must refuse it.
func Float(t Tag, v float64) Field { return Field{t.must(KindFloat), word(floatBits(v))} }

// Bool makes a field of kind KindBool.
func Bool(t Tag, v bool) Field {
	if v {
		return Field{t.must(KindBool), "\x01"}
	}
	return Field{t.must(KindBool), "\x00"}
}

// Tree makes a field of kind KindTree from anything that encoding/json can
// write. See encodeTree for what makes two values equal.
func Tree(t Tag, v any) (Field, error) {
	b, err := encodeTree(v)
	if err != nil {
		return Field{}, fmt.Errorf("%s: %w", t.Name(), err)
	}
	return Field{t.must(KindTree), string(b)}, nil
}

// must panics when a field is built with the wrong constructor: a bug of ours.
func (t Tag) must(k Kind) Tag {
	if t.Kind() != k {
		panic(fmt.Sprintf("cache: field %s built with the wrong kind %d", t.Name(), k))
	}
	return t
}

// Str is the value of a KindString field.
func (f Field) Str() string { return f.Value }

// Int is the value of a KindInt field, and 0 for any other.
func (f Field) Int() int64 {
	if f.Tag.Kind() != KindInt || len(f.Value) != 8 {
		return 0
	}
	return int64(binary.BigEndian.Uint64([]byte(f.Value)))
}

// Float is the value of a KindFloat field, and 0 for any other.
func (f Field) Float() float64 {
	if f.Tag.Kind() != KindFloat || len(f.Value) != 8 {
		return 0
	}
	return math.Float64frombits(binary.BigEndian.Uint64([]byte(f.Value)))
}

// Bool is the value of a KindBool field, and false for any other.
func (f Field) Bool() bool { return f.Tag.Kind() == KindBool && f.Value == "\x01" }

// Tree is the value of a KindTree field in the types of encoding/json, with
// whole numbers as int64.
func (f Field) Tree() (any, error) {
	v, err := decodeTree([]byte(f.Value))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Tag.Name(), err)
	}
	return v, nil
}

// JSON is the value as JSON, for bodies on the wire and for printing. It is
// null where JSON has no such value: NaN, infinities, a damaged tree, a tag of
// a later version.
func (f Field) JSON() []byte {
	switch f.Tag.Kind() {
	case KindString:
		return jsontext.AppendString(nil, f.Value)
	case KindInt:
		return strconv.AppendInt(nil, f.Int(), 10)
	case KindFloat:
		return appendFloat(nil, f.Float())
	case KindBool:
		return strconv.AppendBool(nil, f.Bool())
	case KindTree:
		if v, err := f.Tree(); err == nil {
			return appendJSON(nil, v)
		}
	}
	return []byte("null")
}

// appendJSON writes v without the escapes that HTML needs and models must not
// see. encoding/json sorts the keys of maps.
func appendJSON(dst []byte, v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return append(dst, "null"...)
	}
	return append(dst, bytes.TrimRight(b.Bytes(), "\n")...)
}

// appendFloat writes a number as encoding/json does, and null for what is none.
func appendFloat(dst []byte, x float64) []byte {
	size := math.Abs(x)
	switch {
	case math.IsInf(x, 0) || math.IsNaN(x):
		return append(dst, "null"...)
	case size == 0 || size >= 1e-6 && size < 1e21:
		return strconv.AppendFloat(dst, x, 'f', -1, 64)
	}
	return appendJSON(dst, x)
}

func word(v uint64) string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], v)
	return string(b[:])
}

// floatBits makes equal numbers equal bits.
func floatBits(v float64) uint64 {
	switch {
	case v == 0:
		return 0
	case v != v:
		return math.Float64bits(math.NaN())
	}
	return math.Float64bits(v)
}
