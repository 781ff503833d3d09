package patterns

import "github.com/identity-shaping/isf"

// Parallel asks three things about each seed at once.
type Parallel struct {
	Seeds    isf.File  `isf:"seeds.jsonl"`
	Identity isf.Model `isf:"ada-release-full"`
}

func (p *Parallel) Build(b *isf.Build) isf.Rows[*isf.Sample] {
	return isf.Each(b, "sides", isf.Read[Seed](b, p.Seeds), p.sides)
}

func (p *Parallel) sides(t *isf.Task, s Seed) ([]*isf.Sample, error) {
	asks := []isf.Turns{
		isf.Text(s.Text),
		isf.Text(s.Text + " In one sentence."),
		isf.Text(s.Text + " Explain it to a child."),
	}
	replies, err := t.AskAll(p.Identity, asks) // in the order of asks, whichever comes first
	if err != nil {
		return nil, err
	}
	var samples []*isf.Sample
	for i, r := range replies {
		samples = append(samples, isf.NewSample(isf.User(string(asks[i].(isf.Text))), r.Message()))
	}
	return samples, nil
}
