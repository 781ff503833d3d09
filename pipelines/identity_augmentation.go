package pipelines

import "github.com/identity-shaping/isf"

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
	for _, angle := range p.Angles {
		asks = append(asks, p.Prompt.With(map[string]any{"fact": f.Text, "angle": angle}))
	}
	replies, err := t.AskAll(p.Judge, asks, isf.Temperature(0.8), isf.Validate(hasPrompt, 3))
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

// hasPrompt asks again for an answer without the tag. After the third the record
// fails as a parse_error.
func hasPrompt(r *isf.Response) error {
	_, err := r.Tag("prompt")
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
