package code

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"go/ast"
	"go/token"
	"hash"
	"reflect"
	"strings"
)

// A hasher writes values with their lengths, so that no two lists of values
// write the same bytes.
type hasher struct{ h hash.Hash }

func newHasher() hasher { return hasher{sha256.New()} }

func (h hasher) text(s string) {
	h.number(len(s))
	h.h.Write([]byte(s))
}

func (h hasher) number(n int) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n))
	h.h.Write(b[:])
}

// sum is 16 hex digits, as manifests show them.
func (h hasher) sum() string { return hex.EncodeToString(h.h.Sum(nil)[:8]) }

func hashTexts(texts ...string) string {
	h := newHasher()
	for _, s := range texts {
		h.text(s)
	}
	return h.sum()
}

// node writes the shape of syntax: everything that a compiler acts upon, and
// nothing of what gofmt may change.
func (h hasher) node(n any) { h.value(reflect.ValueOf(n)) }

func (h hasher) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Invalid:
		h.text("none")
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			h.text("none")
			return
		}
		if paren, ok := v.Interface().(*ast.ParenExpr); ok { // the tree says what binds
			h.node(paren.X)
			return
		}
		h.value(v.Elem())
	case reflect.Slice:
		h.list(v)
	case reflect.Struct:
		h.fields(v)
	case reflect.String:
		h.text(v.String())
	case reflect.Int:
		h.number(int(v.Int()))
	case reflect.Bool:
		h.text(map[bool]string{true: "yes", false: "no"}[v.Bool()])
	default:
		panic("code: syntax has a value of kind " + v.Kind().String())
	}
}

// list leaves out empty statements: they are stray semicolons.
func (h hasher) list(v reflect.Value) {
	for i := range v.Len() {
		if _, empty := v.Index(i).Interface().(*ast.EmptyStmt); !empty {
			h.value(v.Index(i))
		}
	}
	h.text("end")
}

func (h hasher) fields(v reflect.Value) {
	t := v.Type()
	h.text(t.Name())
	if lit, ok := v.Interface().(ast.BasicLit); ok {
		h.literal(lit)
		return
	}
	for i := range t.NumField() {
		switch f := v.Field(i).Interface().(type) {
		case token.Pos:
			if meaningful(t.Name(), t.Field(i).Name) {
				h.value(reflect.ValueOf(f.IsValid()))
			}
		case *ast.CommentGroup:
		default:
			h.value(v.Field(i))
		}
	}
}

// meaningful reports whether it matters that a position is there at all: the
// dots of f(xs...), and the = of an alias.
func meaningful(node, field string) bool {
	return node == "CallExpr" && field == "Ellipsis" || node == "TypeSpec" && field == "Assign"
}

// literal ignores the case of numbers, which gofmt changes.
func (h hasher) literal(lit ast.BasicLit) {
	switch lit.Kind {
	case token.INT, token.FLOAT, token.IMAG:
		h.text(strings.ToLower(lit.Value))
	default:
		h.text(lit.Value)
	}
}
