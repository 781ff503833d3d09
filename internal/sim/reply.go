package sim

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The structs below are the wire format of a chat completion. "created" is
// always 0: equal requests get equal bytes.
type completion struct {
	ID          string   `json:"id"`
	Object      string   `json:"object"`
	Created     int64    `json:"created"`
	Model       string   `json:"model"`
	Fingerprint string   `json:"system_fingerprint"`
	Choices     []choice `json:"choices"`
	Usage       *usage   `json:"usage,omitempty"`
}

type choice struct {
	Index   int    `json:"index"`
	Message *said  `json:"message,omitempty"`
	Delta   *said  `json:"delta,omitempty"` // in a stream
	Finish  string `json:"finish_reason,omitempty"`
}

type said struct {
	Role      string `json:"role,omitempty"`
	Reasoning string `json:"reasoning_content,omitempty"`
	Content   string `json:"content"`
}

type usage struct {
	Prompt     int64 `json:"prompt_tokens"`
	Completion int64 `json:"completion_tokens"`
	Total      int64 `json:"total_tokens"`
}

// fingerprint says which simulation answered; it changes when answers do.
const fingerprint = "isf-sim-1"

// complete makes the reply to r, asked with key.
func (m *mind) complete(r *request, key string) *completion {
	out := &completion{
		Object: "chat.completion", Model: label(r.model), Fingerprint: fingerprint,
		Choices: make([]choice, r.n), Usage: &usage{Prompt: tokens(r.size())},
	}
	for i := range out.Choices {
		t := m.answer(r, key, i)
		if i == 0 {
			out.ID = "chatcmpl-sim-" + strconv.FormatUint(t.id, 16)
		}
		msg, finish := m.limit(r, t)
		out.Choices[i] = choice{Index: i, Message: msg, Finish: finish}
		out.Usage.Completion += tokens(len(msg.Content) + len(msg.Reasoning))
	}
	out.Usage.Total = out.Usage.Prompt + out.Usage.Completion
	return out
}

// limit writes a thought down, cut where the request or TruncateRate says so.
// Whether TruncateRate strikes is part of the answer: the same request is cut
// again, another draw may not be.
func (m *mind) limit(r *request, t thought) (msg *said, finish string) {
	msg = &said{Role: "assistant", Content: t.text}
	switch {
	case t.thinking != "" && r.effort != "":
		msg.Reasoning = t.thinking
	case t.thinking != "":
		msg.Content = "<think>" + t.thinking + "</think>\n" + t.text
	}
	room := int64(len(msg.Content) + len(msg.Reasoning))
	if m.o.TruncateRate > 0 && fraction(mix(t.id+golden)) < m.o.TruncateRate {
		room /= 2
	}
	if r.maxTokens > 0 && r.maxTokens < tokens(int(room)) {
		room = r.maxTokens * tokenBytes
	}
	if room >= int64(len(msg.Content)+len(msg.Reasoning)) {
		return msg, "stop"
	}
	msg.Reasoning = cut(msg.Reasoning, int(room))
	msg.Content = cut(msg.Content, int(room)-len(msg.Reasoning))
	return msg, "length"
}

// cut is the beginning of s, at most n bytes, at the end of a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// tokenBytes is how many bytes count as one token.
const tokenBytes = 4

func tokens(size int) int64 { return int64(size+tokenBytes-1) / tokenBytes }

// encode writes v as JSON without escaping the tags in it.
func encode(to *bytes.Buffer, v any) {
	enc := json.NewEncoder(to)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // the wire structs hold only what JSON can say
	}
}

// label names the model that answered so that nobody takes it for a real one.
func label(model string) string {
	if strings.HasPrefix(model, "sim/") {
		return model
	}
	return "sim/" + model
}
