package pipelines

import (
	"errors"
	"strings"

	"github.com/identity-shaping/isf"
)

// A Fact is one sentence about the identity that can be understood alone. The
// names in its JSON tags are the variables that prompt files see.
type Fact struct {
	ID      string `json:"id"`
	Text    string `json:"fact"`
	Section string `json:"section"`
}

// Facts lists what the narrative says. It is a table: rows for other pipelines
// to read, not samples to train on.
//
// It asks per paragraph. Asked about the whole document, one changed sentence
// would be a new request about everything in it; here it is one request about
// its paragraph.
type Facts struct {
	Narrative isf.File   `isf:"identity/NARRATIVE.md"`
	Prompt    isf.Prompt `isf:"prompts/facts.md"`
	Judge     isf.Model  `isf:"judge"`
}

// Build asks for the facts of every paragraph.
func (p *Facts) Build(b *isf.Build) isf.Rows[Fact] {
	return isf.Each(b, "extract", isf.Paragraphs(b, p.Narrative), p.extract)
}

// extract names a fact by its own text. So a fact that an edit leaves alone
// keeps its id, and what was made from it stays as it is.
func (p *Facts) extract(t *isf.Task, para isf.Paragraph) ([]Fact, error) {
	r, err := t.Ask(p.Judge, p.Prompt.With(para), isf.Validate(listsFacts, 3))
	if err != nil {
		return nil, err
	}
	section := ""
	if n := len(para.Headings); n > 0 {
		section = para.Headings[n-1]
	}
	var facts []Fact
	for _, text := range r.Tags("fact") {
		facts = append(facts, Fact{ID: t.ID("fact", text), Text: text, Section: section})
	}
	if len(facts) == 0 {
		return nil, isf.Skip("no facts")
	}
	return facts, nil
}

// listsFacts refuses an answer that forgot the tags: it would pass for a
// paragraph without facts.
func listsFacts(r *isf.Response) error {
	if len(r.Tags("fact")) == 0 && !strings.HasPrefix(strings.ToLower(r.Answer()), "none") {
		return errors.New("it lists facts without <fact> tags, and does not say none")
	}
	return nil
}
