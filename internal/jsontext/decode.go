package jsontext

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"unsafe"
)

// Decode reads a value as json.Unmarshal does, several times as fast where T is made of what rows are made
// of: structs, slices, pointers, texts, numbers and booleans. Whatever else there is, in the type or in the
// text, is left to encoding/json, errors included. The value shares no memory with data.
func Decode[T any](data []byte) (T, error) {
	var v T
	p := NewScanner(unsafe.String(unsafe.SliceData(data), len(data)))
	if decoderOf(reflect.TypeFor[T]())(p, reflect.ValueOf(&v).Elem()) && p.End() {
		return v, nil
	}
	var again T
	err := json.Unmarshal(data, &again)
	return again, err
}

// A decoder reads a value into v, which is zero. It returns false where it is not sure to do what encoding/json
// would; both p and v are then of no more use.
type decoder func(p *Scanner, v reflect.Value) bool

var decoders sync.Map // reflect.Type → decoder

func decoderOf(t reflect.Type) decoder {
	if d, ok := decoders.Load(t); ok {
		return d.(decoder)
	}
	d := newDecoder(t)
	decoders.Store(t, d)
	return d
}

func newDecoder(t reflect.Type) decoder {
	if decodesItself(t) {
		return decodeAny
	}
	switch t.Kind() {
	case reflect.String:
		return decodeString
	case reflect.Bool:
		return decodeBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return decodeInt
	case reflect.Float32, reflect.Float64:
		return decodeFloat
	case reflect.Pointer:
		return decodePointer
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return decodeAny // a text in base64
		}
		return decodeSlice
	case reflect.Struct:
		if fields, ok := fieldsOf(t); ok {
			return fields.decode
		}
	}
	return decodeAny
}

func decodesItself(t reflect.Type) bool {
	if t == reflect.TypeFor[json.Number]() {
		return true
	}
	for _, own := range []reflect.Type{reflect.TypeFor[json.Unmarshaler](), textUnmarshaler} {
		if t.Implements(own) || reflect.PointerTo(t).Implements(own) {
			return true
		}
	}
	return false
}

var textUnmarshaler = reflect.TypeFor[interface{ UnmarshalText([]byte) error }]()

// decodeAny leaves one value to encoding/json.
func decodeAny(p *Scanner, v reflect.Value) bool {
	raw := p.Skip()
	return raw != "" && json.Unmarshal([]byte(raw), v.Addr().Interface()) == nil
}

func decodeString(p *Scanner, v reflect.Value) bool {
	if p.Next() != '"' {
		return p.Skip() == "null"
	}
	v.SetString(p.ownStr())
	return true
}

func decodeBool(p *Scanner, v reflect.Value) bool {
	raw := p.Skip()
	v.SetBool(raw == "true")
	return raw == "true" || raw == "false" || raw == "null"
}

func decodeInt(p *Scanner, v reflect.Value) bool {
	raw := p.Skip()
	n, err := strconv.ParseInt(raw, 10, 64)
	if err != nil || v.OverflowInt(n) {
		return raw == "null"
	}
	v.SetInt(n)
	return true
}

func decodeFloat(p *Scanner, v reflect.Value) bool {
	raw := p.Skip()
	x, err := strconv.ParseFloat(raw, v.Type().Bits())
	if err != nil {
		return raw == "null"
	}
	v.SetFloat(x)
	return true
}

func decodePointer(p *Scanner, v reflect.Value) bool {
	if p.Next() == 'n' {
		return p.Skip() == "null"
	}
	v.Set(reflect.New(v.Type().Elem()))
	return decoderOf(v.Type().Elem())(p, v.Elem())
}

func decodeSlice(p *Scanner, v reflect.Value) bool {
	if p.Next() != '[' {
		return p.Skip() == "null"
	}
	elem, ok := decoderOf(v.Type().Elem()), true
	v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	p.Array(func() {
		n := v.Len()
		v.Grow(1)
		v.SetLen(n + 1)
		v.Index(n).SetZero()
		ok = ok && elem(p, v.Index(n))
		if !ok {
			p.fail()
		}
	})
	return ok
}

// fields are those of a struct that encoding/json would fill.
type fields []field

type field struct {
	name  string
	index int
	typ   reflect.Type
}

// fieldsOf reports false for a struct whose names are not plain: embedded ones, two of a name, options that
// change the reading.
func fieldsOf(t reflect.Type) (fs fields, ok bool) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous || strings.Contains(options, "string"):
			return nil, false
		case !f.IsExported() || name == "-" && options == "":
			continue
		case name == "":
			name = f.Name
		}
		if strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789_-") != "" || fs.like(name) {
			return nil, false
		}
		fs = append(fs, field{name, i, f.Type})
	}
	return fs, true
}

// like says whether encoding/json takes name for one of the fields' names: it looks away from case.
func (fs fields) like(name string) bool {
	for _, f := range fs {
		if strings.EqualFold(f.name, name) {
			return true
		}
	}
	return false
}

func (fs fields) decode(p *Scanner, v reflect.Value) bool {
	if p.Next() != '{' {
		return p.Skip() == "null"
	}
	var room [16]bool
	seen, ok := append(room[:0], make([]bool, len(fs))...), true
	p.Object(func(name string) {
		i := fs.named(name)
		switch {
		case i >= 0 && !seen[i]:
			seen[i] = true
			ok = ok && decoderOf(fs[i].typ)(p, v.Field(fs[i].index))
		case i >= 0 || fs.like(name):
			ok = false // a value on top of another, or a name in other letters
		default:
			p.Skip()
		}
		if !ok {
			p.fail()
		}
	})
	return ok
}

func (fs fields) named(name string) int {
	for i := range fs {
		if fs[i].name == name {
			return i
		}
	}
	return -1
}
