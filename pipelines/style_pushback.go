package pipelines

import (
	"fmt"
	"strconv"

	"github.com/identity-shaping/isf"
)

// StylePushback lets a user push against the identity's manner of speaking,
// over several turns. Each time the identity makes a few attempts, and a judge
// picks the one to go on with.
type StylePushback struct {
	Scenarios isf.File   `isf:"pipelines/data/pushback.jsonl"`
	Choice    isf.Prompt `isf:"prompts/choice.md"`
	Identity  isf.Model  `isf:"pell-release-full"`
	Judge     isf.Model  `isf:"judge"`

	Candidates int `isf:"3"` // answers that the judge picks from
}

// A Scenario is what the user says: first a question, then what they want
// changed about the answer.
type Scenario struct {
	Opening string   `json:"opening"`
	Pushes  []string `json:"pushes"`
}

// Build makes one conversation of each scenario.
func (p *StylePushback) Build(b *isf.Build) isf.Rows[*isf.Sample] {
	return isf.Each(b, "talk", isf.Read[Scenario](b, p.Scenarios), p.talk)
}

// talk keeps the conversation twice: the sample with the thinking of each
// answer, and the history that is sent back to the model, without it.
func (p *StylePushback) talk(t *isf.Task, s Scenario) ([]*isf.Sample, error) {
	history := isf.Messages{isf.User(s.Opening)}
	answer, err := t.Ask(p.Identity, history, isf.Validate(isSaid, 3))
	if err != nil {
		return nil, err
	}
	sample := isf.NewSample(isf.User(s.Opening), isf.Assistant(answer.Text()))
	for _, push := range s.Pushes {
		history = append(history, answer.Message(), isf.User(push))
		if answer, err = p.best(t, history); err != nil {
			return nil, err
		}
		sample.Messages = append(sample.Messages, isf.User(push), isf.Assistant(answer.Text()))
	}
	return isf.One(sample)
}

// best asks for several answers to the same history and returns the judge's choice.
func (p *StylePushback) best(t *isf.Task, history isf.Messages) (*isf.Response, error) {
	candidates, err := t.AskN(p.Identity, history, p.Candidates, isf.Temperature(1), isf.Validate(isSaid, 3))
	if err != nil {
		return nil, err
	}
	var texts []string
	for _, c := range candidates {
		texts = append(texts, c.Answer())
	}
	data := map[string]any{"messages": history, "candidates": texts}
	valid := func(r *isf.Response) error { _, err := chosen(r, len(texts)); return err }
	verdict, err := t.Ask(p.Judge, p.Choice.With(data), isf.Validate(valid, 3))
	if err != nil {
		return nil, err
	}
	n, err := chosen(verdict, len(texts))
	if err != nil {
		return nil, err
	}
	return candidates[n-1], nil
}

// chosen reads the number of the answer that the judge picked out of n.
func chosen(r *isf.Response, n int) (int, error) {
	text, err := r.Tag("choice")
	if err != nil {
		return 0, err
	}
	i, err := strconv.Atoi(text)
	if err != nil || i < 1 || i > n {
		return 0, fmt.Errorf("the choice is %q: it has to be a number from 1 to %d", text, n)
	}
	return i, nil
}
