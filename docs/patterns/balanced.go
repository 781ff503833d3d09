package patterns

import (
	"cmp"
	"slices"

	"github.com/identity-shaping/isf"
)

// Balanced keeps the best answers of each topic, the same number of each.
type Balanced struct {
	Seeds    isf.File   `isf:"seeds.jsonl"`
	Score    isf.Prompt `isf:"prompts/score.md"`
	Identity isf.Model  `isf:"ada-release-full"`
	Judge    isf.Model  `isf:"judge"`

	PerTopic int
}

func (p *Balanced) Build(b *isf.Build) isf.Rows[*isf.Sample] {
	scored := isf.Each(b, "answer", isf.Read[Seed](b, p.Seeds), p.answer)
	return isf.All(b, "best", scored, p.best)
}

func (p *Balanced) answer(t *isf.Task, s Seed) ([]*isf.Sample, error) {
	answer, err := t.Ask(p.Identity, isf.Text(s.Text))
	if err != nil {
		return nil, err
	}
	score, err := scored(t, p.Judge, p.Score, s.Text, answer.Answer())
	if err != nil {
		return nil, err
	}
	sample := isf.NewSample(isf.User(s.Text), answer.Message())
	sample.Meta = map[string]any{"topic": s.Topic, "score": score}
	return isf.One(sample)
}

// best sees all samples at once. It asks no model.
func (p *Balanced) best(all []*isf.Sample) ([]*isf.Sample, error) {
	slices.SortStableFunc(all, func(a, b *isf.Sample) int { return cmp.Compare(b.Meta["score"].(int), a.Meta["score"].(int)) })
	taken := map[any]int{}
	return slices.DeleteFunc(all, func(s *isf.Sample) bool {
		taken[s.Meta["topic"]]++
		return taken[s.Meta["topic"]] > p.PerTopic
	}), nil
}
