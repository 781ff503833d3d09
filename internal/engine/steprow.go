package engine

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/identity-shaping/isf/cache"
)

// stepRow is a step as rows keep it: what was really sent and who answered.
type stepRow struct {
	Messages  json.RawMessage `json:"messages"`
	Model     string          `json:"model"`
	Resolved  *string         `json:"model_resolved"`
	Sampling  json.RawMessage `json:"sampling"`
	Response  *string         `json:"response"`
	Error     *string         `json:"error"`
	ID        string          `json:"step_id"`
	Index     int             `json:"step_index"`
	Timestamp *string         `json:"timestamp"`

	Key       string `json:"key"`
	Origin    string `json:"origin"`
	SysPrompt string `json:"sysprompt_digest,omitempty"`
	Finish    string `json:"finish_reason,omitempty"`
}

// steps writes the steps of a trace and the time they cover.
func (e *encoder) steps(steps []Step) ([]stepRow, span, error) {
	var s span
	rows := make([]stepRow, 0, len(steps))
	for i, st := range steps {
		entry, err := e.entry(st)
		if err != nil {
			return nil, s, err
		}
		row := stepRow{Model: st.Model, ID: st.id(), Index: i, Key: st.Ref.Key.String()}
		fields := st.fields
		if entry != nil {
			s.add(entry)
			fields = entry.Fields
			row.Resolved, row.Response = optional(entry.ModelResolved), &entry.Text
			row.Timestamp, row.Finish = stamp(entry.End), entry.Finish
		} else {
			row.Key = fields.Key().String()
		}
		row.Error = optional(st.Err)
		row.sent(fields)
		rows = append(rows, row)
	}
	return rows, s, nil
}

func (s Step) id() string {
	if s.attempt > 0 {
		return fmt.Sprintf("%s-%d.%d", s.Stage, s.place, s.attempt)
	}
	return fmt.Sprintf("%s-%d", s.Stage, s.place)
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

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// sent writes the messages and parameters of a request from its field list, in
// the list's order.
func (r *stepRow) sent(fields cache.Fields) {
	var messages, sampling []byte
	for _, f := range fields {
		switch {
		case f.Tag == cache.TagOrigin:
			r.Origin = f.Str()
		case f.Tag == cache.TagRole:
			if len(messages) > 0 {
				messages = append(messages, "},"...)
			}
			messages = append(append(messages, `{"role":`...), f.JSON()...)
		case f.Tag < cache.TagTools:
			messages = appendMember(messages, f)
		case f.Tag.Class() != cache.Transport:
			sampling = appendMember(sampling, f)
		}
	}
	if len(messages) > 0 {
		messages = append(messages, '}')
	}
	if len(sampling) > 0 {
		sampling = sampling[1:]
	}
	r.Messages = append(append([]byte{'['}, messages...), ']')
	r.Sampling = append(append([]byte{'{'}, sampling...), '}')
	r.SysPrompt = sysPromptDigest(fields)
}

func appendMember(object []byte, f cache.Field) []byte {
	object = append(append(append(object, `,"`...), f.Tag.Name()...), `":`...)
	return append(object, f.JSON()...)
}

// sysPromptDigest names the system prompt that was really sent.
func sysPromptDigest(fields cache.Fields) string {
	for i, f := range fields {
		if f.Tag == cache.TagRole && f.Str() == "system" && i+1 < len(fields) && fields[i+1].Tag == cache.TagContent {
			return cache.DigestOf([]byte(fields[i+1].Str())).String()
		}
	}
	return ""
}
