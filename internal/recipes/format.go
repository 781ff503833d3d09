package recipes

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// render returns the row of a sample, with its newline.
func (s *sample) render(f Format) []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	if f != OpenAI { // whose upload refuses further keys
		field(&b, "id", s.rawID)
		b.WriteByte(',')
	}
	switch f {
	case ChatML:
		field(&b, "text", marshal(s.chatML()))
	case ShareGPT:
		field(&b, "conversations", s.list(message.turn))
	default:
		field(&b, "messages", s.list(message.object))
	}
	b.WriteString("}\n")
	return b.Bytes()
}

func field(b *bytes.Buffer, name string, value json.RawMessage) {
	b.WriteByte('"')
	b.WriteString(name)
	b.WriteString(`":`)
	b.Write(value)
}

func (s *sample) list(each func(message, *bytes.Buffer)) json.RawMessage {
	var b bytes.Buffer
	b.WriteByte('[')
	for i, m := range s.messages {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('{')
		each(m, &b)
		b.WriteByte('}')
	}
	b.WriteByte(']')
	return b.Bytes()
}

// object writes role and content, then what else there is, by name, and the
// weight.
func (m message) object(b *bytes.Buffer) {
	field(b, "role", marshal(m.role))
	b.WriteByte(',')
	field(b, "content", marshal(m.content))
	for _, name := range slices.Sorted(maps.Keys(m.rest)) {
		b.WriteByte(',')
		b.Write(marshal(name))
		b.WriteByte(':')
		b.Write(marshal(m.rest[name]))
	}
	m.writeWeight(b)
}

// turn is ShareGPT's message.
func (m message) turn(b *bytes.Buffer) {
	from := m.role
	switch m.role {
	case "user":
		from = "human"
	case "assistant":
		from = "gpt"
	}
	field(b, "from", marshal(from))
	b.WriteByte(',')
	field(b, "value", marshal(m.content))
	m.writeWeight(b)
}

func (m message) writeWeight(b *bytes.Buffer) {
	if m.weight != nil {
		b.WriteByte(',')
		field(b, "weight", m.weight)
	}
}

const (
	chatStart = "<|im_start|>"
	chatEnd   = "<|im_end|>"
)

func (s *sample) chatML() string {
	var b strings.Builder
	for _, m := range s.messages {
		b.WriteString(chatStart + m.role + "\n" + m.content + chatEnd + "\n")
	}
	return b.String()
}

func hasMarkup(text string) bool {
	return strings.Contains(text, chatStart) || strings.Contains(text, chatEnd)
}
