package quality

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// openings finds words that too many answers begin with. Models take up an
// opening faster than anything else.
type openings struct {
	limit float64
	heads *frequent
}

// Two words are an opening if they are much more frequent than others: many
// sentences begin with "it is". Five words tell as much as more of them.
const (
	shortestOpening = 2
	longestOpening  = 5
)

// fewest is how many samples a share is taken of at least: of less, chance
// makes any share.
const fewest = 20

func newOpenings(o *Options) check { return &openings{o.Limits.Opening, newFrequent()} }

func (c *openings) look(s *sample) {
	first := s.opening()
	if len(first) <= shortestOpening {
		return
	}
	for n := shortestOpening; n <= len(first); n++ {
		c.heads.add(strings.Join(first[:n], " "), func() Example { return s.example(beginning(s.turns[0].answer), "") })
	}
	c.heads.next()
}

// opening is the first few words of the first answer.
func (s *sample) opening() []string {
	if len(s.turns) == 0 {
		return nil
	}
	text := s.turns[0].answer
	first := words(text[:min(len(text), 200)])
	return first[:min(len(first), longestOpening)]
}

func (c *openings) report() (string, []Finding) {
	found := c.common()
	if len(found) == 0 {
		return c.most(), nil
	}
	n := c.heads.samples
	said := func(p Phrase) string { return fmt.Sprintf("%s begin with “%s”", outOf(p.N, n, "answer"), p.Text) }
	f := Finding{
		Severity: above(found[0].N, n, 0.5, Look, Bad), Count: found[0].N, Of: n, Text: said(found[0]),
		Examples: c.heads.texts[found[0].Text].examples,
		Fix:      "say in the identity's prompt how it does not begin, or reroll some of these",
		match: func(s *sample) bool {
			first := strings.Join(s.opening(), " ") + " "
			return slices.ContainsFunc(found, func(p Phrase) bool { return strings.HasPrefix(first, p.Text+" ") })
		},
	}
	for _, p := range found[1:] {
		f.Details = append(f.Details, said(p))
	}
	return "", []Finding{f}
}

// common returns the openings above the limit, the most frequent first, each as
// long as it can be without becoming rarer.
func (c *openings) common() []Phrase {
	var out []Phrase
	if c.heads.samples < fewest {
		return nil
	}
	for n := longestOpening; n >= shortestOpening; n-- {
		limit := c.limit
		if n == shortestOpening {
			limit *= 1.5
		}
		for text, t := range c.heads.texts {
			longer := func(p Phrase) bool {
				return strings.HasPrefix(p.Text, text+" ") && float64(p.N) >= 0.8*float64(t.n)
			}
			if strings.Count(text, " ") == n-1 && c.heads.above(t, limit) && !slices.ContainsFunc(out, longer) {
				out = append(out, Phrase{text, t.n})
			}
		}
	}
	slices.SortFunc(out, byCount)
	return out
}

// most says what answers begin with most often.
func (c *openings) most() string {
	var all []Phrase
	for text, t := range c.heads.texts {
		if t.n >= fewestAlike && strings.Count(text, " ") >= 2 {
			all = append(all, Phrase{text, t.n})
		}
	}
	if len(all) == 0 {
		return none(c.heads.samples)
	}
	best := slices.MinFunc(all, func(a, b Phrase) int { return cmp.Or(byCount(a, b), len(b.Text)-len(a.Text)) })
	return fmt.Sprintf("the most frequent beginning is “%s”, %s", best.Text, outOf(best.N, c.heads.samples, "answer"))
}
