package dispatch

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/internal/provider"
)

const (
	defaultTemperature = 0.7
	defaultMaxTokens   = 8192
)

// Fields describes the request, once and for all: the key, the body, the entry and every
// explanation are made from this list. What has no field here is not sent.
func (r *Request) Fields() (cache.Fields, error) {
	if r.Model == nil {
		return nil, errors.New("the request names no model")
	}
	if len(r.Messages) == 0 {
		return nil, errors.New("the request has no messages")
	}
	l := list{fs: make(cache.Fields, 0, 8+3*len(r.Messages))}
	l.text(cache.TagOrigin, r.Model.Origin())
	if r.Model.SysPrompt != "" && r.Messages[0].Role != "system" {
		l.message(Message{Role: "system", Content: r.Model.SysPrompt})
	}
	for i, m := range r.Messages {
		if err := checkMessage(m, i == len(r.Messages)-1); err != nil {
			return nil, fmt.Errorf("message %d: %w", i+1, err)
		}
		l.message(m)
	}
	s := r.Sampling.Over(r.Model.Sampling)
	if err := cmp.Or(checkExtra(s), s.adopt()); err != nil {
		return nil, err
	}
	l.sampling(s)
	l.count(cache.TagDraw, r.Draw)
	l.count(cache.TagAttempt, r.Attempt)
	l.count(cache.TagReroll, r.Reroll)
	l.transport(s, r.Model)
	l.mark(r.Model)
	return l.fs, l.err
}

func checkMessage(m Message, last bool) error {
	if m.Role == "" {
		return errors.New("it has no role")
	}
	if m.Content != "" && len(m.Parts) > 0 {
		return errors.New("it has both content and parts; put the text into a part")
	}
	if m.Prefill && (!last || m.Role != "assistant") {
		return errors.New("only the last message can be a prefill, and only an assistant's")
	}
	return nil
}

// list collects fields; the first error stays.
type list struct {
	fs  cache.Fields
	err error
}

func (l *list) add(f cache.Field) { l.fs = append(l.fs, f) }

func (l *list) text(t cache.Tag, s string) {
	if s != "" {
		l.add(cache.String(t, s))
	}
}

func (l *list) count(t cache.Tag, n int) {
	if n != 0 {
		l.add(cache.Int(t, int64(n)))
	}
}

func (l *list) int(t cache.Tag, n *int64) {
	if n != nil {
		l.add(cache.Int(t, *n))
	}
}

func (l *list) float(t cache.Tag, x *float64) {
	if x == nil {
		return
	}
	if (math.IsNaN(*x) || math.IsInf(*x, 0)) && l.err == nil {
		l.err = fmt.Errorf("%s is %v, which cannot be sent", t.Name(), *x)
	}
	l.add(cache.Float(t, *x))
}

func (l *list) tree(t cache.Tag, v any) {
	if v == nil {
		return
	}
	f, err := cache.Tree(t, v)
	if err != nil && l.err == nil {
		l.err = fmt.Errorf("%s: %w", t.Name(), err)
	}
	l.add(f)
}

func (l *list) object(t cache.Tag, m map[string]any) {
	if len(m) > 0 {
		l.tree(t, m)
	}
}

func (l *list) message(m Message) {
	l.add(cache.String(cache.TagRole, m.Role))
	l.text(cache.TagName, m.Name)
	l.text(cache.TagReasoning, m.Reasoning)
	l.text(cache.TagContent, m.Content)
	for i, p := range m.Parts {
		if err := l.part(p); err != nil && l.err == nil {
			l.err = fmt.Errorf("part %d of a message: %w", i+1, err)
		}
	}
	l.tree(cache.TagToolCalls, m.ToolCalls)
	l.text(cache.TagToolCallID, m.ToolCallID)
	if m.Prefill {
		l.add(cache.Bool(cache.TagPrefill, true))
	}
}

func (l *list) part(p Part) error {
	if p.Kind == "" || p.Kind == "text" {
		l.add(cache.String(cache.TagPartText, p.Text))
		return nil
	}
	m, err := inline(p)
	if err != nil {
		return err
	}
	f, err := cache.Tree(cache.TagPartMedia, m.tree())
	l.add(f)
	return err
}

