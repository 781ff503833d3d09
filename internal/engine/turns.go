package engine

import (
	"fmt"

	"github.com/identity-shaping/isf/internal/prompts"
)

// Turns is what a request says: one message or a conversation.
type Turns interface {
	messages(by asker) (Messages, error)
}

// Text is a single user message.
type Text string

func (t Text) messages(asker) (Messages, error) {
	return Messages{{Role: "user", Content: string(t)}}, nil
}

func (m Message) messages(asker) (Messages, error)  { return Messages{m}, nil }
func (m Messages) messages(asker) (Messages, error) { return m, nil }

// A Filled is a prompt file with the data for its variables: a single user
// message. It is rendered when it is asked.
type Filled struct {
	Prompt Prompt
	Data   any
}

// With fills the prompt with data: a struct or a map, whose JSON field names
// are the template's variables.
func (p Prompt) With(data any) Filled { return Filled{p, data} }

func (f Filled) messages(by asker) (Messages, error) {
	text, err := by.build().render(f, by.step(0, 0))
	if err != nil {
		return nil, err
	}
	return Text(text).messages(by)
}

// render returns the text of a filled prompt. A template that does not render
// is the author's mistake and no record's: it fails the target. at says who
// renders it.
func (b *Build) render(f Filled, at stepName) (text string, err error) {
	if !b.declares(string(f.Prompt)) {
		return "", fmt.Errorf("prompt %q is not declared: give the pipeline a field of type isf.Prompt with this file", f.Prompt)
	}
	name, err := promptName(string(f.Prompt))
	if err != nil {
		return "", err
	}
	data, err := prompts.FromJSON(f.Data)
	if err != nil {
		return "", fmt.Errorf("data for %s: %w", f.Prompt, err)
	}
	if b.engine.project.prompts == nil {
		err = fmt.Errorf("%s: the project has no folder %s/", f.Prompt, promptsDir)
	} else if text, err = b.engine.project.prompts.Render(name, data); err == nil {
		b.engine.preview.see(b, at, f, text, data)
		return text, nil
	} else {
		err = fmt.Errorf("%s/%w", promptsDir, err)
	}
	b.Fail(err)
	return "", err
}

// Render returns the text of a filled prompt, for use inside a longer
// conversation.
func (t *Task) Render(f Filled) (string, error) { return t.b.render(f, t.step(0, 0)) }
