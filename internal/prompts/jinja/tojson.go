package jinja

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"unicode/utf16"
)

// htmlSafe keeps JSON from ending a script element.
var htmlSafe = strings.NewReplacer("<", `\u003c`, ">", `\u003e`, "&", `\u0026`, "'", `\u0027`)

func filterToJSON(r *render, a []any) any {
	j := &jsonWriter{r: r}
	if a[1] != nil {
		j.pretty = true
		if s, ok := text(a[1]); ok {
			j.indent = s
		} else {
			j.indent = strings.Repeat(" ", max(r.width(a[1]), 0))
		}
	}
	j.value(a[0], 1)
	return Markup(htmlSafe.Replace(j.b.String()))
}

// A jsonWriter writes as Python's json.dumps(v, sort_keys=True) does.
type jsonWriter struct {
	r      *render
	b      strings.Builder
	pretty bool
	indent string
}

func (j *jsonWriter) value(v any, depth int) {
	if depth > maxDepth {
		j.r.fail("ValueError", "Circular reference detected")
	}
	switch v := v.(type) {
	case nil:
		j.b.WriteString("null")
	case bool:
		j.b.WriteString(strings.ToLower(repr(v)))
	case int64, *big.Int:
		j.b.WriteString(repr(v))
	case float64:
		j.b.WriteString(jsonFloat(v))
	case string:
		j.b.WriteString(jsonQuote(v))
	case Markup:
		j.b.WriteString(jsonQuote(string(v)))
	case *List:
		j.array(v.Items, depth)
	case *Tuple:
		j.array(v.Items, depth)
	case *Dict:
		j.object(v, depth)
	default:
		j.r.fail("TypeError", "Object of type %s is not JSON serializable", typeName(v))
	}
}

func jsonFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	return floatText(f)
}

func (j *jsonWriter) newline(depth int) {
	if j.pretty {
		j.b.WriteString("\n" + strings.Repeat(j.indent, depth))
	}
}

func (j *jsonWriter) comma(i, depth int) {
	switch {
	case i > 0 && j.pretty:
		j.b.WriteString(",")
	case i > 0:
		j.b.WriteString(", ")
	}
	j.newline(depth)
}

func (j *jsonWriter) array(items []any, depth int) {
	if len(items) == 0 {
		j.b.WriteString("[]")
		return
	}
	j.b.WriteByte('[')
	for i, v := range items {
		j.comma(i, depth)
		j.value(v, depth+1)
	}
	j.newline(depth - 1)
	j.b.WriteByte(']')
}

func (j *jsonWriter) object(d *Dict, depth int) {
	if d.Len() == 0 {
		j.b.WriteString("{}")
		return
	}
	keys := j.r.sorted(slices.Clone(d.keys), func(v any) any { return v }, false)
	j.b.WriteByte('{')
	for i, k := range keys {
		j.comma(i, depth)
		j.b.WriteString(jsonQuote(j.key(k)) + ": ")
		v, _ := d.Get(k)
		j.value(v, depth+1)
	}
	j.newline(depth - 1)
	j.b.WriteByte('}')
}

func (j *jsonWriter) key(k any) string {
	switch k := k.(type) {
	case string:
		return k
	case Markup:
		return string(k)
	case nil:
		return "null"
	case bool:
		return strings.ToLower(repr(k))
	case int64, *big.Int:
		return repr(k)
	case float64:
		return jsonFloat(k)
	}
	j.r.fail("TypeError", "keys must be str, int, float, bool or None, not %s", typeName(k))
	return ""
}

// jsonQuote escapes what is not ASCII, as json.dumps does by default.
func jsonQuote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case c == '\b':
			b.WriteString(`\b`)
		case c == '\f':
			b.WriteString(`\f`)
		case c >= ' ' && c < 0x7f:
			b.WriteRune(c)
		case c >= 0x10000:
			hi, lo := utf16.EncodeRune(c)
			fmt.Fprintf(&b, `\u%04x\u%04x`, hi, lo)
		default:
			fmt.Fprintf(&b, `\u%04x`, c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// pretty is the filter pprint for values that fit on a line: their keys are
// sorted.
func pretty(v any) string {
	d, ok := v.(*Dict)
	if !ok {
		return repr(v)
	}
	keys := slices.Clone(d.keys)
	slices.SortStableFunc(keys, func(a, b any) int { return strings.Compare(repr(a), repr(b)) })
	parts := make([]string, len(keys))
	for i, k := range keys {
		value, _ := d.Get(k)
		parts[i] = repr(k) + ": " + pretty(value)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
