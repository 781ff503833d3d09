package isf

import (
	"github.com/identity-shaping/isf/dispatch"
	"github.com/identity-shaping/isf/internal/engine"
)

type (
	// Turns is what a request says: a Filled prompt, a Text, a Message or
	// Messages.
	Turns = engine.Turns
	// Filled is a prompt file with its data: one user message.
	Filled = engine.Filled
	// Text is one user message.
	Text = engine.Text
	// Message is one turn of a conversation. Weight says how much a trainer
	// should learn from it.
	Message = engine.Message
	// Messages is a conversation.
	Messages = engine.Messages
	// Sample is one conversation to train on.
	Sample = engine.Sample
	// AskOption changes one request.
	AskOption = engine.AskOption
)

// User returns a user message.
func User(text string) Message { return Message{Role: "user", Content: text} }

// Assistant returns an assistant message.
func Assistant(text string) Message { return Message{Role: "assistant", Content: text} }

// System returns a system message. Put first, it replaces the model's own
// system prompt.
func System(text string) Message { return Message{Role: "system", Content: text} }

// NewSample returns a sample of these messages, to be named by the record it
// was made from.
func NewSample(messages ...Message) *Sample { return &Sample{Messages: messages} }

// Tags returns what text says in each pair of <name> and </name>, in order and
// trimmed.
func Tags(text, name string) []string { return engine.Tags(text, name) }

// Temperature sets the sampling temperature.
func Temperature(x float64) AskOption {
	return engine.Sampling(func(s *dispatch.Sampling) { s.Temperature = &x })
}

// TopP sets nucleus sampling.
func TopP(x float64) AskOption {
	return engine.Sampling(func(s *dispatch.Sampling) { s.TopP = &x })
}

// MaxTokens bounds the answer. A longer one comes back truncated, which is an
// error unless AcceptTruncated is given.
func MaxTokens(n int) AskOption {
	return engine.Sampling(func(s *dispatch.Sampling) { s.MaxTokens = int64(n) })
}

// Stop sets texts at which the model stops.
func Stop(texts ...string) AskOption {
	return engine.Sampling(func(s *dispatch.Sampling) { s.Stop = texts })
}

// Seed sets the provider's sampling seed.
func Seed(n int64) AskOption {
	return engine.Sampling(func(s *dispatch.Sampling) { s.Seed = &n })
}

// Effort sets how much a reasoning model thinks: "low", "medium", "high", as
// the provider names it.
func Effort(level string) AskOption {
	return engine.Sampling(func(s *dispatch.Sampling) { s.ReasoningEffort = level })
}

// Extra sets a field of the request's body that isf has no function for, such
// as response_format. It is part of the request's key.
func Extra(name string, value any) AskOption {
	return engine.Sampling(func(s *dispatch.Sampling) {
		if s.Extra == nil {
			s.Extra = map[string]any{}
		}
		s.Extra[name] = value
	})
}

// Validate has check look at each answer and asks again while it returns an
// error, up to attempts times in all. Every attempt is kept and cached. An answer
// that was cut off by its token limit is asked for again too, and check does not
// see it, unless AcceptTruncated is given.
func Validate(check func(*Response) error, attempts int) AskOption {
	return engine.Validate(check, attempts)
}

// AcceptTruncated takes an answer that was cut off by its token limit, which
// is an error otherwise.
func AcceptTruncated() AskOption { return engine.AcceptTruncated() }
