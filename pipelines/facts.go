package pipelines

import (
	"errors"
	"slices"
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
	section := ""
	if n := len(para.Headings); n > 0 {
		section = para.Headings[n-1]
	}
	prompt := p.Prompt.With(para)
	asked, err := t.Render(prompt)
	if err != nil {
		return nil, err
	}
	// A fact may name the section it is from, and nothing else of the prompt.
	ofPrompt := func(fact string) bool { return repeats(fact, asked, para.Text, section) }
	listed := func(r *isf.Response) error { return listsFacts(r, ofPrompt) }
	r, err := t.Ask(p.Judge, prompt, isf.Validate(listed, 3))
	if err != nil {
		return nil, err
	}
	var facts []Fact
	for _, text := range slices.DeleteFunc(r.Tags("fact"), ofPrompt) {
		facts = append(facts, Fact{ID: t.ID("fact", text), Text: text, Section: section})
	}
	if len(facts) == 0 {
		return nil, isf.Skip("no facts")
	}
	return facts, nil
}

// listsFacts refuses an answer that forgot the tags, which would pass for a
// paragraph without facts, and one that has nothing in them but the prompt.
func listsFacts(r *isf.Response, ofPrompt func(fact string) bool) error {
	facts := r.Tags("fact")
	switch {
	case len(facts) > 0 && len(slices.DeleteFunc(facts, ofPrompt)) == 0:
		return errors.New("its facts repeat the prompt, not the paragraph")
	case len(facts) == 0 && !strings.HasPrefix(strings.ToLower(r.Answer()), "none"):
		return errors.New("it lists facts without <fact> tags, and does not say none")
	}
	return nil
}
