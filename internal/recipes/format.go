package recipes

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

	"github.com/identity-shaping/isf/internal/chattext"
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
	case ShareGPT:
		field(&b, "conversations", s.list(message.turn))
	case ISF, OpenAI:
		field(&b, "messages", s.list(message.object))
	default:
		text, _ := s.text(f) // that it has one was seen when it was read
		field(&b, "text", marshal(text))
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

// text is what a family of models reads, or the reason why there is none.
func (s *sample) text(f Format) (text, reason string) {
	turns := make([]chattext.Turn, len(s.messages))
	for i, m := range s.messages {
		turns[i] = chattext.NewTurn(m.role, m.content)
		turns[i].Calls = m.rest["tool_calls"] != nil
		_ = json.Unmarshal(m.rest["name"], &turns[i].Name) // a name that is no text is none
	}
	return chattext.Of(string(f)).Render(turns)
}

// isText says that a sample is one text in this format.
func (f Format) isText() bool { return chattext.Of(string(f)) != nil }
