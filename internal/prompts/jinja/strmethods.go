package jinja

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
)

// newStringMethods makes the methods of str that templates can use; encode,
// translate and maketrans are not, because there are no bytes and no tables.
func newStringMethods() map[string]*builtin {
	methods := map[string]*builtin{
		"replace":      strDef(strReplace, "old", must{}, "new", must{}, "count", int64(-1)),
		"join":         def(strJoin, "self", must{}, "iterable", must{}),
		"split":        strDef(strSplit, "sep", nil, "maxsplit", int64(-1)),
		"rsplit":       strDef(strRSplit, "sep", nil, "maxsplit", int64(-1)),
		"splitlines":   strDef(strSplitLines, "keepends", false),
		"partition":    strDef(strPartition, "sep", must{}),
		"rpartition":   strDef(strRPartition, "sep", must{}),
		"center":       strDef(padded(padCenter), "width", must{}, "fillchar", " "),
		"ljust":        strDef(padded(padRight), "width", must{}, "fillchar", " "),
		"rjust":        strDef(padded(padLeft), "width", must{}, "fillchar", " "),
		"zfill":        strDef(strZfill, "width", must{}),
		"expandtabs":   strDef(strExpandTabs, "tabsize", int64(8)),
		"startswith":   strDef(ends(strings.HasPrefix), "prefix", must{}, "start", nil, "end", nil),
		"endswith":     strDef(ends(strings.HasSuffix), "suffix", must{}, "start", nil, "end", nil),
		"count":        strDef(strCount, "sub", must{}, "start", nil, "end", nil),
		"find":         strDef(finds(strings.Index, false), "sub", must{}, "start", nil, "end", nil),
		"rfind":        strDef(finds(strings.LastIndex, false), "sub", must{}, "start", nil, "end", nil),
		"index":        strDef(finds(strings.Index, true), "sub", must{}, "start", nil, "end", nil),
		"rindex":       strDef(finds(strings.LastIndex, true), "sub", must{}, "start", nil, "end", nil),
		"removeprefix": strDef(affix(strings.TrimPrefix), "prefix", must{}),
		"removesuffix": strDef(affix(strings.TrimSuffix), "suffix", must{}),
		"strip":        strDef(strips(strings.TrimFunc), "chars", nil),
		"lstrip":       strDef(strips(strings.TrimLeftFunc), "chars", nil),
		"rstrip":       strDef(strips(strings.TrimRightFunc), "chars", nil),
		"format":       {raw: strFormat},
		"format_map":   strDef(strFormatMap, "mapping", must{}),
	}
	for name, f := range map[string]func(string) string{
		"upper": upper, "lower": lower, "capitalize": capitalize, "title": title, "swapcase": swapCase,
		"casefold": func(s string) string { return cases.Fold().String(s) },
	} {
		methods[name] = strDef(func(_ *render, s string, _ []any) any { return f(s) })
	}
	for name, f := range map[string]func(string) bool{
		"isalpha":      func(s string) bool { return all(s, unicode.IsLetter) },
		"isalnum":      func(s string) bool { return all(s, isAlnum) },
		"isdigit":      func(s string) bool { return all(s, isDigit) },
		"isdecimal":    func(s string) bool { return all(s, unicode.IsDigit) },
		"isnumeric":    func(s string) bool { return all(s, unicode.IsNumber) },
		"isspace":      func(s string) bool { return all(s, isSpace) },
		"isprintable":  func(s string) bool { return s == "" || all(s, printable) },
		"isascii":      isASCII,
		"isidentifier": isIdentifier,
		"istitle":      isTitle,
		"islower":      func(s string) bool { return isCase(s, unicode.IsLower, unicode.IsUpper) },
		"isupper":      func(s string) bool { return isCase(s, unicode.IsUpper, unicode.IsLower) },
	} {
		methods[name] = strDef(func(_ *render, s string, _ []any) any { return f(s) })
	}
	return methods
}

