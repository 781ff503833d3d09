package jinja

import (
	"strconv"
	"strings"
)

// A formatter fills the fields of one str.format.
type formatter struct {
	r     *render
	pos   []any
	named func(name string) (any, bool)
	auto  int // how many fields without a number there were
}

func strFormat(r *render, a args) any {
	s, marked := a.pos[0].(Markup)
	f := &formatter{r: r, pos: a.pos[1:]}
	f.named = func(name string) (any, bool) {
		for _, n := range a.named {
			if n.name == name {
				return n.v, true
			}
		}
		return nil, false
	}
	if !marked {
		return f.fill(a.pos[0].(string), false)
	}
	return Markup(f.fill(string(s), true))
}

func strFormatMap(r *render, s string, a []any) any {
	d, ok := a[0].(*Dict)
	if !ok {
		r.fail("TypeError", "format_map takes a dict, not %s", typeName(a[0]))
	}
	f := &formatter{r: r, named: func(name string) (any, bool) { return d.Get(name) }}
	return f.fill(s, false)
}

// fill replaces the {fields} of s.
func (f *formatter) fill(s string, escape bool) string {
	var b strings.Builder
	for s != "" {
		i := strings.IndexAny(s, "{}")
		if i < 0 {
			b.WriteString(s)
			break
		}
		b.WriteString(s[:i])
		if len(s) > i+1 && s[i+1] == s[i] {
			b.WriteByte(s[i])
			s = s[i+2:]
			continue
		}
		if s[i] == '}' {
			f.r.fail("ValueError", "Single '}' encountered in format string")
		}
		field, rest := f.field(s[i+1:])
		text := f.replace(field)
		if escape {
			text = string(escapeHTML(text))
		}
		b.WriteString(text)
		s = rest
	}
	return b.String()
}

// field returns what stands between the braces; specifications may hold fields.
func (f *formatter) field(s string) (field, rest string) {
	depth := 1
	for i, c := range s {
		switch c {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return s[:i], s[i+1:]
			}
		}
	}
	f.r.fail("ValueError", "expected '}' before end of string")
	return "", ""
}

// replace returns the text of one field: name!conversion:spec.
func (f *formatter) replace(field string) string {
	name, spec, _ := strings.Cut(field, ":")
	name, conversion, converted := strings.Cut(name, "!")
	v := f.lookup(name)
	if strings.Contains(spec, "{") {
		spec = f.fill(spec, false)
	}
	if converted {
		switch conversion {
		case "r":
			v = repr(v)
		case "s":
			v = str(v)
		case "a":
			v = ascii(repr(v))
		default:
			f.r.fail("ValueError", "unknown conversion %s", quote(conversion))
		}
	}
	return f.r.format(v, spec)
}

// lookup finds the value of a field: a number or name, then .attributes and [elements].
func (f *formatter) lookup(name string) any {
	end := strings.IndexAny(name, ".[")
	if end < 0 {
		end = len(name)
	}
	v := f.first(name[:end])
	for rest := name[end:]; rest != ""; {
		if rest[0] == '[' {
			key, after, ok := strings.Cut(rest[1:], "]")
			if !ok {
				f.r.fail("ValueError", "Missing ']' in format string")
			}
			v, rest = f.element(v, number0(key)), after
			continue
		}
		rest = rest[1:]
		end := strings.IndexAny(rest, ".[")
		if end < 0 {
			end = len(rest)
		}
		v, rest = f.attribute(v, rest[:end]), rest[end:]
	}
	return v
}

// element and attribute are Python's, which keep the two apart, unlike Jinja2.
func (f *formatter) element(v, key any) any {
	f.r.defined(v)
	e, ok := f.r.subscript(v, key)
	if !ok {
		f.r.fail("KeyError", "%s", repr(key))
	}
	return e
}

func (f *formatter) attribute(v any, name string) any {
	f.r.defined(v)
	a, ok := f.r.own(v, name)
	if !ok {
		f.r.fail("AttributeError", "'%s' object has no attribute %s", typeName(v), quote(name))
	}
	return a
}

func (f *formatter) first(name string) any {
	if name == "" {
		name = strconv.Itoa(f.auto)
		f.auto++
	}
	if i, err := strconv.Atoi(name); err == nil {
		if i >= len(f.pos) {
			f.r.fail("IndexError", "Replacement index %d out of range for positional args tuple", i)
		}
		return f.pos[i]
	}
	v, ok := f.named(name)
	if !ok {
		f.r.fail("KeyError", "%s", quote(name))
	}
	return v
}

// number0 returns a key as int where it is one.
func number0(key string) any {
	if i, err := strconv.ParseInt(key, 10, 64); err == nil && i >= 0 {
		return i
	}
	return key
}

// ascii escapes what is not ASCII.
func ascii(s string) string {
	var b strings.Builder
	for _, c := range s {
		if c < 0x80 {
			b.WriteRune(c)
		} else {
			b.WriteString(escapeRune(c))
		}
	}
	return b.String()
}
