package dispatch

import (
	"errors"
	"fmt"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/internal/jsontext"
	"github.com/identity-shaping/isf/internal/provider"
)

// wireNames are the body's fields beside model, messages and the extras, by the tag they come from.
var wireNames = [...]string{
	cache.TagTools:              "tools",
	cache.TagToolChoice:         "tool_choice",
	cache.TagResponseFormat:     "response_format",
	cache.TagTemperature:        "temperature",
	cache.TagTopP:               "top_p",
	cache.TagTopK:               "top_k",
	cache.TagMinP:               "min_p",
	cache.TagFrequencyPenalty:   "frequency_penalty",
	cache.TagPresencePenalty:    "presence_penalty",
	cache.TagRepetitionPenalty:  "repetition_penalty",
	cache.TagSeed:               "seed",
	cache.TagStop:               "stop",
	cache.TagN:                  "n",
	cache.TagLogitBias:          "logit_bias",
	cache.TagReasoningEffort:    "reasoning_effort",
	cache.TagChatTemplateKwargs: "chat_template_kwargs",
	cache.TagMaxTokens:          "max_tokens",
	cache.TagUser:               "user",
	cache.TagMetadata:           "metadata",
	cache.TagServiceTier:        "service_tier",
}

// Body writes the request as it goes over the wire: model, then the messages with the system
// prompt first, then all else in the list's order. Equal lists give equal bytes, and requests that
// share a beginning share the bytes of it, which is what prefix caches of providers look at.
//
// The row says how the provider names things. Long texts are copied once, into the body itself.
func Body(row provider.Row, fs cache.Fields) ([]byte, error) {
	w := writer{b: make([]byte, 0, bodySize(fs, jsontext.StringSize)), row: row}
	if err := w.body(fs); err != nil {
		return nil, err
	}
	return w.b, nil
}

// bodyPieces is Body with a system prompt that is not escaped again for each request, and not copied if it
// is long.
func bodyPieces(row provider.Row, fs cache.Fields, shared *prompts) (pieces, error) {
	w := writer{prompts: shared, row: row}
	if size := bodySize(fs, shared.size); size <= joinedUpTo {
		w.b, w.joined = roomFor(size), true
	}
	if err := w.body(fs); err != nil {
		return nil, err
	}
	return append(w.pieces, w.b), nil
}

// writer is a body in the making.
type writer struct {
	b       []byte
	row     provider.Row
	inStop  bool     // between the entries of "stop"
	prompts *prompts // nil: everything goes to b
	joined  bool     // all the same
	pieces  pieces   // what was finished before b
	mark    []byte   // cache_control, for the system prompt
}

func (w *writer) body(fs cache.Fields) error {
	w.mark = markOf(fs)
	w.b = append(w.b, `{"model":`...)
	w.b = jsontext.AppendString(w.b, first(fs, cache.TagWireModel))
	w.b = append(w.b, `,"messages":[`...)
	rest, err := w.messages(fs)
	if err != nil {
		return err
	}
	w.b = append(w.b, ']')
	for _, f := range rest {
		if err := w.field(f); err != nil {
			return err
		}
	}
	w.endStop()
	w.b = append(w.b, '}')
	return nil
}

// bodySize is enough room for the body, so that it does not move while it grows.
func bodySize(fs cache.Fields, text func(string) int) int {
	n := 256
	for _, f := range fs {
		n += 48 + text(f.Value)
	}
	return n
}

func first(fs cache.Fields, t cache.Tag) string {
	for _, f := range fs {
		if f.Tag == t {
			return f.Str()
		}
	}
	return ""
}

// messages writes the messages and returns the fields that belong to none.
func (w *writer) messages(fs cache.Fields) (rest cache.Fields, err error) {
	started := false
	for i := 0; i < len(fs); {
		if !inMessage(fs[i].Tag) {
			rest = append(rest, fs[i])
			i++
			continue
		}
		if fs[i].Tag != cache.TagRole {
			return nil, fmt.Errorf("the field %s belongs to no message", fs[i].Tag.Name())
		}
		end := i + 1
		for end < len(fs) && fs[end].Tag != cache.TagRole && inMessage(fs[end].Tag) {
			end++
		}
		if started {
			w.b = append(w.b, ',')
		}
		started = true
		if err := w.message(fs[i:end]); err != nil {
			return nil, err
		}
		i = end
	}
	return rest, nil
}

// markOf is the value of the field that marks the system prompt, nil without it.
func markOf(fs cache.Fields) []byte {
	for _, f := range fs {
		if f.Tag == cache.TagCacheControl {
			return f.JSON()
		}
	}
	return nil
}

func inMessage(t cache.Tag) bool { return t >= cache.TagRole && t <= cache.TagReasoning }

// field writes what is not a message. Fields of the key alone (origin, draw, …) write nothing.
func (w *writer) field(f cache.Field) error {
	if f.Tag != cache.TagStop {
		w.endStop()
	}
	switch f.Tag {
	case cache.TagOrigin, cache.TagWireModel, cache.TagDraw, cache.TagAttempt, cache.TagReroll, cache.TagCacheControl:
		return nil
	case cache.TagStream:
		w.raw("stream", f.JSON())
		if !w.row.StreamCounts {
			w.raw("stream_options", []byte(`{"include_usage":true}`))
		}
		return nil
	case cache.TagStop:
		w.stop(f.Str())
		return nil
	case cache.TagExtra, cache.TagExtraTransport:
		return w.splice(f.JSON())
	case cache.TagSeed:
		if w.row.Seed != "" {
			w.raw(w.row.Seed, f.JSON())
			return nil
		}
	case cache.TagMaxTokens:
		if w.row.Limit != "" {
			w.raw(w.row.Limit, f.JSON())
			return nil
		}
	}
	if int(f.Tag) >= len(wireNames) || wireNames[f.Tag] == "" {
		return fmt.Errorf("the field %s has no place in a body", f.Tag.Name())
	}
	w.raw(wireNames[f.Tag], f.JSON())
	return nil
}

// stop writes one entry of the list "stop"; endStop closes it.
func (w *writer) stop(s string) {
	if w.inStop {
		w.b = append(w.b, ',')
	} else {
		w.b = append(w.b, `,"stop":[`...)
	}
	w.inStop = true
	w.b = jsontext.AppendString(w.b, s)
}

func (w *writer) endStop() {
	if w.inStop {
		w.b = append(w.b, ']')
	}
	w.inStop = false
}

// splice puts the entries of a JSON object among the body's own.
func (w *writer) splice(object []byte) error {
	if len(object) < 2 || object[0] != '{' {
		return errors.New("extra body fields are not an object")
	}
	if inside := object[1 : len(object)-1]; len(inside) > 0 {
		w.b = append(append(w.b, ','), inside...)
	}
	return nil
}

func (w *writer) string(name, value string) {
	w.b = append(append(append(w.b, ',', '"'), name...), '"', ':')
	w.b = jsontext.AppendString(w.b, value)
}

func (w *writer) raw(name string, value []byte) {
	w.b = append(append(append(w.b, ',', '"'), name...), '"', ':')
	w.b = append(w.b, value...)
}
