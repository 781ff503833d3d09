package patterns

import "github.com/identity-shaping/isf"

// Questions makes several rows of each paragraph: a stage whose rows another
// stage works on.
type Questions struct {
	Document isf.File   `isf:"knowledge.md"`
	Facts    isf.Prompt `isf:"prompts/facts.md"`
	Question isf.Prompt `isf:"prompts/question.md"`
	Judge    isf.Model  `isf:"judge"`
}

// A Question is a row of the table.
type Question struct {
	ID   string `json:"id"`
	Fact string `json:"fact"`
	Text string `json:"text"`
}

func (p *Questions) Build(b *isf.Build) isf.Rows[Question] {
	facts := isf.Each(b, "facts", isf.Paragraphs(b, p.Document), p.facts)
	return isf.Each(b, "question", facts, p.question)
}

func (p *Questions) facts(t *isf.Task, para isf.Paragraph) ([]string, error) {
	r, err := t.Ask(p.Judge, p.Facts.With(para))
	if err != nil {
		return nil, err
	}
	if facts := r.Tags("fact"); len(facts) > 0 {
		return facts, nil // one paragraph, many rows
	}
	return nil, isf.Skip("no facts")
}

func (p *Questions) question(t *isf.Task, fact string) ([]Question, error) {
	r, err := t.Ask(p.Judge, p.Question.With(map[string]any{"fact": fact}))
	if err != nil {
		return nil, err
	}
	text, err := r.Tag("prompt")
	if err != nil {
		return nil, err
	}
	return isf.One(Question{ID: t.ID("question", fact), Fact: fact, Text: text})
}
