package sim

import (
	"strconv"
	"strings"
)

// A request is what the model reads of a body. Whatever is not here, such as
// a temperature, reaches the answer through the Idempotency-Key alone.
type request struct {
	model     string
	system    []byte // the system messages' JSON strings, undecoded, one after the other
	messages  []message
	maxTokens int64 // 0 is no limit
	n         int   // choices wanted
	stream    bool
	counted   bool   // a stream that ends with the usage (stream_options.include_usage)
	effort    string // reasoning_effort
}

// A message is one of the conversation, system messages left out.
type message struct{ role, content string }

// parse reads a chat completion request; the error is a sentence about body.
func parse(body []byte) (*request, string) {
	r := &request{n: 1}
	s := &scanner{b: body}
	var wrong string
	ok := s.object(func(key string) bool {
		if !r.field(s, key) {
			wrong = key
			return false
		}
		return true
	})
	switch {
	case wrong != "":
		return nil, "the value of " + strconv.Quote(wrong) + " cannot be read"
	case !ok || s.peek() != 0:
		return nil, "the body is not a JSON object"
	case r.model == "":
		return nil, `the body names no "model"`
	case len(r.messages) == 0 && len(r.system) == 0:
		return nil, `the body has no "messages"`
	}
	return r, ""
}

func (r *request) field(s *scanner, key string) bool {
	switch key {
	case "model":
		return s.text(&r.model)
	case "messages":
		return s.array(func() bool { return r.message(s) })
	case "max_tokens", "max_completion_tokens":
		return s.number(&r.maxTokens)
	case "n":
		n := int64(1)
		ok := s.number(&n) && n <= 128
		r.n = int(max(n, 1))
		return ok
	case "stream":
		v, ok := s.skip()
		r.stream = string(v) == "true"
		return ok
	case "stream_options":
		return s.object(func(name string) bool {
			v, ok := s.skip()
			r.counted = r.counted || name == "include_usage" && string(v) == "true"
			return ok
		})
	case "reasoning_effort":
		return s.text(&r.effort)
	}
	_, ok := s.skip()
	return ok
}

func (r *request) message(s *scanner) bool {
	var m message
	var raw []byte
	ok := s.object(func(key string) bool {
		switch key {
		case "role":
			return s.text(&m.role)
		case "content":
			var ok bool
			raw, ok = s.skip()
			return ok
		}
		_, ok := s.skip()
		return ok
	})
	if !ok {
		return false
	}
	if m.role == "system" || m.role == "developer" {
		r.system = append(r.system, raw...)
		return true
	}
	m.content, ok = content(raw)
	r.messages = append(r.messages, m)
	return ok
}

// content decodes a message's content: a string, null, or a list of parts, of
// which the texts count.
func content(raw []byte) (string, bool) {
	if len(raw) == 0 || string(raw) == "null" {
		return "", true
	}
	if raw[0] == '"' {
		return unquote(raw)
	}
	var texts []string
	s := &scanner{b: raw}
	ok := s.array(func() bool {
		return s.object(func(key string) bool {
			if key != "text" {
				_, ok := s.skip()
				return ok
			}
			var text string
			ok := s.text(&text)
			texts = append(texts, text)
			return ok
		})
	})
	return strings.Join(texts, "\n"), ok
}

// text reads a string or null.
func (s *scanner) text(to *string) bool {
	if s.peek() != '"' {
		v, ok := s.skip()
		return ok && string(v) == "null"
	}
	lit, ok := s.raw()
	if !ok {
		return false
	}
	*to, ok = unquote(lit)
	return ok
}

// number reads an integer that is not negative, or null.
func (s *scanner) number(to *int64) bool {
	v, ok := s.skip()
	if !ok || string(v) == "null" {
		return ok
	}
	n, err := strconv.ParseInt(string(v), 10, 64)
	*to = n
	return err == nil && n >= 0
}

// size is how many bytes the messages have.
func (r *request) size() int {
	n := len(r.system)
	for _, m := range r.messages {
		n += len(m.content)
	}
	return n
}

// last is the text of the last user message.
func (r *request) last() string {
	for i := len(r.messages) - 1; i >= 0; i-- {
		if r.messages[i].role == "user" {
			return r.messages[i].content
		}
	}
	if len(r.messages) > 0 {
		return r.messages[len(r.messages)-1].content
	}
	return ""
}
