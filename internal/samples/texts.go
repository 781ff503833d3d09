package samples

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// A Text is one labelled piece of a row.
type Text struct{ Label, Body string }

// Texts are the messages of a sample by role, or the fields of a table's row.
func Texts(row []byte) []Text {
	if sample, err := Decode(Line{Text: row}); err == nil && len(sample.Messages) > 0 {
		var out []Text
		for i, m := range sample.Messages {
			out = append(out, Text{fmt.Sprintf("%s %d", m.Role, i+1), m.Content})
		}
		return out
	}
	var out []Text
	dec := json.NewDecoder(bytes.NewReader(row))
	if _, err := dec.Token(); err != nil {
		return nil
	}
	for dec.More() {
		name, err := dec.Token()
		var value json.RawMessage
		if err != nil || dec.Decode(&value) != nil {
			return out
		}
		body := string(value)
		_ = json.Unmarshal(value, &body) // a string is shown without its quotes
		if label := fmt.Sprint(name); label != "id" {
			out = append(out, Text{label, body})
		}
	}
	return out
}
