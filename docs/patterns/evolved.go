package patterns

import "github.com/identity-shaping/isf"

// Evolved makes a question harder in several rounds, then has it answered.
type Evolved struct {
	Seeds    isf.File   `isf:"seeds.jsonl"`
	Evolve   isf.Prompt `isf:"prompts/evolve.md"`
	Judge    isf.Model  `isf:"judge"`
	Identity isf.Model  `isf:"ada-release-full"`

	Rounds int
}

func (p *Evolved) Build(b *isf.Build) isf.Rows[*isf.Sample] {
	return isf.Each(b, "evolve", isf.Read[Seed](b, p.Seeds), p.evolve)
}

func (p *Evolved) evolve(t *isf.Task, s Seed) ([]*isf.Sample, error) {
	question := s.Text
	for range p.Rounds {
		r, err := t.Ask(p.Judge, p.Evolve.With(map[string]any{"question": question}))
		if err != nil {
			return nil, err
		}
		harder, err := r.Tag("prompt")
		if err != nil {
			return nil, err
		}
		if harder == question {
			return nil, isf.Skip("it did not change")
		}
		question = harder
	}
	answer, err := t.Ask(p.Identity, isf.Text(question))
	if err != nil {
		return nil, err
	}
	return isf.One(isf.NewSample(isf.User(question), answer.Message()))
}
