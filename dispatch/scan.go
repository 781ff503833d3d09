package dispatch

import (
	"strings"
	"unicode/utf8"

	"github.com/identity-shaping/isf/internal/jsontext"
)

// A scanner walks through JSON once, without reflection and without copying what it passes: replies are
// read as often as they come, and encoding/json took as long for one as all else that we do for it.
// It is as strict as encoding/json; FuzzScanner holds the two against each other.
//
// After the first fault it is bad, at the end, and finds nothing more.
type scanner struct {
	s     string
	i     int
	depth int
	bad   bool
}

// mostDepth is encoding/json's: deeper text is an attack, not a reply.
const mostDepth = 10000

func (p *scanner) fail() { p.bad, p.i = true, len(p.s) }

// next skips space and returns the byte after it, 0 at the end.
func (p *scanner) next() byte {
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

func (p *scanner) expect(c byte) {
	if p.next() != c {
		p.fail()
		return
	}
	p.i++
}

// end reports whether everything was read and nothing was wrong.
func (p *scanner) end() bool { return p.next() == 0 && p.i == len(p.s) && !p.bad }

// object calls value for each entry; value must read the entry's value. What is no object is skipped.
func (p *scanner) object(value func(name string)) {
	p.list('{', '}', func() {
		if p.next() != '"' {
			p.fail()
			return
		}
		name := p.str()
		p.expect(':')
		value(name)
	})
}

// array calls value for each element; value must read it. What is no array is skipped.
func (p *scanner) array(value func()) { p.list('[', ']', value) }

func (p *scanner) list(from, to byte, value func()) {
	if p.next() != from {
		p.skip()
		return
	}
	if p.depth++; p.depth > mostDepth {
		p.fail()
		return
	}
	p.i++
	if p.next() == to {
		p.i++
	} else {
		for more := true; more && !p.bad; {
			value()
			switch p.next() {
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

// skip reads a value and returns it as it is written.
func (p *scanner) skip() string {
	c := p.next()
	from := p.i
	switch {
	case c == '{':
		p.object(func(string) { p.skip() })
	case c == '[':
		p.array(func() { p.skip() })
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

func (p *scanner) word(w string) {
	if !strings.HasPrefix(p.s[p.i:], w) {
		p.fail()
		return
	}
	p.i += len(w)
}

func (p *scanner) number() {
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

func (p *scanner) oneOf(set string) bool {
	if p.i < len(p.s) && strings.IndexByte(set, p.s[p.i]) >= 0 {
		p.i++
		return true
	}
	return false
}

func (p *scanner) digits() bool {
	from := p.i
	for p.i < len(p.s) && p.s[p.i] >= '0' && p.s[p.i] <= '9' {
		p.i++
	}
	return p.i > from
}

// text reads a value and returns it if it is a string, else "".
func (p *scanner) text() string {
	if p.next() == '"' {
		return p.str()
	}
	p.skip()
	return ""
}

// str reads a string. Where it has no escapes it shares the reply's memory.
func (p *scanner) str() string {
	raw, simple := p.quoted()
	if simple {
		return raw
	}
	return unquote(raw)
}

// quoted reads a string and returns what stands between its quotes, and whether it is as it shall be.
func (p *scanner) quoted() (raw string, simple bool) {
	from, simple := p.i+1, true
	for i := jsontext.Plain(p.s, from); i < len(p.s); i = jsontext.Plain(p.s, i) {
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
