package sim

import (
	"bytes"
	"encoding/json"
)

// A scanner walks JSON without decoding what nobody asks for. A system prompt
// of 12 KB arrives with every request; stepping over it costs a search for its
// closing quote, decoding it costs fifty times that. It accepts some text that
// is not JSON, but never a structure that is not closed.
type scanner struct {
	b []byte
	i int
}

// peek returns the next byte that is not white space, 0 at the end.
func (s *scanner) peek() byte {
	for s.i < len(s.b) {
		switch c := s.b[s.i]; c {
		case ' ', '\t', '\n', '\r':
			s.i++
		default:
			return c
		}
	}
	return 0
}

// take steps over c if it is next.
func (s *scanner) take(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.i++
	return true
}

// raw reads a string and returns its bytes with the quotes, still escaped.
func (s *scanner) raw() (lit []byte, ok bool) {
	if !s.take('"') {
		return nil, false
	}
	start := s.i - 1
	for {
		j := bytes.IndexByte(s.b[s.i:], '"')
		if j < 0 {
			return nil, false
		}
		end := s.i + j
		s.i = end + 1
		if !escaped(s.b[start+1 : end]) {
			return s.b[start:s.i], true
		}
	}
}

// escaped reports whether the quote after b is escaped: an odd number of
// backslashes stands before it.
func escaped(b []byte) bool {
	n := 0
	for n < len(b) && b[len(b)-1-n] == '\\' {
		n++
	}
	return n%2 == 1
}

// object calls field for each member; field must step over the value.
func (s *scanner) object(field func(key string) bool) bool {
	if !s.take('{') {
		return false
	}
	if s.take('}') {
		return true
	}
	for {
		key, ok := s.raw()
		if !ok || !s.take(':') || !field(string(key[1:len(key)-1])) {
			return false
		}
		if s.take('}') {
			return true
		}
		if !s.take(',') {
			return false
		}
	}
}

// array calls item for each element; item must step over it.
func (s *scanner) array(item func() bool) bool {
	if !s.take('[') {
		return false
	}
	if s.take(']') {
		return true
	}
	for {
		if !item() {
			return false
		}
		if s.take(']') {
			return true
		}
		if !s.take(',') {
			return false
		}
	}
}

// skip steps over any value and returns its text.
func (s *scanner) skip() (text []byte, ok bool) {
	depth := 0
	c := s.peek()
	start := s.i
	for ; c != 0; c = s.peek() {
		switch c {
		case '"':
			if _, ok := s.raw(); !ok {
				return nil, false
			}
		case '{', '[':
			depth++
			s.i++
			continue
		case '}', ']':
			depth--
			s.i++
		case ',', ':':
			if depth == 0 {
				return nil, false
			}
			s.i++
			continue
		default:
			s.word()
		}
		if depth <= 0 {
			return s.b[start:s.i], depth == 0
		}
	}
	return nil, false
}

// word steps over a number, true, false or null.
func (s *scanner) word() {
	for s.i < len(s.b) && bytes.IndexByte([]byte(" \t\r\n,:]}[{\""), s.b[s.i]) < 0 {
		s.i++
	}
}

// unquote decodes a string with its quotes.
func unquote(lit []byte) (string, bool) {
	if bytes.IndexByte(lit, '\\') < 0 {
		return string(lit[1 : len(lit)-1]), true
	}
	var out string
	err := json.Unmarshal(lit, &out)
	return out, err == nil
}
