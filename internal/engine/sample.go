package engine

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/identity-shaping/isf/dispatch"
	"github.com/identity-shaping/isf/internal/think"
)

// A Message is one turn of a conversation. Weight, where set, says how much a
// trainer should learn from it.
type Message struct {
	Role    string   `json:"role"`
	Content string   `json:"content"`
	Weight  *float64 `json:"weight,omitempty"`

	thinking string // of an answer, for models that want it back; never in a row
}

// Messages is a conversation.
type Messages []Message

// A Sample is one conversation to train on. An empty ID is filled in from the
// record it was made from. Meta travels with the row; a minimal row keeps it
// only where the pipeline says so.
type Sample struct {
	ID       string         `json:"id"`
	Messages Messages       `json:"messages"`
	Meta     map[string]any `json:"meta,omitempty"`
}

// question returns what the sample was asked, which tells it from its
// siblings whatever was answered.
func (s *Sample) question() string {
	var b strings.Builder
	for _, m := range s.Messages {
		if m.Role != "assistant" {
			fmt.Fprintf(&b, "%s:%d:%s", m.Role, len(m.Content), m.Content)
		}
	}
	return b.String()
}

// check says what keeps a sample from being a row.
func (s *Sample) check() error {
	if len(s.Messages) == 0 {
		return failf("invalid_sample", "the sample has no messages")
	}
	for i, m := range s.Messages {
		switch m.Role {
		case "system", "user", "assistant", "tool":
		default:
			return failf("invalid_sample", "message %d has the role %q: use system, user, assistant or tool", i+1, m.Role)
		}
	}
	return nil
}

// marshal returns v as compact JSON in UTF-8, without HTML escapes.
func marshal(v any) (json.RawMessage, error) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return json.RawMessage(strings.TrimSuffix(b.String(), "\n")), nil
}

// wire returns the messages as a model is sent them. Earlier turns of an
// assistant go without their thinking, or with it in a field of its own where
// the model wants it back. The last message is sent as it stands: an assistant's
// is the beginning of the answer.
func (m Messages) wire(echo bool) []dispatch.Message {
	out := make([]dispatch.Message, len(m))
	for i, one := range m {
		out[i] = dispatch.Message{Role: one.Role, Content: one.Content}
		if one.Role != "assistant" || i == len(m)-1 {
			continue
		}
		thinking := one.thinking
		if think.Has(one.Content) {
			thinking, _ = think.Extract(one.Content)
			out[i].Content = think.Strip(one.Content)
		}
		if echo {
			out[i].Reasoning = thinking
		}
	}
	return out
}
