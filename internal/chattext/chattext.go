// Package chattext writes a conversation as the one text that a family of
// models reads, to train on: what the family's chat template makes of it.
//
// A Renderer is one family, or one of its templates where they differ. Its text is what the model sees when it is asked,
// then the last answer with its thinking, then the token that ends it. So
// thinking of earlier answers is left out where the template leaves it out, and
// where a template adds something of its own (a system prompt, a date), that is
// in the text too. No text holds the time or anything else that changes.
//
// What a template has no place for is not written in some other way: it is a
// reason not to train on the conversation.
package chattext

import (
	"maps"
	"slices"
	"strings"

	"github.com/identity-shaping/isf/internal/think"
)

// A Turn is a message. Its thinking stands apart from what it says.
type Turn struct {
	Role     string
	Name     string // of who speaks, where a template writes it
	Content  string // as the sample has it, thinking included
	Thinking string
	Text     string // Content without its thinking
	Calls    bool   // it calls tools
}

// NewTurn returns a turn, with thinking taken out of an assistant's content.
func NewTurn(role, content string) Turn {
	t := Turn{Role: role, Content: content, Text: content}
	if role == assistant && think.Has(content) {
		t.Thinking, t.Text = think.Extract(content)
	}
	return t
}

// Reasons that a conversation has no text in a family.
const (
	SpecialToken = "special_token"        // a text would be read as markup
	NoRole       = "role_not_in_template" // a role, or a role in this place, that the template does not write
	NoToolCalls  = "tool_calls_not_in_template"
)

const (
	system    = "system"
	user      = "user"
	assistant = "assistant"
)

// A Renderer writes conversations for one family of models.
type Renderer interface {
	// Render returns the text of a conversation, or the reason why it has none.
	Render(turns []Turn) (text, reason string)
}

// renderers of all families, by name.
var renderers = map[string]Renderer{
	"chatml":        chatML{},
	"qwen3":         chat{write: qwen3, tokens: []string{"<|im_start|>", "<|im_end|>", "<|endoftext|>"}},
	"deepseek":      chat{write: deepseek, tokens: deepseekTokens},
	"deepseek-r1":   chat{write: deepseekR1, tokens: deepseekTokens},
	"deepseek-v3":   chat{write: deepseekV3, tokens: deepseekTokens},
	"kimi":          chat{write: kimi, tokens: kimiTokens},
	"kimi-instruct": chat{write: kimiInstruct, tokens: kimiTokens},
	"gpt-oss":       chat{write: gptOSS, late: true, tokens: []string{"<|start|>", "<|end|>", "<|message|>", "<|channel|>", "<|constrain|>", "<|return|>", "<|call|>"}},
}

var (
	deepseekTokens = []string{"<｜"}
	kimiTokens     = []string{"<|im_", "<|tool_call", "<|media_", "[EOS]", "[BOS]"}
)

// Names are the families, sorted.
func Names() []string { return slices.Sorted(maps.Keys(renderers)) }

// Of returns the renderer of a family, nil if there is none of the name.
func Of(name string) Renderer { return renderers[name] }

// A chat is a family whose template knows system, user and assistant.
type chat struct {
	write  func(b *strings.Builder, turns []Turn)
	tokens []string // that no text may hold
	late   bool     // a system message is written only if it comes first
}

// Render writes the conversation if the template has a place for all of it.
func (c chat) Render(turns []Turn) (text, reason string) {
	for i, t := range turns {
		switch {
		case t.Calls:
			return "", NoToolCalls
		case !slices.Contains([]string{system, user, assistant}, t.Role), c.late && t.Role == system && i > 0:
			return "", NoRole
		case holds(t.Content, c.tokens), holds(t.Name, c.tokens):
			return "", SpecialToken
		}
	}
	var b strings.Builder
	c.write(&b, turns)
	return b.String(), ""
}

func holds(text string, tokens []string) bool {
	return slices.ContainsFunc(tokens, func(token string) bool { return strings.Contains(text, token) })
}

// chatML is plain ChatML: every turn as it is, with its thinking, under any
// role.
type chatML struct{}

// Render writes each turn between the two tokens.
func (chatML) Render(turns []Turn) (text, reason string) {
	tokens := []string{"<|im_start|>", "<|im_end|>"}
	var b strings.Builder
	for _, t := range turns {
		if holds(t.Content, tokens) || holds(t.Role, tokens) {
			return "", SpecialToken
		}
		b.WriteString("<|im_start|>" + t.Role + "\n" + t.Content + "<|im_end|>\n")
	}
	return b.String(), ""
}
