package view

import (
	"bytes"
	"encoding/json"

	"github.com/identity-shaping/isf/internal/samples"
)

// each calls take with the members of an object, as they stand in a line, and
// reports whether it could read them all. It only finds where values end, which
// is several times as fast as decoding them: most of a row is prompts that a
// table does not show.
func each(line []byte, take func(name, value []byte)) bool {
	i := space(line, 0)
	if i >= len(line) || line[i] != '{' {
		return false
	}
	i = space(line, i+1)
	for i < len(line) && line[i] == '"' {
		end := quoted(line, i)
		if end < 0 {
			return false
		}
		name := line[i+1 : end-1]
		if i = space(line, end); i >= len(line) || line[i] != ':' {
			return false
		}
		from := space(line, i+1)
		if end = value(line, from); end < 0 {
			return false
		}
		take(name, line[from:end])
		i = space(line, end)
		if i < len(line) && line[i] == ',' {
			i = space(line, i+1)
		}
	}
	return i < len(line) && line[i] == '}'
}

func space(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\r' || b[i] == '\n') {
		i++
	}
	return i
}

// quoted returns where the string that begins at i ends, -1 if it does not.
func quoted(b []byte, i int) int {
	for i++; ; {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return -1
		}
		i += n + 1
		slashes := 0
		for b[i-2-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return i
		}
	}
}

// value returns where the value that begins at i ends, -1 if it does not.
func value(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			if i = quoted(b, i); i < 0 {
				return -1
			}
			if depth == 0 {
				return i
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i // of what is around a number or a word
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return i
			}
		}
		i++
	}
	return -1
}

// An outline is what a table needs of a row.
type outline struct {
	*samples.Row
	pinned                           bool
	score, source, category, section json.RawMessage
}

// outlined reads a line without its provenance. What is not as rows usually are
// is decoded as a whole.
func outlined(l samples.Line) (outline, error) {
	o := outline{Row: &samples.Row{Line: l.Number, Text: l.Text}}
	usual := true
	whole := each(l.Text, func(name, value []byte) {
		switch string(name) {
		case "id":
			usual = usual && json.Unmarshal(value, &o.ID) == nil
		case "messages":
			var turns []struct{ Role, Content string }
			usual = usual && json.Unmarshal(value, &turns) == nil
			for _, t := range turns {
				o.Messages = append(o.Messages, samples.Message{Role: t.Role, Content: t.Content})
			}
		case "meta":
			usual = usual && json.Unmarshal(value, &o.Meta) == nil
		case "pinned":
			o.pinned = string(value) == "true"
		case "score":
			o.score = value
		case "source":
			o.source = value
		case "category":
			o.category = value
		case "section":
			o.section = value
		case "__ERROR__":
			usual = false
		}
	})
	if whole && usual {
		return o, nil
	}
	row, err := samples.Decode(l)
	o.Row = row
	return o, err
}
