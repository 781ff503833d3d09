package pipelines

import "github.com/identity-shaping/isf"

// Behaviour has the identity answer what people ask in the course of a day.
type Behaviour struct {
	// Source has the prompts: any rows with the columns of UserPrompt. isf.yaml
	// names a public set of 100,000 that people typed; only what Rows asks for is
	// read of it.
	Source   isf.Data  `isf:"pipelines/data/prompts.jsonl"`
	Identity isf.Model `isf:"pell-release-full"`

	// Rows is how many prompts are drawn, with the scores in proportion; 0 is all.
	Rows int

	// Mix is the fraction kept of the prompts with openness 1, 2, 3, 4 and 5. A
	// closed task leaves little room for a voice, so fewer of those are wanted.
	Mix [5]float64 `isf:"[0.5, 0.6, 0.8, 1, 1]"`
}

// A UserPrompt is a message from somebody who wants something. Its score says
// how open it is to a personal voice: 1 is a closed task, 5 is wide open.
type UserPrompt struct {
	ID     string `json:"id"`
	Prompt string `json:"prompt"`
	Score  int    `json:"score"`
}

// Build streams the rows: what is in memory depends on the requests in flight,
// and not on the length of the list.
func (p *Behaviour) Build(b *isf.Build) isf.Rows[*isf.Sample] {
	drawn := isf.Read[UserPrompt](b, p.Source, isf.SampleRows(p.Rows, 1), isf.StratifyBy("score", nil))
	prompts := isf.Filter(drawn, p.keep)
	return isf.Each(b, "answer", prompts, p.answer)
}

// keep draws by id: the same prompts on every machine, and a larger fraction
// adds some without replacing any.
func (p *Behaviour) keep(u UserPrompt) bool {
	return u.Score >= 1 && u.Score <= len(p.Mix) && isf.Chosen(u.ID, p.Mix[u.Score-1])
}

func (p *Behaviour) answer(t *isf.Task, u UserPrompt) ([]*isf.Sample, error) {
	r, err := t.Ask(p.Identity, isf.Text(u.Prompt), isf.Validate(isSaid, 3))
	if err != nil {
		return nil, err
	}
	s := isf.NewSample(isf.User(u.Prompt), isf.Assistant(r.Text()))
	s.Meta = map[string]any{"score": u.Score}
	return isf.One(s)
}
