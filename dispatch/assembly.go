package dispatch

import (
	"slices"

	"github.com/identity-shaping/isf/internal/jsontext"
)

// An assembly is a reply in the making: what the chunks of a stream say together.
type assembly struct {
	top     node    // all but the choices; of each entry the last counts that says something
	choices []*node // in order of their numbers' first sight
}

// add takes the next event. What is no chunk, or tells of an error, is returned as the reply that it stands for.
func (a *assembly) add(e event) (other []byte) {
	p := jsontext.NewScanner(string(e.data))
	chunk := readNode(p)
	switch {
	case e.name == "error" && (!p.End() || chunk.get("error").null()):
		return failure(e.data, p.End())
	case !p.End() || chunk.kind != '{' || errorIn(string(chunk.get("error").append(nil))) != nil:
		return e.data
	}
	for i, name := range chunk.names {
		switch value := chunk.items[i]; {
		case name == "choices":
			for _, c := range value.items {
				a.choice(c)
			}
		case value.says():
			a.top.set(name, value)
		}
	}
	return nil
}

// failure is a reply that holds an error: a JSON value, or mere text.
func failure(data []byte, isJSON bool) []byte {
	b := []byte(`{"error":`)
	if isJSON {
		b = append(b, data...)
	} else {
		b = jsontext.AppendString(b, string(data))
	}
	return append(b, '}')
}

// choice adds what a chunk says of one choice. Its delta grows the message; whatever else is known of it
// replaces what was.
func (a *assembly) choice(c *node) {
	i := slices.IndexFunc(a.choices, func(own *node) bool { return own.index() == c.index() })
	if i < 0 {
		if i = len(a.choices); i >= mostNames {
			return
		}
		a.choices = append(a.choices, &node{kind: '{'})
	}
	own := a.choices[i]
	for j, name := range c.names {
		value := c.items[j]
		switch {
		case name == "delta":
			own.set("message", own.get("message").grow(value))
		case name == "logprobs": // of this chunk alone
		case value.says() && (name != "message" || own.get("message").null()):
			own.set(name, value)
		}
	}
}

// finished says whether every choice has come to its end.
func (a *assembly) finished() bool {
	return len(a.choices) > 0 && !slices.ContainsFunc(a.choices, func(c *node) bool { return c.get("finish_reason").null() })
}

// reply is the chat completion.
func (a *assembly) reply() []byte {
	a.top.kind = '{'
	a.top.set("object", &node{kind: '"', text: []byte("chat.completion")})
	a.top.set("choices", &node{kind: '[', items: a.choices})
	return a.top.append(nil)
}
