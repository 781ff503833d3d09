package quality

import (
	"encoding/json"
	"strings"

	"github.com/identity-shaping/isf/internal/samples"
	"github.com/identity-shaping/isf/internal/think"
)

// A sample is a row as the checks see it.
type sample struct {
	*samples.Row
	turns    []turn // what the assistant said, with what it was said to
	prompt   string // all that the user said
	answer   string // all that the assistant said, without thinking
	thinking string // all that the assistant thought
	words    []string

	made []samples.Step // once anybody has asked
}

// Steps are the row's requests. Several checks ask, and with a long system prompt
// to decode them is most of what a row costs.
func (s *sample) Steps() []samples.Step {
	if s.made == nil && s.Annotated() {
		s.made = s.Row.Steps()
	}
	return s.made
}

// A turn is an answer. Apostrophes in its texts are straight.
type turn struct {
	user     string // what was said before it, "" if nobody did
	raw      string // the answer as it stands
	answer   string // without thinking
	thinking string

	said, thought string // answer and thinking as prose, in lower case
}

func newSample(row *samples.Row) *sample {
	s := &sample{Row: row}
	var asked, answered, thought []string
	user := ""
	for _, m := range row.Messages {
		text := straight(m.Content)
		switch m.Role {
		case "user":
			user = text
			asked = append(asked, text)
		case "assistant":
			thinking, _ := think.Extract(text)
			t := turn{user: user, raw: m.Content, answer: think.Strip(text), thinking: thinking}
			t.said, t.thought = lower(prose(t.answer)), lower(prose(t.thinking))
			s.turns = append(s.turns, t)
			answered, thought = append(answered, t.answer), append(thought, t.thinking)
			user = ""
		}
	}
	s.prompt, s.answer = strings.Join(asked, "\n"), strings.Join(answered, "\n")
	s.thinking = strings.TrimSpace(strings.Join(thought, "\n"))
	if row.Messages == nil {
		s.answer = straight(tableText(row))
	}
	s.words = words(s.answer)
	return s
}

// tableText is what a row of a table says: its texts, in the order of the row.
func tableText(row *samples.Row) string {
	dec := json.NewDecoder(strings.NewReader(string(row.Text)))
	var texts []string
	if _, err := dec.Token(); err != nil {
		return ""
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			break
		}
		var value any
		if dec.Decode(&value) != nil {
			break
		}
		if text, ok := value.(string); ok && name != "id" {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, "\n")
}

// table reports whether the row is no conversation.
func (s *sample) table() bool { return s.Messages == nil }

func (s *sample) example(quote, why string) Example {
	return Example{ID: s.ID, Line: s.Line, Quote: quote, Why: why}
}

// maker returns the request that made an answer: the one whose reply it is,
// else the last one; nil where the row does not say.
func (s *sample) maker(answer string) *samples.Step {
	steps := s.Steps()
	for i := len(steps) - 1; i >= 0; i-- {
		if answer != "" && strings.Contains(steps[i].Response, answer) {
			return &steps[i]
		}
	}
	if len(steps) == 0 {
		return nil
	}
	return &steps[len(steps)-1]
}
