package dispatch

import (
	"cmp"
	"maps"
	"time"

	"github.com/identity-shaping/isf/internal/price"
	"github.com/identity-shaping/isf/internal/provider"
)

// A Message is one turn of a conversation, as it is sent.
type Message struct {
	Role, Content, Name string
	Reasoning           string // thinking of an earlier answer, echoed where a model wants it back
	ToolCalls           any    // free JSON
	ToolCallID          string
	Prefill             bool   // the last message, an assistant's, which the model shall go on with
	Parts               []Part // instead of Content, where a message is more than text
}

// A Part is a piece of a message: text, or media with their bytes inline.
type Part struct {
	Kind string // "" or "text", "image", "audio"
	Text string
	MIME string // of Data: "image/png", "audio/wav"
	Data []byte
	URL  string // a data: URL instead of MIME and Data; every other scheme is refused
}

// Sampling is how a model shall answer. What is nil, empty or zero is not set, and is not sent.
type Sampling struct {
	Temperature, TopP, MinP                              *float64
	FrequencyPenalty, PresencePenalty, RepetitionPenalty *float64
	TopK, Seed, N                                        *int64
	MaxTokens                                            int64
	Stop                                                 []string
	ReasoningEffort                                      string
	ResponseFormat, Tools, ToolChoice, LogitBias         any // free JSON
	ChatTemplateKwargs                                   map[string]any
	Extra                                                map[string]any // body fields without a name here; they shape the answer and are in the key

	// What follows does not shape the answer and is not in the key.
	User, ServiceTier        string
	Metadata, ExtraTransport map[string]any
}

// Over returns base with every field that s sets. Maps are merged entry by entry.
func (s Sampling) Over(base Sampling) Sampling {
	out := base
	over(&out.Temperature, s.Temperature)
	over(&out.TopP, s.TopP)
	over(&out.MinP, s.MinP)
	over(&out.FrequencyPenalty, s.FrequencyPenalty)
	over(&out.PresencePenalty, s.PresencePenalty)
	over(&out.RepetitionPenalty, s.RepetitionPenalty)
	over(&out.TopK, s.TopK)
	over(&out.Seed, s.Seed)
	over(&out.N, s.N)
	over(&out.MaxTokens, s.MaxTokens)
	over(&out.ReasoningEffort, s.ReasoningEffort)
	over(&out.User, s.User)
	over(&out.ServiceTier, s.ServiceTier)
	overJSON(&out.ResponseFormat, s.ResponseFormat)
	overJSON(&out.Tools, s.Tools)
	overJSON(&out.ToolChoice, s.ToolChoice)
	overJSON(&out.LogitBias, s.LogitBias)
	if s.Stop != nil {
		out.Stop = s.Stop
	}
	out.ChatTemplateKwargs = merge(base.ChatTemplateKwargs, s.ChatTemplateKwargs)
	out.Extra = merge(base.Extra, s.Extra)
	out.Metadata = merge(base.Metadata, s.Metadata)
	out.ExtraTransport = merge(base.ExtraTransport, s.ExtraTransport)
	return out
}

func over[T comparable](dst *T, v T) {
	var unset T
	if v != unset {
		*dst = v
	}
}

func overJSON(dst *any, v any) {
	if v != nil {
		*dst = v
	}
}

func merge(base, top map[string]any) map[string]any {
	if len(top) == 0 {
		return base
	}
	out := make(map[string]any, len(base)+len(top))
	maps.Copy(out, base)
	maps.Copy(out, top)
	return out
}

// A Model is who is asked, and how by default. It must not change once it was asked.
type Model struct {
	Name            string // in the registry
	Provider        string // a row of the provider table, or a name of the project's own with BaseURLs
	ID              string // the model string: what the provider calls it
	Weights         string // two models that name the same weights share answers
	BaseURLs        []string
	APIKeyEnv       string // the variable that holds the key, instead of the provider's own
	Headers         map[string]string
	SysPrompt       string
	Sampling        Sampling
	Limits          Limits       // what the provider allows, where the project says so
	Price           *price.Price // what the project says it costs; nil where it does not
	HistoryThinking string       // "strip" (also "") or "echo": whether callers send the thinking of earlier turns back, as Message.Reasoning
	Stream          bool         // answers are asked for word by word, so that the connection is never idle for long
	Timeouts        Timeouts
}

// Timeouts bound one try. 0 is the default.
type Timeouts struct {
	Total   time.Duration // from the first byte out to the last one in: DefaultTimeout
	Idle    time.Duration // between two bytes of a stream: DefaultIdleTimeout
	Connect time.Duration // until there is a connection: DefaultConnectTimeout
}

func (t Timeouts) orDefault() Timeouts {
	return Timeouts{cmp.Or(t.Total, DefaultTimeout), cmp.Or(t.Idle, DefaultIdleTimeout), cmp.Or(t.Connect, DefaultConnectTimeout)}
}

// Limits are what a provider allows in a minute; 0 is not known.
type Limits struct{ RPM, TPM int64 }

// Origin says whose answers these are. Answers of one origin never pass for another's.
func (m *Model) Origin() string {
	if m.Weights != "" {
		return weightsPrefix + m.Weights
	}
	return m.Provider + "/" + m.ID
}

const weightsPrefix = "weights:"

// row is what is known of the model's provider; nothing of one that the project defines itself.
func (m *Model) row() provider.Row {
	row, _ := provider.Of(m.Provider)
	return row
}

// wireModel is what the body calls the model.
func wireModel(m *Model) string {
	_, model := m.row().Split(m.ID)
	return model
}

// A Request is one question to one model.
type Request struct {
	Model    *Model
	Messages []Message
	Sampling Sampling // over the model's own
	Draw     int      // which one of several answers
	Attempt  int      // after user code rejected an answer
	Reroll   int      // after a person asked for another
	Tally    *Tally   // whose request it is; nil is nobody's
}
