package jsontext

import (
	"strings"
	"unicode/utf8"
)

// A Scanner walks through JSON once, without reflection and without copying what it passes: replies and
// rows are read by the hundred thousand, and encoding/json took as long for one as all else that we do
// for it. It is as strict as encoding/json; FuzzScanner holds the two against each other.
//
// After the first fault it is bad, at the end, and finds nothing more.
type Scanner struct {
	s     string
	i     int
	depth int
	bad   bool
}

// NewScanner returns a scanner at the beginning of s. Texts that it returns may share the memory of s.
func NewScanner(s string) *Scanner { return &Scanner{s: s} }

// mostDepth is encoding/json's: deeper text is an attack, not a reply.
const mostDepth = 10000

func (p *Scanner) fail() { p.bad, p.i = true, len(p.s) }

// Next skips space and returns the byte after it, 0 at the end.
func (p *Scanner) Next() byte {
	for p.i < len(p.s) {
		switch c := p.s[p.i]; c {
		case ' ', '\n', '\t', '\r':
			p.i++
		default:
			return c
		}
	}
	return 0
}

func (p *Scanner) expect(c byte) {
	if p.Next() != c {
		p.fail()
		return
	}
	p.i++
}

// End reports whether everything was read and nothing was wrong.
func (p *Scanner) End() bool { return p.Next() == 0 && p.i == len(p.s) && !p.bad }

// Object calls value for each entry; value must read the entry's value. What is no object is skipped.
func (p *Scanner) Object(value func(name string)) {
	p.list('{', '}', func() {
		if p.Next() != '"' {
			p.fail()
			return
		}
		name := p.Str()
		p.expect(':')
		value(name)
	})
}

// Array calls value for each element; value must read it. What is no array is skipped.
func (p *Scanner) Array(value func()) { p.list('[', ']', value) }

func (p *Scanner) list(from, to byte, value func()) {
	if p.Next() != from {
		p.Skip()
		return
	}
	if p.depth++; p.depth > mostDepth {
		p.fail()
		return
	}
	p.i++
	if p.Next() == to {
		p.i++
	} else {
		for more := true; more && !p.bad; {
			value()
			switch p.Next() {
			case ',':
				p.i++
			case to:
				p.i++
				more = false
			default:
				p.fail()
			}
		}
	}
	p.depth--
}

// Skip reads a value and returns it as it is written.
func (p *Scanner) Skip() string {
	c := p.Next()
	from := p.i
	switch {
	case c == '{':
		p.Object(func(string) { p.Skip() })
	case c == '[':
		p.Array(func() { p.Skip() })
	case c == '"':
		p.quoted()
	case c == 't':
		p.word("true")
	case c == 'f':
		p.word("false")
	case c == 'n':
		p.word("null")
	default:
		p.number()
	}
	if p.bad {
		return ""
	}
	return p.s[from:p.i]
}

func (p *Scanner) word(w string) {
	if !strings.HasPrefix(p.s[p.i:], w) {
		p.fail()
		return
	}
	p.i += len(w)
}

func (p *Scanner) number() {
	p.oneOf("-")
	if !p.oneOf("0") && !p.digits() {
		p.fail()
		return
	}
	if p.oneOf(".") && !p.digits() {
		p.fail()
		return
	}
	if p.oneOf("eE") {
		p.oneOf("+-")
		if !p.digits() {
			p.fail()
		}
	}
}

func (p *Scanner) oneOf(set string) bool {
	if p.i < len(p.s) && strings.IndexByte(set, p.s[p.i]) >= 0 {
		p.i++
		return true
	}
	return false
}

func (p *Scanner) digits() bool {
	from := p.i
	for p.i < len(p.s) && p.s[p.i] >= '0' && p.s[p.i] <= '9' {
		p.i++
	}
	return p.i > from
}

// Text reads a value and returns it if it is a string, else "".
func (p *Scanner) Text() string {
	if p.Next() == '"' {
		return p.Str()
	}
	p.Skip()
	return ""
}

// Str reads a string. Where it has no escapes it shares the memory of what is read.
func (p *Scanner) Str() string {
	raw, simple := p.quoted()
	if simple {
		return raw
	}
	return unquote(raw)
}

// quoted reads a string and returns what stands between its quotes, and whether it is as it shall be.
func (p *Scanner) quoted() (raw string, simple bool) {
	from, simple := p.i+1, true
	for i := Plain(p.s, from); i < len(p.s); i = Plain(p.s, i) {
		c := p.s[i]
		switch {
		case c == '"':
			p.i = i + 1
			return p.s[from:i], simple
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(p.s[i:])
			simple = simple && (r != utf8.RuneError || n > 1)
			i += n
		case c == '\\' && escapeSize(p.s[i:]) > 0:
			simple = false
			i += escapeSize(p.s[i:])
		default:
			p.fail()
			return "", true
		}
	}
	p.fail()
	return "", true
}

// ownStr is Str, in memory of its own.
func (p *Scanner) ownStr() string {
	raw, simple := p.quoted()
	if simple {
		return strings.Clone(raw)
	}
	return unquote(raw)
}
