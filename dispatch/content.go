package dispatch

import (
	"encoding/json"
	"strconv"
	"strings"
)

// wireContent is a message's content: a string, null, or a list of parts.
type wireContent struct {
	text     string // whole, with thinking parts between think tags
	thinking string // of thinking parts alone
}

func (c *wireContent) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '[' {
		return c.parts(raw)
	}
	return json.Unmarshal(raw, &c.text)
}

type wirePart struct {
	Type      string          `json:"type"`
	Text      loose           `json:"text"`
	Thinking  json.RawMessage `json:"thinking"` // a string, or parts of its own
	Reasoning loose           `json:"reasoning"`
}

func (c *wireContent) parts(raw []byte) error {
	var parts []wirePart
	if err := json.Unmarshal(raw, &parts); err != nil {
		return err
	}
	var thinking, text strings.Builder
	for _, p := range parts {
		if p.Type != "thinking" && p.Type != "reasoning" {
			text.WriteString(string(p.Text))
			continue
		}
		var inner wireContent
		if len(p.Thinking) > 0 {
			if err := inner.UnmarshalJSON(p.Thinking); err != nil {
				return err
			}
		}
		thinking.WriteString(firstSet(inner.text, string(p.Reasoning), string(p.Text)))
	}
	c.thinking, c.text = thinking.String(), text.String()
	if c.thinking != "" {
		c.text = thinkOpen + c.thinking + thinkClose + "\n" + c.text
	}
	return nil
}

// loose is a string where it is one, and nothing where a server sends something else in its place.
type loose string

func (l *loose) UnmarshalJSON(raw []byte) error {
	var s string
	if len(raw) > 0 && raw[0] == '"' {
		if err := json.Unmarshal(raw, &s); err != nil {
			return err
		}
	}
	*l = loose(s)
	return nil
}

// errorIn reads an error inside a reply, in any of the forms in use; nil if there is none.
func errorIn(raw json.RawMessage) *notAnswer {
	if isNull(raw) {
		return nil
	}
	switch string(raw) {
	case `""`, `{}`, `false`: // some servers say so that there is none
		return nil
	}
	n := &notAnswer{kind: "server_error"}
	var e struct {
		Message loose           `json:"message"`
		Type    loose           `json:"type"`
		Code    json.RawMessage `json:"code"`
	}
	var text string
	switch {
	case json.Unmarshal(raw, &text) == nil:
		n.reason.message = text
	case json.Unmarshal(raw, &e) == nil:
		n.reason = reason{string(e.Message), string(e.Type), strings.Trim(string(e.Code), `"`)}
	}
	if n.reason.message == "" {
		n.reason.message = excerpt(raw)
	}
	if code, err := strconv.Atoi(n.reason.code); err == nil && code >= 400 && code < 600 {
		n.status = code
	}
	return n
}