func (l *list) sampling(s Sampling) {
	temperature := s.Temperature
	if temperature == nil {
		temperature = new(defaultTemperature)
	}
	l.tree(cache.TagTools, s.Tools)
	l.tree(cache.TagToolChoice, s.ToolChoice)
	l.tree(cache.TagResponseFormat, s.ResponseFormat)
	l.float(cache.TagTemperature, temperature)
	l.float(cache.TagTopP, s.TopP)
	l.int(cache.TagTopK, s.TopK)
	l.float(cache.TagMinP, s.MinP)
	l.float(cache.TagFrequencyPenalty, s.FrequencyPenalty)
	l.float(cache.TagPresencePenalty, s.PresencePenalty)
	l.float(cache.TagRepetitionPenalty, s.RepetitionPenalty)
	l.int(cache.TagSeed, s.Seed)
	for _, stop := range s.Stop {
		l.add(cache.String(cache.TagStop, stop))
	}
	l.int(cache.TagN, s.N)
	l.tree(cache.TagLogitBias, s.LogitBias)
	l.text(cache.TagReasoningEffort, s.ReasoningEffort)
	l.object(cache.TagChatTemplateKwargs, s.ChatTemplateKwargs)
	l.object(cache.TagExtra, s.Extra)
	limit := s.MaxTokens
	if limit == 0 {
		limit = defaultMaxTokens
	}
	l.add(cache.Int(cache.TagMaxTokens, limit))
}

func (l *list) transport(s Sampling, m *Model) {
	l.place(m)
	l.text(cache.TagUser, s.User)
	l.object(cache.TagMetadata, s.Metadata)
	l.text(cache.TagServiceTier, s.ServiceTier)
	l.object(cache.TagExtraTransport, s.ExtraTransport)
}

// place says what the body calls the model, and how its answer comes.
func (l *list) place(m *Model) {
	l.add(cache.String(cache.TagWireModel, wireModel(m)))
	if m.Stream {
		l.add(cache.Bool(cache.TagStream, true))
	}
}

// markFrom is how long a system prompt must be to be marked: what is shorter than about a thousand
// tokens is not remembered, marked or not.
const markFrom = 4 << 10

// mark asks the provider to remember the system prompt, where it remembers nothing without being asked.
func (l *list) mark(m *Model) {
	if !m.row().Caches(wireModel(m)) {
		return
	}
	for i, f := range l.fs {
		if f.Tag == cache.TagContent && l.fs[i-1].Tag == cache.TagRole && l.fs[i-1].Str() == "system" && len(f.Value) >= markFrom {
			l.object(cache.TagCacheControl, map[string]any{"type": "ephemeral"})
			return
		}
	}
}

// checkExtra refuses an extra body field that the body would hold twice.
func checkExtra(s Sampling) error {
	for name := range s.ExtraTransport {
		if _, both := s.Extra[name]; both {
			return fmt.Errorf("%q is in both extra and extra_transport; keep one", name)
		}
		if err := provider.CheckExtra(name, true); err != nil {
			return err
		}
	}
	for name := range s.Extra {
		if err := provider.CheckExtra(name, false); err != nil {
			return err
		}
	}
	return nil
}

// adopt gives extras that have a tag of their own to it. There is no other name for them in isf.yaml.
func (s *Sampling) adopt() error {
	if len(s.Extra) == 0 && len(s.ExtraTransport) == 0 {
		return nil
	}
	for name, to := range map[string]*any{"tools": &s.Tools, "tool_choice": &s.ToolChoice, "response_format": &s.ResponseFormat, "logit_bias": &s.LogitBias} {
		overJSON(to, take(&s.Extra, name))
	}
	for name, to := range map[string]*string{"user": &s.User, "service_tier": &s.ServiceTier} {
		if v := take(&s.ExtraTransport, name); v != nil {
			text, ok := v.(string)
			if !ok {
				return fmt.Errorf("extra field %q is no text", name)
			}
			*to = text
		}
	}
	if v := take(&s.ExtraTransport, "metadata"); v != nil {
		object, ok := v.(map[string]any)
		if !ok {
			return errors.New(`extra field "metadata" is no object`)
		}
		s.Metadata = object
	}
	return nil
}

// take removes an entry from a copy of a map, which others may share; nil if there is none.
func take(from *map[string]any, name string) any {
	v, ok := (*from)[name]
	if ok {
		*from = maps.Clone(*from)
		delete(*from, name)
	}
	return v
}
