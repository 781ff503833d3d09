package jinja

import (
	"slices"
	"strings"
	"unicode/utf8"
)

func list(parts []string) *List {
	l := &List{make([]any, len(parts))}
	for i, p := range parts {
		l.Items[i] = p
	}
	return l
}

func strSplit(r *render, s string, a []any) any {
	n := r.integer(a[1])
	if a[0] == nil {
		return list(fields(s, n))
	}
	sep := r.string(a[0])
	if sep == "" {
		r.fail("ValueError", "empty separator")
	}
	if n < 0 {
		return list(strings.Split(s, sep))
	}
	return list(strings.SplitN(s, sep, n+1))
}

// fields splits at runs of white space, at most n times.
func fields(s string, n int) []string {
	var parts []string
	s = strings.TrimLeftFunc(s, isSpace)
	for s != "" {
		end := strings.IndexFunc(s, isSpace)
		if end < 0 || len(parts) == n {
			return append(parts, s) // what is left keeps the space at its end
		}
		parts = append(parts, s[:end])
		s = strings.TrimLeftFunc(s[end:], isSpace)
	}
	return parts
}

func strRSplit(r *render, s string, a []any) any {
	n := r.integer(a[1])
	if n < 0 {
		return strSplit(r, s, a)
	}
	if a[0] == nil {
		return list(fieldsRight(s, n))
	}
	sep := r.string(a[0])
	if sep == "" {
		r.fail("ValueError", "empty separator")
	}
	var parts []string
	for len(parts) < n {
		i := strings.LastIndex(s, sep)
		if i < 0 {
			break
		}
		parts = append(parts, s[i+len(sep):])
		s = s[:i]
	}
	parts = append(parts, s)
	slices.Reverse(parts)
	return list(parts)
}

// fieldsRight is fields from the right.
func fieldsRight(s string, n int) []string {
	var parts []string
	s = strings.TrimRightFunc(s, isSpace)
	for s != "" {
		at := strings.LastIndexFunc(s, isSpace)
		if at < 0 || len(parts) == n {
			parts = append(parts, s)
			break
		}
		_, width := utf8.DecodeRuneInString(s[at:])
		parts = append(parts, s[at+width:])
		s = strings.TrimRightFunc(s[:at], isSpace)
	}
	slices.Reverse(parts)
	return parts
}

func strSplitLines(r *render, s string, a []any) any { return list(lines(s, r.integer(a[0]) != 0)) }

// lines is str.splitlines, which knows more line ends than \n.
func lines(s string, keep bool) []string {
	var parts []string
	for s != "" {
		i := strings.IndexFunc(s, lineEnd)
		if i < 0 {
			return append(parts, s)
		}
		_, width := utf8.DecodeRuneInString(s[i:])
		if strings.HasPrefix(s[i:], "\r\n") {
			width = 2
		}
		if keep {
			parts = append(parts, s[:i+width])
		} else {
			parts = append(parts, s[:i])
		}
		s = s[i+width:]
	}
	return parts
}

func lineEnd(c rune) bool {
	return c >= '\n' && c <= '\r' || c >= 0x1c && c <= 0x1e || c == 0x85 || c == 0x2028 || c == 0x2029
}

func strPartition(r *render, s string, a []any) any {
	sep := r.string(a[0])
	before, after, found := strings.Cut(s, sep)
	if !found {
		return &Tuple{Items: []any{s, "", ""}}
	}
	return &Tuple{Items: []any{before, sep, after}}
}

func strRPartition(r *render, s string, a []any) any {
	sep := r.string(a[0])
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return &Tuple{Items: []any{"", "", s}}
	}
	return &Tuple{Items: []any{s[:i], sep, s[i+len(sep):]}}
}

// padCenter puts the odd character where CPython puts it.
func padCenter(missing, width int) (left int) { return missing/2 + (missing & width & 1) }
func padRight(int, int) int                   { return 0 }
func padLeft(missing, _ int) int              { return missing }

// padded makes a method that fills up to a width; left tells how much of what
// is missing goes left.
func padded(left func(missing, width int) int) func(*render, string, []any) any {
	return func(r *render, s string, a []any) any {
		fill := r.string(a[1])
		if runeCount(fill) != 1 {
			r.fail("TypeError", "The fill character must be exactly one character long")
		}
		return pad(s, r.width(a[0]), fill, left)
	}
}

func pad(s string, width int, fill string, left func(missing, width int) int) string {
	missing := width - runeCount(s)
	if missing <= 0 {
		return s
	}
	l := left(missing, width)
	return strings.Repeat(fill, l) + s + strings.Repeat(fill, missing-l)
}

func strZfill(r *render, s string, a []any) any {
	sign := ""
	if strings.HasPrefix(s, "-") || strings.HasPrefix(s, "+") {
		sign, s = s[:1], s[1:]
	}
	return sign + pad(s, r.width(a[0])-len(sign), "0", padLeft)
}

// width returns how wide a text shall be made, within reason.
func (r *render) width(v any) int {
	n := r.integer(v)
	if n > maxWidth {
		r.fail("MemoryError", "the width %d is too large", n)
	}
	return n
}

func strExpandTabs(r *render, s string, a []any) any {
	size := r.width(a[0])
	var b strings.Builder
	column := 0
	for _, c := range s {
		switch {
		case c == '\t' && size > 0:
			n := size - column%size
			b.WriteString(strings.Repeat(" ", n))
			column += n
		case c == '\t':
		case c == '\n' || c == '\r':
			b.WriteRune(c)
			column = 0
		default:
			b.WriteRune(c)
			column++
		}
	}
	return b.String()
}
