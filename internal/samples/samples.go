// Package samples reads the rows of a JSONL or Parquet file so that a person can
// look at them: a target's output, its error rows, or any file of conversations.
//
// A Line is a row as it stands in the file; a Row is a line that was decoded.
// Conversations are found in every shape that recipes are written in: messages,
// ShareGPT's conversations, and the one text of a family of models. A
// draw is a random choice of lines that depends on the lines and the seed only,
// so a draw can be repeated and shown to somebody else.
//
// What always holds: a file is read once and as a stream. What is in memory is
// the current line and what was drawn, so that looking at ten rows of millions
// costs time and no memory.
package samples

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/identity-shaping/isf/internal/think"
)

// A Row is one decoded line: a sample, a row of a table, or an error row.
type Row struct {
	Line     int // in the file, from 1
	Text     []byte
	ID       string
	Messages []Message // nil for a row of a table
	Meta     map[string]json.RawMessage
	Failed   *Failure // nil unless it is an error row

	steps json.RawMessage
}

// A Message is one turn. Content in parts is joined to one text.
type Message struct {
	Role    string
	Content string
}

// A Failure says why a record has no row.
type Failure struct {
	Kind    string `json:"error"`
	Message string `json:"message"`
}

// A Step is a request that a row was made by, as far as readers of samples
// want to know.
type Step struct {
	Model     string    `json:"model"`
	Messages  []Message `json:"messages"`
	Response  string    `json:"response"`
	Finish    string    `json:"finish_reason"`
	SysPrompt string    `json:"sysprompt_digest"`
}

// System is the system prompt that was sent, "" if there was none.
func (s *Step) System() string {
	for _, m := range s.Messages {
		if m.Role == "system" {
			return m.Content
		}
	}
	return ""
}

// stored is a row on disk.
type stored struct {
	ID       text      `json:"id"`
	Messages []Message `json:"messages"`
	talk
	Meta       map[string]json.RawMessage `json:"meta"`
	Steps      json.RawMessage            `json:"steps"`
	Provenance struct {
		Steps json.RawMessage `json:"steps"`
	} `json:"provenance"`
	Error *struct {
		stored
		Failure
	} `json:"__ERROR__"`
}

// Decode reads a line. The row shares the line's text.
func Decode(l Line) (*Row, error) {
	var s stored
	if err := json.Unmarshal(l.Text, &s); err != nil {
		return nil, &LineError{l.Number, explain(err)}
	}
	row := &Row{Line: l.Number, Text: l.Text}
	if s.Error != nil {
		row.Failed = &s.Error.Failure
		s = s.Error.stored
	}
	row.ID, row.Messages, row.Meta, row.steps = string(s.ID), s.Messages, s.Meta, s.Steps
	if row.Messages == nil {
		row.Messages = s.messages()
	}
	if row.steps == nil {
		row.steps = s.Provenance.Steps
	}
	return row, nil
}

// A LineError says what is wrong with a line. The lines after it can be read.
type LineError struct {
	Line int
	Why  string
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d is %s", e.Line, e.Why) }

func explain(err error) string {
	if e, ok := err.(*json.UnmarshalTypeError); ok && e.Field != "" {
		return fmt.Sprintf("not a row: field %q is a JSON %s", e.Field, e.Value)
	}
	return "not a JSON object: " + strings.TrimPrefix(err.Error(), "json: ")
}

// A text is a JSON string, or a number where people wrote one as an id.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] != '"' {
		*t = text(strings.Trim(string(b), " "))
		if *t == "null" {
			*t = ""
		}
		return nil
	}
	return json.Unmarshal(b, (*string)(t))
}

// UnmarshalJSON reads content that is a text, a list of parts, or nothing.
func (m *Message) UnmarshalJSON(b []byte) error {
	var plain struct { // nearly all are: what follows reads a long text twice
		Role    string  `json:"role"`
		Content *string `json:"content"`
	}
	if json.Unmarshal(b, &plain) == nil {
		m.Role = plain.Role
		if plain.Content != nil {
			m.Content = *plain.Content
		}
		return nil
	}
	var raw struct {
		Role    string          `json:"role"`
		Content json.RawMessage `json:"content"`
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	m.Role = raw.Role
	if len(raw.Content) > 0 && raw.Content[0] == '[' {
		return m.join(raw.Content)
	}
	return json.Unmarshal(raw.Content, &m.Content)
}

func (m *Message) join(content json.RawMessage) error {
	var parts []struct {
		Type string `json:"type"`
		Text string `json:"text"`
	}
	if err := json.Unmarshal(content, &parts); err != nil {
		return err
	}
	var texts []string
	for _, p := range parts {
		if p.Type == "text" {
			texts = append(texts, p.Text)
		} else {
			texts = append(texts, "["+p.Type+"]")
		}
	}
	m.Content = strings.Join(texts, "\n")
	return nil
}

// Steps returns the requests that the row was made by, nil where the row does
// not say. They are decoded at each call: most readers never ask.
func (r *Row) Steps() []Step {
	var steps []Step
	if json.Unmarshal(r.steps, &steps) != nil {
		return nil
	}
	return steps
}

// Tried is what was asked last of a record that failed, and what the model said.
func (r *Row) Tried() (asked, said string) {
	steps := r.Steps()
	if len(steps) == 0 {
		return "", ""
	}
	last := steps[len(steps)-1]
	for _, m := range last.Messages {
		if m.Role == "user" {
			asked = m.Content
		}
	}
	return asked, last.Response
}

// Name is the row's id. A row without one, as in OpenAI's format, is named by its
// line.
func (r *Row) Name() string {
	if r.ID == "" {
		return nameOfLine(r.Line)
	}
	return r.ID
}

func nameOfLine(n int) string { return fmt.Sprintf("line %d", n) }

// Annotated reports whether the row says how it was made.
func (r *Row) Annotated() bool { return len(r.steps) > 0 }

// Prompt is what the user said first.
func (r *Row) Prompt() string {
	for _, m := range r.Messages {
		if m.Role == "user" {
			return m.Content
		}
	}
	return ""
}

// Answer is what the assistant said last, without its thinking.
func (r *Row) Answer() string {
	for i := len(r.Messages) - 1; i >= 0; i-- {
		if r.Messages[i].Role == "assistant" {
			return think.Strip(r.Messages[i].Content)
		}
	}
	return ""
}
