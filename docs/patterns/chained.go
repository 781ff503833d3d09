package patterns

import "github.com/identity-shaping/isf"

// Chained answers the questions that another target has.
type Chained struct {
	Questions isf.Target `isf:"questions"`
	Identity  isf.Model  `isf:"ada-release-full"`
}

func (p *Chained) Build(b *isf.Build) isf.Rows[*isf.Sample] {
	return isf.Each(b, "answer", isf.Read[Question](b, p.Questions), p.answer)
}

func (p *Chained) answer(t *isf.Task, q Question) ([]*isf.Sample, error) {
	r, err := t.Ask(p.Identity, isf.Text(q.Text))
	if err != nil {
		return nil, err
	}
	s := isf.NewSample(isf.User(q.Text), r.Message())
	s.Meta = map[string]any{"fact": q.Fact} // for `isf sample --where` and for recipes
	return isf.One(s)
}
