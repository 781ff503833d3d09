package e2e

import (
	"github.com/identity-shaping/isf"
)

// rated joins two sources: answers, which another pipeline wrote without
// provenance, and a sheet that people keep.
type rated struct {
	Answers isf.Target `isf:"plain-again"`
	Scores  isf.Data   `isf:"scores.csv"`
	Model   isf.Model  `isf:"plain"`

	Least int `isf:"3"`
}

type score struct {
	Seed  string  `json:"seed"`
	Score int     `json:"score"`
	By    *string `json:"by"`
}

type ratedAnswer struct {
	Sample isf.Sample `json:"sample"`
	Scores []score    `json:"scores"`
}

func (p *rated) Build(b *isf.Build) isf.Rows[*isf.Sample] {
	scores := isf.Read[score](b, p.Scores, isf.Where("score", ">=", p.Least))
	both := isf.Join(b, "rate", isf.Read[isf.Sample](b, p.Answers), scores,
		func(s isf.Sample) string { return s.ID }, func(s score) string { return s.Seed }, rate)
	return isf.Each(b, "ask", both, func(t *isf.Task, r ratedAnswer) ([]*isf.Sample, error) {
		answer, err := t.Ask(p.Model, append(r.Sample.Messages, isf.User("Why did that go well?")))
		if err != nil {
			return nil, err
		}
		s := isf.NewSample(r.Sample.Messages...)
		s.Messages = append(s.Messages, isf.User("Why did that go well?"), answer.Message())
		s.Meta = map[string]any{"scores": len(r.Scores)}
		return isf.One(s)
	})
}

func rate(s isf.Sample, scores []score) ([]ratedAnswer, error) {
	if len(scores) == 0 {
		return nil, isf.Skip("not rated well")
	}
	return isf.One(ratedAnswer{s, scores})
}
