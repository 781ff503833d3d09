package pipelines

import (
	"errors"

	"github.com/identity-shaping/isf"
)

// IdentityAugmentation turns each fact into messages that it answers, and has
// the identity answer them.
type IdentityAugmentation struct {
	Facts    isf.Target `isf:"facts"`
	Prompt   isf.Prompt `isf:"prompts/question.md"`
	Judge    isf.Model  `isf:"judge"`
	Identity isf.Model  `isf:"pell-release-full"`

	Angles []string // one message per fact for each: a sentence about who writes it
}

// A question is a message to the identity, and the fact it came from.
type question struct {
	Fact Fact   `json:"fact"`
	Text string `json:"text"`
}

// Build has two stages: facts become questions, each question a sample. What
// fails or changes in one question touches no other.
func (p *IdentityAugmentation) Build(b *isf.Build) isf.Rows[*isf.Sample] {
	facts := isf.Read[Fact](b, p.Facts)
	questions := isf.Each(b, "question", facts, p.question)
	return isf.Each(b, "answer", questions, p.answer)
}

// question asks for all angles side by side; answers come in their order.
func (p *IdentityAugmentation) question(t *isf.Task, f Fact) ([]question, error) {
	var asks []isf.Turns
	asked := "" // all that the prompts say
	for _, angle := range p.Angles {
		prompt := p.Prompt.With(map[string]any{"fact": f.Text, "angle": angle})
		text, err := t.Render(prompt)
		if err != nil {
			return nil, err
		}
		asks, asked = append(asks, prompt), asked+text
	}
	check := func(r *isf.Response) error { return isMessage(r, asked, f.Text) }
	replies, err := t.AskAll(p.Judge, asks, isf.Temperature(0.8), isf.Validate(check, 3))
	if err != nil {
		return nil, err
	}
	var questions []question
	for _, r := range replies {
		text, err := r.Tag("prompt")
		if err != nil {
			return nil, err
		}
		questions = append(questions, question{f, text})
	}
	return questions, nil
}

// isMessage asks again for an answer without the tag, and for one that says what
// was asked for instead of doing it. After the third the record fails.
func isMessage(r *isf.Response, asked, fact string) error {
	text, err := r.Tag("prompt")
	if err == nil && repeats(text, asked, fact) {
		return errors.New("it repeats the prompt, and is no message")
	}
	return err
}

// answer keeps the thinking, if there is any: a recipe decides what to do with it.
func (p *IdentityAugmentation) answer(t *isf.Task, q question) ([]*isf.Sample, error) {
	r, err := t.Ask(p.Identity, isf.Text(q.Text), isf.Validate(isSaid, 3))
	if err != nil {
		return nil, err
	}
	s := isf.NewSample(isf.User(q.Text), isf.Assistant(r.Text()))
	s.Meta = map[string]any{"fact": q.Fact.ID, "section": q.Fact.Section}
	return isf.One(s)
}
