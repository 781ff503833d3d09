package engine

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/internal/jsontext"
)

// steps writes the steps of a trace, as a JSON list, and the time they cover:
// for each what was really sent and who answered.
func (e *encoder) steps(steps []Step) ([]byte, span, error) {
	var s span
	out := []byte{'['}
	for i, st := range steps {
		entry, err := e.entry(st)
		if err != nil {
			return nil, s, err
		}
		if entry != nil {
			s.add(entry)
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, st.row(i, entry)...)
	}
	return append(out, ']'), s, nil
}

// row writes one step; entry is nil where nothing was answered.
func (s Step) row(index int, entry *cache.Entry) []byte {
	fields, key, response := s.fields, s.Ref.Key, []byte("null")
	if entry == nil {
		key, entry = fields.Key(), &cache.Entry{}
	} else {
		fields = entry.Fields
		response = jsontext.AppendString(nil, entry.Text)
	}
	sent := readSent(fields)
	o := object{}.raw("messages", sent.messages).str("model", s.Model).optional("model_resolved", entry.ModelResolved)
	o = o.raw("sampling", sent.sampling).raw("response", response).optional("error", s.Err)
	o = o.str("step_id", s.id()).raw("step_index", strconv.AppendInt(nil, int64(index), 10)).optional("timestamp", stamp(entry.End))
	o = o.str("key", key.String()).str("origin", sent.origin).some("sysprompt_digest", sent.sysPrompt).some("finish_reason", entry.Finish)
	return o.end()
}

func (s stepName) id() string {
	if s.Attempt > 0 {
		return fmt.Sprintf("%s-%d.%d", s.Stage, s.Place, s.Attempt)
	}
	return fmt.Sprintf("%s-%d", s.Stage, s.Place)
}

// entry returns the stored answer of a step, or nil where it has none.
func (e *encoder) entry(s Step) (*cache.Entry, error) {
	if s.entry != nil || s.fields != nil {
		return s.entry, nil
	}
	entry, err := e.b.engine.store().Lookup(s.Ref)
	if errors.Is(err, cache.ErrMiss) {
		err = fmt.Errorf("the answer %s was in the cache a moment ago and cannot be read now: run isf build again", s.Ref.Key)
	}
	if err != nil {
		e.b.Fail(err)
	}
	return entry, err
}

// A sent is what a request said, as rows keep it.
type sent struct {
	origin    string
	sysPrompt string // digest of the system prompt
	messages  []byte // JSON
	sampling  []byte // JSON
}

// readSent reads a request's field list, in the list's order.
func readSent(fields cache.Fields) sent {
	var s sent
	var message, sampling object
	messages := []byte{'['}
	role := ""
	for _, f := range fields {
		switch {
		case f.Tag == cache.TagOrigin:
			s.origin = f.Str()
		case f.Tag == cache.TagRole:
			if message != nil {
				messages = append(append(messages, message.end()...), ',')
			}
			role, message = f.Str(), object{}.str("role", f.Str())
		case f.Tag < cache.TagTools:
			if role == "system" && f.Tag == cache.TagContent && s.sysPrompt == "" {
				s.sysPrompt = cache.DigestOf([]byte(f.Str())).String()
			}
			message = message.raw(f.Tag.Name(), f.JSON())
		case f.Tag.Class() != cache.Transport:
			sampling = sampling.raw(f.Tag.Name(), f.JSON())
		}
	}
	if message != nil {
		messages = append(messages, message.end()...)
	}
	s.messages, s.sampling = append(messages, ']'), sampling.end()
	return s
}
