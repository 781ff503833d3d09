package engine

import (
	"fmt"
	"strings"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/internal/think"
)

// A Response is one answer of a model.
type Response struct{ entry *cache.Entry }

// Text returns the reply whole, thinking included.
func (r *Response) Text() string { return r.entry.Text }

// Answer returns the reply without its thinking.
func (r *Response) Answer() string { return think.Strip(r.entry.Text) }

// Thinking returns what stands between the first pair of think tags, or "".
func (r *Response) Thinking() string {
	thinking, _ := think.Extract(r.entry.Text)
	return thinking
}

// Finish returns why the model stopped: "stop", "length", "content_filter", …
func (r *Response) Finish() string { return r.entry.Finish }

// Usage returns the tokens that the provider counted.
func (r *Response) Usage() cache.Usage { return r.entry.Usage }

// Model returns the model that answered, as the provider named it.
func (r *Response) Model() string { return r.entry.ModelResolved }

// Message returns the answer as a turn to send back or to train on, without
// thinking. Use Text for a turn to train on that keeps it. A model whose
// history_thinking is echo gets the thinking back beside the turn.
func (r *Response) Message() Message {
	return Message{Role: "assistant", Content: r.Answer(), thinking: r.Thinking()}
}

// Tag returns what the answer says between <name> and </name>. A reply
// without the pair is a parse error that names the tag.
func (r *Response) Tag(name string) (string, error) {
	all := r.Tags(name)
	if len(all) == 0 {
		return "", failf("parse_error", "the answer has no <%s>…</%s>: %s", name, name, excerpt(r.Answer()))
	}
	return all[0], nil
}

// Tags returns what the answer says in each pair of <name> and </name>, in
// order and trimmed. Empty pairs are left out.
func (r *Response) Tags(name string) []string { return Tags(r.Answer(), name) }

// Tags returns what text says in each pair of <name> and </name>, in order and
// trimmed. Empty pairs are left out, and so is a tag that never closes.
func Tags(text, name string) []string {
	open, shut := "<"+name+">", "</"+name+">"
	var out []string
	for {
		_, rest, found := strings.Cut(text, open)
		if !found {
			return out
		}
		inner, after, found := strings.Cut(rest, shut)
		if !found {
			return out
		}
		if inner = strings.TrimSpace(inner); inner != "" {
			out = append(out, inner)
		}
		text = after
	}
}

// excerpt returns the beginning of text for an error message.
func excerpt(text string) string {
	const most = 80
	if r := []rune(text); len(r) > most {
		text = string(r[:most]) + "…"
	}
	return fmt.Sprintf("%q", text)
}
