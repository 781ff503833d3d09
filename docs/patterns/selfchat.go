package patterns

import "github.com/identity-shaping/isf"

// SelfChat lets a model that plays the user talk with the identity.
type SelfChat struct {
	Seeds    isf.File   `isf:"seeds.jsonl"`
	NextTurn isf.Prompt `isf:"prompts/next-turn.md"`
	Identity isf.Model  `isf:"ada-release-full"`
	User     isf.Model  `isf:"judge"`

	Turns int // of the user
}

func (p *SelfChat) Build(b *isf.Build) isf.Rows[*isf.Sample] {
	return isf.Each(b, "chat", isf.Read[Seed](b, p.Seeds), p.chat)
}

func (p *SelfChat) chat(t *isf.Task, s Seed) ([]*isf.Sample, error) {
	chat := isf.Messages{isf.User(s.Text)}
	for turn := 1; ; turn++ {
		answer, err := t.Ask(p.Identity, chat) // earlier thinking is not sent back
		if err != nil {
			return nil, err
		}
		chat = append(chat, answer.Message())
		if turn == p.Turns {
			return isf.One(isf.NewSample(chat...))
		}
		next, err := t.Ask(p.User, p.NextTurn.With(map[string]any{"chat": chat}))
		if err != nil {
			return nil, err
		}
		text, err := next.Tag("prompt")
		if err != nil {
			return nil, err
		}
		chat = append(chat, isf.User(text))
	}
}
