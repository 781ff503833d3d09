package patterns

import "github.com/identity-shaping/isf"

// Joined answers seeds in the light of notes that stand in another file.
type Joined struct {
	Seeds    isf.File  `isf:"seeds.jsonl"`
	Notes    isf.Data  `isf:"notes.csv"`
	Identity isf.Model `isf:"ada-release-full"`
}

// A Note is a row of notes.csv.
type Note struct {
	Seed string `json:"seed"`
	Text string `json:"note"`
}

// A noted seed has its notes.
type noted struct {
	Seed  Seed
	Notes []Note
}

func (p *Joined) Build(b *isf.Build) isf.Rows[*isf.Sample] {
	both := isf.Join(
		b, "notes", isf.Read[Seed](b, p.Seeds), isf.Read[Note](b, p.Notes),
		func(s Seed) string { return s.ID }, func(n Note) string { return n.Seed },
		func(s Seed, notes []Note) ([]noted, error) {
			if len(notes) == 0 {
				return nil, isf.Skip("no note")
			}
			return isf.One(noted{s, notes})
		})
	return isf.Each(b, "answer", both, p.answer)
}

func (p *Joined) answer(t *isf.Task, n noted) ([]*isf.Sample, error) {
	prompt := n.Seed.Text + "\n\nKeep in mind:"
	for _, note := range n.Notes {
		prompt += "\n- " + note.Text
	}
	r, err := t.Ask(p.Identity, isf.Text(prompt))
	if err != nil {
		return nil, err
	}
	return isf.One(isf.NewSample(isf.User(n.Seed.Text), r.Message())) // the notes are not taught
}
