package e2e

import (
	"fmt"

	"github.com/identity-shaping/isf"
)

// A topic is a line of data/seeds.jsonl.
type topic struct {
	ID       string `json:"id"`
	Topic    string `json:"topic"`
	Question string `json:"question"`
}

// questions has a visitor's question written from each seed, and answered.
type questions struct {
	Seeds    isf.File  `isf:"data/seeds.jsonl"`
	Judge    isf.Model `isf:"judge"`
	Identity isf.Model `isf:"orla-release-full"`
}

// Build says what is done for each seed. Records are independent: they run side by side, and come out in their order.
func (p *questions) Build(b *isf.Build) isf.Rows[*isf.Sample] {
	return isf.Each(b, "question", isf.Read[topic](b, p.Seeds), p.ask)
}

func (p *questions) ask(t *isf.Task, s topic) ([]*isf.Sample, error) {
	text := fmt.Sprintf("Write this question as a visitor would ask it, in a <question> tag.\n\nTopic: %s\nQuestion: %s", s.Topic, s.Question)
	r, err := t.Ask(p.Judge, isf.Text(text), isf.Temperature(0.8), isf.MaxTokens(200))
	if err != nil {
		return nil, err
	}
	question, err := r.Tag("question") // not searched for in the thinking; without the tag the record fails as a parse_error
	if err != nil {
		return nil, err
	}
	answer, err := t.Ask(p.Identity, isf.Text(question))
	if err != nil {
		return nil, err
	}
	return isf.One(isf.NewSample(isf.User(question), isf.Assistant(answer.Text()))) // Text has the thinking, too
}
