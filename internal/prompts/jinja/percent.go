package jinja

import (
	"math"
	"math/big"
	"regexp"
	"strings"
)

var percentRE = regexp.MustCompile(`(?s)\A%(?:\(([^)]*)\))?([-+ #0]*)(\*|\d+)?(?:\.(\*|\d*))?[hlL]?(.)`)

// percent is Python's format % given.
func (r *render) percent(format string, given any) string {
	values, single := []any{given}, true
	if t, ok := given.(*Tuple); ok {
		values, single = t.Items, false
	}
	mapping, _ := given.(*Dict)
	used := 0
	take := func() any {
		if used >= len(values) {
			r.fail("TypeError", "not enough arguments for format string")
		}
		used++
		return values[used-1]
	}
	var b strings.Builder
	for {
		i := strings.IndexByte(format, '%')
		if i < 0 {
			b.WriteString(format)
			break
		}
		b.WriteString(format[:i])
		m := percentRE.FindStringSubmatch(format[i:])
		if m == nil {
			r.fail("ValueError", "incomplete format")
		}
		format = format[i+len(m[0]):]
		b.WriteString(r.conversion(m, mapping, take))
	}
	if used < len(values) && !(single && subscriptable(given)) {
		r.fail("TypeError", "not all arguments converted during string formatting")
	}
	return b.String()
}

// subscriptable tells what Python takes for a mapping here, of which not all
// must be used: whatever has elements by key, and is no text.
func subscriptable(v any) bool {
	switch v.(type) {
	case *Dict, *List, numbers, *Undefined:
		return true
	}
	return false
}

// conversion returns the text of one %…; m is its match.
func (r *render) conversion(m []string, mapping *Dict, take func() any) string {
	s := spec{fill: " ", precision: -1, verb: m[5][0]}
	for _, flag := range m[2] {
		switch flag {
		case '-':
			s.align = '<'
		case '+', ' ':
			if s.sign != '+' {
				s.sign = byte(flag)
			}
		case '#':
			s.alternate = true
		case '0':
			s.fill = "0"
		}
	}
	star := func(digits string) int {
		if digits == "*" {
			return r.width(take())
		}
		return r.small(digits)
	}
	s.width = star(m[3])
	if s.width < 0 {
		s.align, s.width = '<', -s.width
	}
	if strings.Contains(m[0], ".") && !strings.HasSuffix(m[1], ".") && hasPrecision(m) {
		s.precision = star(m[4])
	}
	if s.verb == '%' {
		return "%"
	}
	v := any(nil)
	if strings.HasPrefix(m[0], "%(") {
		v = r.mapped(mapping, m[1])
	} else {
		v = take()
	}
	return r.convert(v, s)
}

// hasPrecision tells a precision's point from one in a mapping key.
func hasPrecision(m []string) bool {
	rest := strings.TrimPrefix(m[0], "%("+m[1]+")")
	return strings.Contains(rest[:len(rest)-len(m[5])], ".")
}

func (r *render) mapped(mapping *Dict, key string) any {
	if mapping == nil {
		r.fail("TypeError", "format requires a mapping")
	}
	v, ok := mapping.Get(key)
	if !ok {
		r.fail("KeyError", "%s", quote(key))
	}
	return v
}

func (r *render) convert(v any, s spec) string {
	switch s.verb {
	case 's':
		return r.percentText(str(v), s)
	case 'r':
		return r.percentText(repr(v), s)
	case 'a':
		return r.percentText(ascii(repr(v)), s)
	case 'c':
		if i, ok := asInt(v); ok {
			v = string(rune(i))
		}
		return r.percentText(r.string(v), s)
	case 'd', 'i', 'u', 'x', 'X', 'o':
		return r.percentInt(v, s)
	case 'e', 'E', 'f', 'F', 'g', 'G':
		r.defined(v)
		if !isNumber(v) {
			r.fail("TypeError", "must be real number, not %s", typeName(v))
		}
		return formatFloat(asFloat(v), zeroed(s))
	}
	r.fail("ValueError", "unsupported format character %s", quote(string(s.verb)))
	return ""
}

// zeroed lets zeros stand between sign and digits, unless aligned left.
func zeroed(s spec) spec {
	if s.align == '<' {
		s.fill = " "
	} else if s.fill == "0" {
		s.align = '='
	}
	return s
}

func (r *render) percentText(text string, s spec) string {
	s.fill, s.sign, s.alternate = " ", 0, false
	if s.align == 0 {
		s.align = '>'
	}
	s.verb = 's'
	return r.formatText(text, s)
}

func (r *render) percentInt(v any, s spec) string {
	if f, ok := v.(float64); ok && strings.IndexByte("diu", s.verb) >= 0 {
		if math.IsInf(f, 0) || math.IsNaN(f) {
			r.fail("OverflowError", "cannot convert float %s to integer", floatText(f))
		}
		i, _ := big.NewFloat(f).Int(nil)
		v = fromBig(i)
	}
	i := asBig(v)
	if i == nil {
		if strings.IndexByte("diu", s.verb) >= 0 {
			r.defined(v)
		}
		r.wrongType(v, "%%%c format: a real number is required, not %s", s.verb, typeName(v))
	}
	if strings.IndexByte("iu", s.verb) >= 0 {
		s.verb = 'd'
	}
	precision := s.precision
	s.precision = -1
	if precision > 0 {
		digits := spec{fill: "0", align: '=', width: precision, precision: -1, verb: s.verb}
		text := r.formatInt(new(big.Int).Abs(i), digits)
		s = zeroed(s)
		return align(text, signText(i.Sign() < 0, s), s, '>')
	}
	return r.formatInt(i, zeroed(s))
}

// escapeArgs escapes what is put into Markup by %.
func escapeArgs(v any) any {
	switch v := v.(type) {
	case *Tuple:
		t := &Tuple{}
		for _, item := range v.Items {
			t.Items = append(t.Items, escapeArgs(item))
		}
		return t
	case string:
		return escapeHTML(v)
	}
	return v
}
