package jinja

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// str is Python's str(v).
func str(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case Markup:
		return string(v)
	case *Undefined:
		return ""
	case *module:
		return v.text
	}
	return repr(v)
}

// repr is Python's repr(v).
func repr(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		if v {
			return "True"
		}
		return "False"
	case int64:
		return strconv.FormatInt(v, 10)
	case *big.Int:
		return v.String()
	case float64:
		return floatText(v)
	case string:
		return quote(v)
	case Markup:
		return "Markup(" + quote(string(v)) + ")"
	case *List:
		return "[" + reprItems(v.Items) + "]"
	case *Tuple:
		if len(v.Items) == 1 {
			return "(" + repr(v.Items[0]) + ",)"
		}
		return "(" + reprItems(v.Items) + ")"
	case *Dict:
		return reprDict(v)
	}
	return reprObject(v)
}

// reprObject is repr for what is not data. Where Python prints a memory
// address, the name stands alone.
func reprObject(v any) string {
	switch v := v.(type) {
	case *view:
		return "dict_" + v.kind + "([" + reprItems(v.items()) + "])"
	case numbers:
		if v.step == 1 {
			return fmt.Sprintf("range(%d, %d)", v.start, v.stop)
		}
		return fmt.Sprintf("range(%d, %d, %d)", v.start, v.stop, v.step)
	case *Undefined:
		return "Undefined"
	case *namespace:
		return "<Namespace " + reprDict(v.attrs) + ">"
	case *macro:
		return "<Macro " + quote(v.def.name) + ">"
	case *loop:
		return fmt.Sprintf("<LoopContext %d/%d>", v.at+1, len(v.items))
	case *module:
		return "<TemplateModule " + quote(v.name) + ">"
	}
	return "<" + typeName(v) + ">"
}

func reprItems(items []any) string {
	parts := make([]string, len(items))
	for i, item := range items {
		parts[i] = repr(item)
	}
	return strings.Join(parts, ", ")
}

func reprDict(d *Dict) string {
	parts := make([]string, d.Len())
	for i, k := range d.keys {
		parts[i] = repr(k) + ": " + repr(d.vals[i])
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// floatText is Python's repr of a float: the shortest digits that read back
// the same, with an exponent below 1e-4 and from 1e16.
func floatText(f float64) string {
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// quote is Python's repr of a string.
func quote(s string) string {
	mark := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		mark = '"'
	}
	var b strings.Builder
	b.WriteByte(mark)
	for _, c := range s {
		switch {
		case c == rune(mark) || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case printable(c):
			b.WriteRune(c)
		default:
			b.WriteString(escapeRune(c))
		}
	}
	b.WriteByte(mark)
	return b.String()
}

// printable is Python's str.isprintable for one character.
func printable(c rune) bool { return c == ' ' || unicode.IsPrint(c) }

func escapeRune(c rune) string {
	switch {
	case c < 0x100:
		return fmt.Sprintf(`\x%02x`, c)
	case c < 0x10000:
		return fmt.Sprintf(`\u%04x`, c)
	}
	return fmt.Sprintf(`\U%08x`, c)
}

var htmlEscapes = strings.NewReplacer("&", "&amp;", ">", "&gt;", "<", "&lt;", "'", "&#39;", `"`, "&#34;")

// escapeHTML is markupsafe.escape.
func escapeHTML(v any) Markup {
	if m, ok := v.(Markup); ok {
		return m
	}
	return Markup(htmlEscapes.Replace(str(v)))
}

func runeCount(s string) int { return utf8.RuneCountInString(s) }
