package dispatch

import (
	"strconv"
	"strings"
)

// content is what a message says.
type content struct {
	text     string // whole, with thinking parts between think tags
	thinking string // of thinking parts alone
}

// readContent reads a message's content: a string, null, or a list of parts.
func readContent(raw string) (c content, ok bool) {
	p := &scanner{s: raw}
	switch {
	case isNull(raw):
		return c, true
	case raw[0] == '"':
		return content{text: p.text()}, true
	case raw[0] == '[':
		return readParts(p), true
	}
	return c, false
}

func readParts(p *scanner) (c content) {
	var thinking, text strings.Builder
	p.array(func() {
		if p.next() == '"' {
			text.WriteString(p.str())
			return
		}
		part := scanPart(p)
		if part.kind != "thinking" && part.kind != "reasoning" {
			text.WriteString(part.text)
			return
		}
		inner, _ := readContent(part.thinking) // a string, or parts of its own
		thinking.WriteString(firstSet(inner.text, part.reasoning, part.text))
	})
	c.thinking, c.text = thinking.String(), text.String()
	if c.thinking != "" {
		c.text = thinkOpen + c.thinking + thinkClose + "\n" + c.text
	}
	return c
}

type wirePart struct{ kind, text, thinking, reasoning string }

func scanPart(p *scanner) (part wirePart) {
	p.object(func(name string) {
		switch name {
		case "type":
			part.kind = p.text()
		case "text":
			part.text = p.text()
		case "thinking":
			part.thinking = p.skip()
		case "reasoning":
			part.reasoning = p.text()
		default:
			p.skip()
		}
	})
	return part
}

// errorIn reads an error inside a reply, in any of the forms in use; nil if there is none.
func errorIn(raw string) *notAnswer {
	switch raw {
	case "", "null", `""`, "{}", "false": // some servers say so that there is none
		return nil
	}
	n := &notAnswer{kind: "server_error"}
	p := &scanner{s: raw}
	if raw[0] == '"' {
		n.reason.message = p.text()
	}
	p.object(func(name string) {
		switch name {
		case "message":
			n.reason.message = p.text()
		case "type":
			n.reason.kind = p.text()
		case "code":
			n.reason.code = strings.Trim(p.skip(), `"`)
		default:
			p.skip()
		}
	})
	if n.reason.message == "" {
		n.reason.message = excerpt([]byte(raw))
	}
	if code, err := strconv.Atoi(n.reason.code); err == nil && code >= 400 && code < 600 {
		n.status = code
	}
	return n
}
