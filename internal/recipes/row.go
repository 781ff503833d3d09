package recipes

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/identity-shaping/isf/internal/think"
)

// A sample is a row reduced to what may be trained on.
type sample struct {
	id       string
	rawID    json.RawMessage
	messages []message
}

// A message is one turn. Further fields of it, as the name of a tool, travel
// with it.
type message struct {
	role, content string
	weight        json.RawMessage // nil if it has none
	rest          map[string]json.RawMessage
}

// Reasons that rows are left out for, beside those of package think.
const (
	errorRecord     = "error_record"        // a row of the Python toolkit about a failure
	notText         = "content_not_text"    // an image, a file
	emptyResponse   = "empty_response"      // as package think says it
	duplicate       = "duplicate"           // dedupe: exact
	nearDuplicate   = "near_duplicate"      // dedupe: near
	overMax         = "over_max_per_source" // max_per_source
	missingThinkTag = "missing_think_tag"   // as package think says it
)

// decode reads a row. reason is why it is left out; an error says that it is
// no sample at all, which is for a person to mend.
func decode(line []byte) (s sample, reason string, err error) {
	var row struct {
		ID       json.RawMessage              `json:"id"`
		Messages []map[string]json.RawMessage `json:"messages"`
		Error    json.RawMessage              `json:"__ERROR__"`
	}
	if err := json.Unmarshal(line, &row); err != nil {
		return s, "", fmt.Errorf("it is no JSON object with id and messages: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	if row.Error != nil {
		return s, errorRecord, nil
	}
	var missing []string
	if row.ID == nil || string(row.ID) == "null" {
		missing = append(missing, "id")
	}
	if row.Messages == nil {
		missing = append(missing, "messages")
	}
	if missing != nil {
		return s, "", &missingError{missing}
	}
	if s.rawID, s.id, err = readID(row.ID); err != nil {
		return s, "", err
	}
	s.messages = make([]message, len(row.Messages))
	for i, fields := range row.Messages {
		if s.messages[i], reason, err = readMessage(fields); err != nil {
			return s, "", fmt.Errorf("message %d %w", i, err)
		} else if reason != "" {
			return s, reason, nil
		}
	}
	return s, "", nil
}

// A missingError names fields that a row must have.
type missingError struct{ fields []string }

func (e *missingError) Error() string { return strings.Join(e.fields, ", ") }

// readID accepts numbers, which are named by their digits.
func readID(raw json.RawMessage) (json.RawMessage, string, error) {
	switch c := raw[0]; {
	case c == '"':
		var id string
		err := json.Unmarshal(raw, &id)
		return marshal(id), id, err
	case c == '-' || c >= '0' && c <= '9':
		return raw, string(raw), nil
	}
	return nil, "", fmt.Errorf("its id is neither text nor a number")
}

func readMessage(fields map[string]json.RawMessage) (m message, reason string, err error) {
	if err := json.Unmarshal(fields["role"], &m.role); err != nil || m.role == "" {
		return m, "", fmt.Errorf("has no role")
	}
	content, ok := fields["content"]
	if !ok && fields["tool_calls"] == nil {
		return m, "", fmt.Errorf("has no content")
	}
	if m.content, reason, err = readContent(content); err != nil || reason != "" {
		return m, reason, err
	}
	if w, ok := fields["weight"]; ok && string(w) != "null" {
		m.weight = w
	}
	delete(fields, "role")
	delete(fields, "content")
	delete(fields, "weight")
	m.rest = fields
	return m, "", nil
}

// readContent returns text. Of a list of parts, thinking becomes
// <think>…</think> and texts are joined.
func readContent(raw json.RawMessage) (text, reason string, err error) {
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return "", "", nil
	case raw[0] == '"':
		return text, "", json.Unmarshal(raw, &text)
	case raw[0] != '[':
		return "", "", fmt.Errorf("has a content that is no text")
	}
	var parts []struct{ Type, Text, Thinking string }
	if err := json.Unmarshal(raw, &parts); err != nil {
		return "", "", fmt.Errorf("has a content that is no list of parts")
	}
	var b strings.Builder
	for _, p := range parts {
		switch p.Type {
		case "text":
			b.WriteString(p.Text)
		case "thinking":
			b.WriteString("<think>" + p.Thinking + "</think>\n")
		default:
			return "", notText, nil
		}
	}
	return b.String(), "", nil
}

// fit makes a sample what the recipe wants of it, or says why it cannot be.
func (s *sample) fit(t Thinking, f Format, dropSystem bool) (reason string) {
	kept := s.messages[:0]
	for _, m := range s.messages {
		if m.role == "system" && dropSystem {
			continue
		}
		if m.role == "assistant" {
			if reason := m.fit(t); reason != "" {
				return reason
			}
		}
		kept = append(kept, m)
	}
	s.messages = kept
	if f.isText() {
		_, reason = s.text(f)
	}
	return reason
}

func (m *message) fit(t Thinking) (reason string) {
	switch t {
	case Require:
		return think.Strict(m.content)
	case Allow:
		if reason := think.Lenient(m.content); reason != "" {
			return reason
		}
		if m.rest["tool_calls"] == nil && think.Strip(m.content) == "" {
			return emptyResponse
		}
	case Strip:
		m.content = think.Strip(m.content)
		if m.rest["tool_calls"] == nil && m.content == "" {
			return emptyResponse
		}
	}
	return ""
}

// marshal returns compact JSON in UTF-8. What it is given always has a JSON
// form.
func marshal(v any) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
