package patterns

import (
	"errors"
	"strings"

	"github.com/identity-shaping/isf"
)

// Retry asks again while an answer is not what it should be.
type Retry struct {
	Seeds    isf.File  `isf:"seeds.jsonl"`
	Identity isf.Model `isf:"ada-release-full"`
}

func (p *Retry) Build(b *isf.Build) isf.Rows[*isf.Sample] {
	return isf.Each(b, "answer", isf.Read[Seed](b, p.Seeds), p.answer)
}

func (p *Retry) answer(t *isf.Task, s Seed) ([]*isf.Sample, error) {
	r, err := t.Ask(p.Identity, isf.Text(s.Text), isf.Validate(inVoice, 3)) // three times in all
	if err != nil {
		return nil, err // kept as an error row, and counted as invalid_answer
	}
	return isf.One(isf.NewSample(isf.User(s.Text), r.Message()))
}

func inVoice(r *isf.Response) error {
	for _, phrase := range []string{"as an ai language model", "great question"} {
		if strings.Contains(strings.ToLower(r.Answer()), phrase) {
			return errors.New("it says “" + phrase + "”")
		}
	}
	return nil
}
