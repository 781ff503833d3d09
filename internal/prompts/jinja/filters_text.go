package jinja

import (
	"html"
	"regexp"
	"strings"
	"unicode/utf8"
)

func filterReplace(r *render, a []any) any {
	n := -1
	if a[3] != nil {
		n = r.integer(a[3])
	}
	if !r.autoescape {
		return replace(str(a[0]), str(a[1]), str(a[2]), n)
	}
	_, s := a[0].(Markup)
	_, old := a[1].(Markup)
	_, with := a[2].(Markup)
	if old || with && !s {
		a[0], s = escapeHTML(a[0]), true
	}
	if s {
		return Markup(replace(str(a[0]), string(escapeHTML(a[1])), string(escapeHTML(a[2])), n))
	}
	return replace(str(a[0]), str(a[1]), str(a[2]), n)
}

func filterCenter(r *render, a []any) any {
	return like(a[0], pad(str(a[0]), r.width(a[1]), " ", padCenter))
}

func filterTrim(r *render, a []any) any {
	return like(a[0], strings.TrimFunc(str(a[0]), r.stripped(a[1])))
}

func filterFormat(r *render, a args) any {
	given := any(&Tuple{Items: a.pos[1:]})
	if len(a.named) > 0 {
		if len(a.pos) > 1 {
			r.fail("FilterArgumentError", "can't handle positional and keyword arguments at the same time")
		}
		given = r.newDict(args{named: a.named})
	}
	return r.operate("%", soft(a.pos[0]), given)
}

// wordStarts are what a word of the filter title begins after.
func wordStart(c rune) bool { return isSpace(c) || strings.ContainsRune("-({[<", c) }

// titleWords is the filter title, which differs from the method of str.
func titleWords(s string) string {
	var b strings.Builder
	for s != "" {
		n := strings.IndexFunc(s, wordStart)
		if n == 0 {
			n = strings.IndexFunc(s, func(c rune) bool { return !wordStart(c) })
		}
		if n < 0 {
			n = len(s)
		}
		_, first := utf8.DecodeRuneInString(s)
		b.WriteString(upper(s[:first]) + lower(s[first:n]))
		s = s[n:]
	}
	return b.String()
}

var wordRE = regexp.MustCompile(`[\pL\pN_]+`)

func filterWordCount(_ *render, a []any) any {
	return int64(len(wordRE.FindAllStringIndex(str(a[0]), -1)))
}

func filterIndent(r *render, a []any) any {
	r.defined(a[0])
	s := r.string(a[0])
	indent, ok := text(a[1])
	if !ok {
		indent = strings.Repeat(" ", max(r.width(a[1]), 0))
	}
	var out string
	parts := lines(s+"\n", false)
	if truth(a[3]) {
		out = strings.Join(parts, "\n"+indent)
	} else {
		for i, line := range parts[1:] {
			if line != "" {
				parts[i+1] = indent + line
			}
		}
		out = strings.Join(parts, "\n")
	}
	if truth(a[2]) {
		out = indent + out
	}
	return like(a[0], out)
}

func filterTruncate(r *render, a []any) any {
	end := r.string(a[3])
	length, leeway := r.integer(a[1]), 5
	if a[4] != nil {
		leeway = r.integer(a[4])
	}
	if length < runeCount(end) {
		r.fail("AssertionError", "expected length >= %d, got %d", runeCount(end), length)
	}
	if leeway < 0 {
		r.fail("AssertionError", "expected leeway >= 0, got %d", leeway)
	}
	if r.length(a[0]) <= int64(length+leeway) {
		return a[0]
	}
	r.defined(a[0])
	s := []rune(r.string(a[0]))
	cut := string(s[:length-runeCount(end)])
	if !truth(a[2]) {
		if i := strings.LastIndexByte(cut, ' '); i >= 0 {
			cut = cut[:i]
		}
	}
	return like(a[0], cut+end)
}

var tagRE = regexp.MustCompile(`(?s)<[^>]*>`)

func filterStripTags(_ *render, a []any) any {
	s := str(a[0])
	for {
		start := strings.Index(s, "<!--")
		if start < 0 {
			break
		}
		end := strings.Index(s[start:], "-->")
		if end < 0 {
			break
		}
		s = s[:start] + s[start+end+3:]
	}
	s = tagRE.ReplaceAllString(s, "")
	return html.UnescapeString(strings.Join(strings.FieldsFunc(s, isSpace), " "))
}

var attrKeyRE = regexp.MustCompile(`[\s/>=]`)

func filterXMLAttr(r *render, a []any) any {
	d, ok := a[0].(*Dict)
	if !ok {
		r.defined(a[0])
		r.fail("AttributeError", "xmlattr takes a dict, not %s", typeName(a[0]))
	}
	var parts []string
	for i, k := range d.keys {
		if d.vals[i] == nil || isUndefined(d.vals[i]) {
			continue
		}
		if attrKeyRE.MatchString(r.string(k)) {
			r.fail("ValueError", "Invalid character in attribute name: %s", repr(k))
		}
		parts = append(parts, string(escapeHTML(k)+`="`+escapeHTML(d.vals[i])+`"`))
	}
	out := strings.Join(parts, " ")
	if truth(a[1]) && out != "" {
		out = " " + out
	}
	return r.marked(out)
}

func filterURLEncode(r *render, a []any) any {
	switch v := a[0].(type) {
	case *Dict:
		return r.query((&view{v, "items"}).items())
	case *List, *Tuple, *iterator, *view:
		return r.query(r.items(v))
	}
	return quoteURL(str(a[0]), "/")
}

func (r *render) query(pairs []any) string {
	var parts []string
	for _, pair := range pairs {
		kv := r.items(pair)
		if len(kv) != 2 {
			r.fail("ValueError", "urlencode takes pairs")
		}
		q := quoteURL(str(kv[0]), "") + "=" + quoteURL(str(kv[1]), "")
		parts = append(parts, strings.ReplaceAll(q, "%20", "+"))
	}
	return strings.Join(parts, "&")
}

func quoteURL(s, safe string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c < utf8.RuneSelf && (isAlnum(rune(c)) || strings.IndexByte("_.-~"+safe, c) >= 0) {
			b.WriteByte(c)
			continue
		}
		b.WriteString("%" + string(hex[c>>4]) + string(hex[c&15]))
	}
	return b.String()
}
