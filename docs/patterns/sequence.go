package patterns

import "github.com/identity-shaping/isf"

// Sequence asks for an answer, then for what is wrong with it, then for a better
// one.
type Sequence struct {
	Seeds    isf.File   `isf:"seeds.jsonl"`
	Critique isf.Prompt `isf:"prompts/critique.md"`
	Identity isf.Model  `isf:"ada-release-full"`
	Judge    isf.Model  `isf:"judge"`
}

func (p *Sequence) Build(b *isf.Build) isf.Rows[*isf.Sample] {
	return isf.Each(b, "answer", isf.Read[Seed](b, p.Seeds), p.answer)
}

func (p *Sequence) answer(t *isf.Task, s Seed) ([]*isf.Sample, error) {
	first, err := t.Ask(p.Identity, isf.Text(s.Text))
	if err != nil {
		return nil, err
	}
	critique, err := t.Ask(p.Judge, p.Critique.With(map[string]any{"question": s.Text, "reply": first.Answer()}))
	if err != nil {
		return nil, err
	}
	better, err := t.Ask(p.Identity, isf.Messages{
		isf.User(s.Text), first.Message(), isf.User("Somebody says of this: " + critique.Answer() + "\nAnswer the question again."),
	})
	if err != nil {
		return nil, err
	}
	return isf.One(isf.NewSample(isf.User(s.Text), better.Message()))
}
