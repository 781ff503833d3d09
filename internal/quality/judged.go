package quality

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/identity-shaping/isf/internal/rubric"
)

// judgedName is the check that is made only where a judge was asked.
const judgedName = "judge"

// judged tells what a model thought of some rows, criterion by criterion. It is
// an opinion, so it never makes a set BAD.
type judged struct {
	limit float64
	said  *rubric.Judged // nil where no judge was asked
	hits  []hits         // by criterion
}

func newJudged(o *Options) check {
	c := &judged{limit: o.Limits.Judge, said: o.Judged}
	if c.said != nil {
		c.hits = make([]hits, len(c.said.Criteria))
	}
	return c
}

func (c *judged) look(s *sample) {
	if c.said == nil {
		return
	}
	for _, b := range c.said.Rows[s.Line] {
		for i, criterion := range c.said.Criteria {
			if criterion.Name == b.Criterion {
				c.hits[i].add(s, beginning(s.answer), cmp.Or(b.Why, "the judge does not say why"))
			}
		}
	}
}

func (c *judged) report() (string, []Finding) {
	if c.said == nil {
		return "", nil
	}
	of := len(c.said.Rows)
	var found []Finding
	var names []string
	for i, criterion := range c.said.Criteria {
		names = append(names, criterion.Name)
		if h := &c.hits[i]; h.n() > 0 {
			text := fmt.Sprintf("%s break “%s”, says %s", outOf(h.n(), of, "judged row"), criterion.Name, c.said.Model)
			found = append(found, h.finding(above(h.n(), of, c.limit, Note, Look), of, text, "read some: where the judge is right, change the prompt that made them; where it is wrong, say it more plainly in the rubric"))
		}
	}
	if 2*c.said.Open > of {
		found = append(found, Finding{
			Severity: Look, Count: c.said.Open, Of: c.said.Open + of, Text: outOf(c.said.Open, c.said.Open+of, "row") + " got no verdict: " + c.said.Model + " does not answer in the tags it is asked for",
			Fix: "take another model for --judge",
		})
	}
	return fmt.Sprintf("%s judged by %s: %s", count(of, "row"), c.said.Model, strings.Join(names, ", ")), found
}
