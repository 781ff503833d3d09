package patterns

import (
	"strconv"

	"github.com/identity-shaping/isf"
)

// Draws asks for several answers to the same question and has a judge choose.
type Draws struct {
	Seeds    isf.File   `isf:"seeds.jsonl"`
	Choice   isf.Prompt `isf:"prompts/choice.md"`
	Identity isf.Model  `isf:"ada-release-full"`
	Judge    isf.Model  `isf:"judge"`

	N int // answers to each question
}

func (p *Draws) Build(b *isf.Build) isf.Rows[*isf.Sample] {
	return isf.Each(b, "best", isf.Read[Seed](b, p.Seeds), p.best)
}

func (p *Draws) best(t *isf.Task, s Seed) ([]*isf.Sample, error) {
	replies, err := t.AskN(p.Identity, isf.Text(s.Text), p.N, isf.Temperature(1))
	if err != nil {
		return nil, err
	}
	var answers []string
	for _, r := range replies {
		answers = append(answers, r.Answer())
	}
	verdict, err := t.Ask(p.Judge, p.Choice.With(map[string]any{"question": s.Text, "answers": answers}))
	if err != nil {
		return nil, err
	}
	text, err := verdict.Tag("choice")
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > len(replies) {
		return nil, isf.Errorf("no_choice", "the judge chose %q", text)
	}
	return isf.One(isf.NewSample(isf.User(s.Text), replies[n-1].Message()))
}
