package pipelines

import (
	"fmt"
	"strings"

	"github.com/identity-shaping/isf"
)

// IdentityAssertions asks the identity who it is and who it is not, each in
// several ways.
type IdentityAssertions struct {
	Assertions isf.File  `isf:"pipelines/data/assertions.jsonl"`
	Identity   isf.Model `isf:"pell-release-full"`

	Name string `isf:"Pell"` // an answer to "are you somebody else?" has to give it
}

// An Assertion is something that holds for the identity or does not, and ways
// to ask about it.
type Assertion struct {
	About     string   `json:"about"`
	Holds     bool     `json:"holds"`
	Questions []string `json:"questions"`
}

// Build asks the questions of one assertion side by side.
func (p *IdentityAssertions) Build(b *isf.Build) isf.Rows[*isf.Sample] {
	return isf.Each(b, "ask", isf.Read[Assertion](b, p.Assertions), p.ask)
}

func (p *IdentityAssertions) ask(t *isf.Task, a Assertion) ([]*isf.Sample, error) {
	var asks []isf.Turns
	for _, q := range a.Questions {
		asks = append(asks, isf.Text(q))
	}
	// An answer that fails the check is asked for again, three times in all.
	check := func(r *isf.Response) error { return p.check(a, r.Answer()) }
	replies, err := t.AskAll(p.Identity, asks, isf.Validate(check, 3))
	if err != nil {
		return nil, err
	}
	var samples []*isf.Sample
	for i, r := range replies {
		s := isf.NewSample(isf.User(a.Questions[i]), isf.Assistant(r.Text()))
		s.Meta = map[string]any{"about": a.About, "holds": a.Holds}
		samples = append(samples, s)
	}
	return samples, nil
}

// check wants a "no" to be a no, and to say who it is instead.
func (p *IdentityAssertions) check(a Assertion, answer string) error {
	switch {
	case a.Holds:
		return nil
	case strings.HasPrefix(strings.ToLower(answer), "yes"):
		return fmt.Errorf("it says that it is %s", a.About)
	case !strings.Contains(answer, p.Name):
		return fmt.Errorf("it does not say that it is %s", p.Name)
	}
	return nil
}
