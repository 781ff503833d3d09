package dispatch

import (
	"strings"
	"unsafe"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/internal/jsontext"
)

// An answer is what a reply says, in our words.
type answer struct {
	text, reasoning, finish, model string
	usage                          cache.Usage
	cost                           int64 // nano-USD
	costKnown                      bool
}

// notAnswer says why a reply with a good status holds no answer.
type notAnswer struct {
	kind   string // as in Failed.Type
	status int    // that the reply itself names, 0 if none
	reason reason
}

func (n *notAnswer) Error() string { return n.reason.message }

// wireReply is as much of a chat completion as we read. Names that differ between providers stand side by side.
type wireReply struct {
	model, failure, usage string // failure and usage as they are written
	choices               int
	first                 wireChoice
}

type wireChoice struct {
	finish, failure             string
	content                     content
	odd                         bool   // its content is neither text nor parts
	usage                       string // Moonshot's place for it, in a stream
	reasoning, reasoningContent string
	refusal, toolCalls          string
}

func scanReply(p *jsontext.Scanner) (r wireReply) {
	p.Object(func(name string) {
		switch name {
		case "model":
			r.model = p.Text()
		case "error":
			r.failure = p.Skip()
		case "usage":
			r.usage = p.Skip()
		case "choices":
			p.Array(func() {
				if r.choices++; r.choices > 1 {
					p.Skip()
					return
				}
				r.first = scanChoice(p)
			})
		default:
			p.Skip()
		}
	})
	return r
}

func scanChoice(p *jsontext.Scanner) (c wireChoice) {
	p.Object(func(name string) {
		switch name {
		case "finish_reason":
			c.finish = p.Text()
		case "error":
			c.failure = p.Skip()
		case "usage":
			c.usage = p.Skip()
		case "message":
			p.Object(func(name string) { c.field(p, name) })
		default:
			p.Skip()
		}
	})
	return c
}

func (c *wireChoice) field(p *jsontext.Scanner, name string) {
	switch name {
	case "content":
		c.content, c.odd = readContent(p)
	case "reasoning":
		c.reasoning = p.Text()
	case "reasoning_content":
		c.reasoningContent = p.Text()
	case "refusal":
		c.refusal = p.Text()
	case "tool_calls":
		c.toolCalls = p.Skip()
	default:
		p.Skip()
	}
}

// readReply reads a reply with a good status.
func readReply(raw []byte) (*answer, *notAnswer) {
	p := jsontext.NewScanner(unsafe.String(unsafe.SliceData(raw), len(raw))) // nobody changes a reply
	r := scanReply(p)
	if !p.End() {
		return nil, noAnswer("bad_reply", "the reply is not a chat completion: "+excerpt(raw))
	}
	if n := errorIn(r.failure); n != nil {
		return nil, n
	}
	if r.choices == 0 {
		return nil, noAnswer("no_choices", "the reply has no choices: "+excerpt(raw))
	}
	c := &r.first
	if n := errorIn(c.failure); n != nil {
		return nil, n
	}
	if c.odd {
		return nil, noAnswer("bad_reply", "the reply has a content that is neither text nor parts: "+excerpt(raw))
	}
	a := &answer{model: r.model, finish: c.finish}
	a.reasoning = firstSet(c.reasoning, c.reasoningContent, c.content.thinking)
	a.text = firstSet(assemble(c.content.text, c.reasoning, c.reasoningContent), c.refusal)
	if a.text == "" && a.finish == "" && (isNull(c.toolCalls) || c.toolCalls == "[]") {
		return nil, noAnswer("empty_reply", "the reply is empty and gives no finish reason")
	}
	if isNull(r.usage) {
		r.usage = c.usage
	}
	a.count(r.usage)
	return a, nil
}

func noAnswer(kind, message string) *notAnswer {
	return &notAnswer{kind: kind, reason: reason{message: message}}
}

// assemble puts reasoning that came beside the content in front of it.
func assemble(text string, reasoning ...string) string {
	r := firstSet(reasoning...)
	if r == "" || strings.Contains(text, thinkOpen) {
		return text
	}
	return thinkOpen + r + thinkClose + "\n" + text
}

const (
	thinkOpen  = "<think>"
	thinkClose = "</think>"
)

func firstSet(ss ...string) string {
	for _, s := range ss {
		if s != "" {
			return s
		}
	}
	return ""
}

// isNull says whether a value is not there, or is null.
func isNull(raw string) bool { return raw == "" || raw == "null" }