// strDef makes a method of str; what it makes of Markup is Markup, also in a
// list.
func strDef(f func(r *render, s string, a []any) any, spec ...any) *builtin {
	return def(func(r *render, a []any) any {
		s, is := a[0].(Markup)
		if !is {
			return f(r, a[0].(string), a[1:])
		}
		return marked(f(r, string(s), a[1:]))
	}, append([]any{"self", must{}}, spec...)...)
}

func marked(v any) any {
	switch v := v.(type) {
	case string:
		return Markup(v)
	case *List:
		return &List{markedItems(v.Items)}
	case *Tuple:
		return &Tuple{Items: markedItems(v.Items)}
	}
	return v
}

func markedItems(items []any) []any {
	out := make([]any, len(items))
	for i, v := range items {
		out[i] = marked(v)
	}
	return out
}

// isDigit also holds for digits that are no decimals, like ².
func isDigit(c rune) bool {
	return unicode.IsDigit(c) || strings.ContainsRune("²³¹⁰⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉", c) || c >= '①' && c <= '⑨'
}

// string returns the characters of an argument, which must be a str.
func (r *render) string(v any) string {
	s, ok := text(v)
	if !ok {
		r.wrongType(v, "expected str, not %s", typeName(v))
	}
	return s
}

func strReplace(r *render, s string, a []any) any {
	return replace(s, r.string(a[0]), r.string(a[1]), r.integer(a[2]))
}

// replace is str.replace; an empty old matches between characters.
func replace(s, old, with string, n int) string { return strings.Replace(s, old, with, n) }

// strJoin is str.join. What Markup joins is escaped, and need not be text.
func strJoin(r *render, a []any) any {
	items := r.items(a[1])
	parts := make([]string, len(items))
	if s, ok := a[0].(Markup); ok {
		for i, v := range items {
			parts[i] = string(escapeHTML(v))
		}
		return Markup(strings.Join(parts, string(s)))
	}
	for i, v := range items {
		t, ok := text(v)
		if !ok {
			r.fail("TypeError", "sequence item %d: expected str instance, %s found", i, typeName(v))
		}
		parts[i] = t
	}
	return strings.Join(parts, a[0].(string))
}

func affix(f func(s, t string) string) func(*render, string, []any) any {
	return func(r *render, s string, a []any) any { return f(s, r.string(a[0])) }
}

func strips(f func(string, func(rune) bool) string) func(*render, string, []any) any {
	return func(r *render, s string, a []any) any { return f(s, r.stripped(a[0])) }
}

// stripped tells which characters a strip takes away.
func (r *render) stripped(chars any) func(rune) bool {
	if chars == nil {
		return isSpace
	}
	set := r.string(chars)
	return func(c rune) bool { return strings.ContainsRune(set, c) }
}

// window returns s[start:end] and where it begins, in characters.
func window(r *render, s string, start, end any) (string, int) {
	if start == nil && end == nil {
		return s, 0
	}
	runes := []rune(s)
	clamp := func(v any, otherwise int) int {
		if v == nil {
			return otherwise
		}
		i := r.integer(v)
		if i < 0 {
			i += len(runes)
		}
		return min(max(i, 0), len(runes))
	}
	from, to := clamp(start, 0), clamp(end, len(runes))
	if from > to {
		return "", from
	}
	return string(runes[from:to]), from
}

func ends(f func(s, t string) bool) func(*render, string, []any) any {
	return func(r *render, s string, a []any) any {
		w, _ := window(r, s, a[1], a[2])
		if t, ok := a[0].(*Tuple); ok {
			for _, v := range t.Items {
				if f(w, r.string(v)) {
					return true
				}
			}
			return false
		}
		return f(w, r.string(a[0]))
	}
}

func strCount(r *render, s string, a []any) any {
	w, _ := window(r, s, a[1], a[2])
	return int64(strings.Count(w, r.string(a[0])))
}

func finds(f func(s, sub string) int, must bool) func(*render, string, []any) any {
	return func(r *render, s string, a []any) any {
		w, from := window(r, s, a[1], a[2])
		i := f(w, r.string(a[0]))
		if i >= 0 {
			return int64(from + runeCount(w[:i]))
		}
		if must {
			r.fail("ValueError", "substring not found")
		}
		return int64(-1)
	}
}
