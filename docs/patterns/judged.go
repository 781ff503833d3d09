package patterns

import (
	"strconv"

	"github.com/identity-shaping/isf"
)

// Judged keeps answers that a judge scores high enough.
type Judged struct {
	Seeds    isf.File   `isf:"seeds.jsonl"`
	Score    isf.Prompt `isf:"prompts/score.md"`
	Identity isf.Model  `isf:"ada-release-full"`
	Judge    isf.Model  `isf:"judge"`

	Least int // the lowest score that is kept
}

func (p *Judged) Build(b *isf.Build) isf.Rows[*isf.Sample] {
	return isf.Each(b, "judge", isf.Read[Seed](b, p.Seeds), p.judge)
}

func (p *Judged) judge(t *isf.Task, s Seed) ([]*isf.Sample, error) {
	answer, err := t.Ask(p.Identity, isf.Text(s.Text))
	if err != nil {
		return nil, err
	}
	score, err := scored(t, p.Judge, p.Score, s.Text, answer.Answer())
	if err != nil {
		return nil, err
	}
	if score < p.Least {
		return nil, isf.Skip("score below " + strconv.Itoa(p.Least)) // counted, and no error
	}
	sample := isf.NewSample(isf.User(s.Text), answer.Message())
	sample.Meta = map[string]any{"score": score}
	return isf.One(sample)
}

// scored asks the judge until it gives a number from 1 to 5.
func scored(t *isf.Task, judge isf.Model, prompt isf.Prompt, question, answer string) (int, error) {
	read := func(r *isf.Response) (int, error) {
		text, err := r.Tag("score")
		if err != nil {
			return 0, err
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 5 {
			return 0, isf.Errorf("no_score", "the judge says %q", text)
		}
		return n, nil
	}
	valid := func(r *isf.Response) error { _, err := read(r); return err }
	r, err := t.Ask(judge, prompt.With(map[string]any{"question": question, "reply": answer}), isf.Validate(valid, 3))
	if err != nil {
		return 0, err
	}
	return read(r)
}
