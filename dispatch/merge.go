package dispatch

import (
	"slices"

	"github.com/identity-shaping/isf/internal/jsontext"
)

// A node is a JSON value that can grow: what the chunks of a stream say adds up in it.
type node struct {
	kind  byte // as the value begins: '{', '[', '"', or 0 for a number, a boolean and null
	raw   string
	text  []byte
	names []string // of an object, beside items
	items []*node
}

// mostNames bounds how many entries of an object, and numbered elements of a list, are told apart: they
// are looked for one by one. A chat completion has a few dozen.
const mostNames = 1000

// readNode reads a value.
func readNode(p *jsontext.Scanner) *node {
	n := &node{kind: p.Next()}
	switch n.kind {
	case '{':
		p.Object(func(name string) { n.set(name, readNode(p)) })
	case '[':
		p.Array(func() { n.items = append(n.items, readNode(p)) })
	case '"':
		n.text = []byte(p.Str())
	default:
		n.kind, n.raw = 0, p.Skip()
	}
	return n
}

// null says whether there is no value.
func (n *node) null() bool { return n == nil || n.kind == 0 && isNull(n.raw) }

// says is whether a value is more than null and the empty text.
func (n *node) says() bool { return !n.null() && (n.kind != '"' || len(n.text) > 0) }

// get is the entry of an object with this name, nil if there is none.
func (n *node) get(name string) *node {
	if n == nil {
		return nil
	}
	if i := slices.Index(n.names, name); i >= 0 {
		return n.items[i]
	}
	return nil
}

func (n *node) set(name string, value *node) {
	if i := slices.Index(n.names, name); i >= 0 {
		n.items[i] = value
	} else if len(n.names) < mostNames {
		n.names, n.items = append(n.names, name), append(n.items, value)
	}
}

// constant are entries of a delta that say the same in every chunk, or come once: they do not add up.
var constant = []string{"role", "id", "type", "name", "format", "index"}

// grow adds what the next chunk says of the same value, and returns the sum: texts go on, entries of
// objects and numbered elements of lists grow, other elements follow one another.
func (n *node) grow(by *node) *node {
	switch {
	case n.null():
		return by
	case by.null():
		return n
	case n.kind == '"' && by.kind == '"':
		n.text = append(n.text, by.text...)
	case n.kind == '{' && by.kind == '{':
		n.growEntries(by)
	case n.kind == '[' && by.kind == '[':
		for _, item := range by.items {
			n.growElement(item)
		}
	case n.kind == '[' && by.kind == '"': // parts first, then the answer as plain text
		n.items = append(n.items, by)
	case n.kind == '"' && by.kind == '[':
		if len(n.text) > 0 {
			by.items = append([]*node{n}, by.items...)
		}
		return by
	default:
		return by
	}
	return n
}

func (n *node) growEntries(by *node) {
	for i, name := range by.names {
		value, old := by.items[i], n.get(name)
		switch {
		case !slices.Contains(constant, name):
			n.set(name, old.grow(value))
		case old == nil || value.says():
			n.set(name, value)
		}
	}
}

// growElement adds an element of a list: to the one with its number, if it has one, else behind all others.
func (n *node) growElement(item *node) {
	if number := item.index(); number != "" {
		for i := max(0, len(n.items)-mostNames); i < len(n.items); i++ {
			if n.items[i].index() == number {
				n.items[i] = n.items[i].grow(item)
				return
			}
		}
	}
	n.items = append(n.items, item)
}

// index is the number that an element of a list gives itself, "" if it gives none.
func (n *node) index() string {
	if i := n.get("index"); !i.null() {
		return i.raw
	}
	return ""
}

// append writes the value as JSON.
func (n *node) append(b []byte) []byte {
	if n.null() {
		return append(b, "null"...)
	}
	switch n.kind {
	case '"':
		return jsontext.AppendString(b, string(n.text))
	case '{':
		b = append(b, '{')
		for i, item := range n.items {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(jsontext.AppendString(b, n.names[i]), ':')
			b = item.append(b)
		}
		return append(b, '}')
	case '[':
		b = append(b, '[')
		for i, item := range n.items {
			if i > 0 {
				b = append(b, ',')
			}
			b = item.append(b)
		}
		return append(b, ']')
	}
	return append(b, n.raw...)
}
