package patterns

import "github.com/identity-shaping/isf"

// Knowledge teaches what a document says to a model that will not see it.
type Knowledge struct {
	Document isf.File   `isf:"knowledge.md"`
	Question isf.Prompt `isf:"prompts/question.md"`
	Answer   isf.Prompt `isf:"prompts/from-knowledge.md"`
	Judge    isf.Model  `isf:"judge"`
	Identity isf.Model  `isf:"ada-release-full"`
}

func (p *Knowledge) Build(b *isf.Build) isf.Rows[*isf.Sample] {
	return isf.Each(b, "teach", isf.Sections(b, p.Document), p.teach)
}

func (p *Knowledge) teach(t *isf.Task, s isf.Section) ([]*isf.Sample, error) {
	r, err := t.Ask(p.Judge, p.Question.With(map[string]any{"fact": s.Text}))
	if err != nil {
		return nil, err
	}
	question, err := r.Tag("prompt")
	if err != nil {
		return nil, err
	}
	// The answer is asked for with the document, and taught without it.
	answer, err := t.Ask(p.Identity, p.Answer.With(map[string]any{"document": s.Text, "question": question}))
	if err != nil {
		return nil, err
	}
	return isf.One(isf.NewSample(isf.User(question), answer.Message()))
}
