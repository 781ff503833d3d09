package dispatch

import (
	"strconv"
	"strings"

	"github.com/identity-shaping/isf/internal/jsontext"
)

// content is what a message says.
type content struct {
	text     string // whole, with thinking parts between think tags
	thinking string // of thinking parts alone
}

// readContent reads a message's content: a string, null, or a list of parts. Of anything else it says so.
func readContent(p *jsontext.Scanner) (c content, odd bool) {
	switch p.Next() {
	case '"':
		return content{text: p.Str()}, false
	case '[':
		return readParts(p), false
	}
	return c, !isNull(p.Skip())
}

func readParts(p *jsontext.Scanner) (c content) {
	var thinking, text strings.Builder
	p.Array(func() {
		if p.Next() == '"' {
			text.WriteString(p.Str())
			return
		}
		part := scanPart(p)
		if part.kind != "thinking" && part.kind != "reasoning" {
			text.WriteString(part.text)
			return
		}
		inner, _ := readContent(jsontext.NewScanner(part.thinking)) // a string, or parts of its own
		thinking.WriteString(firstSet(inner.text, part.reasoning, part.text))
	})
	c.thinking, c.text = thinking.String(), text.String()
	if c.thinking != "" {
		c.text = thinkOpen + c.thinking + thinkClose + "\n" + c.text
	}
	return c
}

type wirePart struct{ kind, text, thinking, reasoning string }

func scanPart(p *jsontext.Scanner) (part wirePart) {
	p.Object(func(name string) {
		switch name {
		case "type":
			part.kind = p.Text()
		case "text":
			part.text = p.Text()
		case "thinking":
			part.thinking = p.Skip()
		case "reasoning":
			part.reasoning = p.Text()
		default:
			p.Skip()
		}
	})
	return part
}

// errorReply reads a reply that is nothing but an error: under "error", or bare, or (Google) in a list of one.
// It is nil for what is no JSON.
func errorReply(raw []byte) *notAnswer {
	p := jsontext.NewScanner(string(raw))
	var failure string
	whole := func() {
		failure = p.Skip()
		inside := jsontext.NewScanner(failure)
		inside.Object(func(name string) {
			if value := inside.Skip(); name == "error" {
				failure = value
			}
		})
	}
	if p.Next() == '[' {
		p.Array(whole)
	} else {
		whole()
	}
	if !p.End() {
		return nil
	}
	return errorIn(failure)
}

// errorIn reads an error inside a reply, in any of the forms in use; nil if there is none.
func errorIn(raw string) *notAnswer {
	switch raw {
	case "", "null", `""`, "{}", "false": // some servers say so that there is none
		return nil
	}
	n := &notAnswer{kind: "server_error"}
	p := jsontext.NewScanner(raw)
	if raw[0] == '"' {
		n.reason.message = p.Text()
	}
	p.Object(func(name string) {
		switch name {
		case "message", "detail":
			n.reason.message = firstSet(p.Text(), n.reason.message)
		case "type":
			n.reason.kind = p.Text()
		case "code":
			n.reason.code = strings.Trim(p.Skip(), `"`)
		default:
			p.Skip()
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
