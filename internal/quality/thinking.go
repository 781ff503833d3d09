package quality

import (
	"fmt"
	"slices"
	"strings"

	"github.com/identity-shaping/isf/internal/term"
	"github.com/identity-shaping/isf/internal/think"
)

// thinking checks the tags of every answer, and that answers think or do not as
// they should: all or none, unless isf.yaml says that it does not matter.
type thinking struct {
	want          string
	limit         float64
	n, with       int
	broken        hits
	kinds         map[string]int
	missing, have hits
}

func newThinking(o *Options) check {
	return &thinking{want: o.Limits.Thinking, limit: o.Limits.Garbage, kinds: map[string]int{}}
}

func (c *thinking) look(s *sample) {
	for _, t := range s.turns {
		c.n++
		fault := think.Strict(t.raw)
		switch {
		case fault == "":
			c.with++
			c.have.add(s, beginning(t.thinking), "")
		case think.Lenient(t.raw) == "" && fault == "missing_think_tag" && !strings.Contains(t.raw, "<think>"):
			c.missing.add(s, beginning(t.answer), "")
		case fault == "empty_response": // told by the check for empty answers
			c.with++
		default:
			c.kinds[fault]++
			c.broken.add(s, beginning(t.raw), fault)
		}
	}
}

func (c *thinking) report() (string, []Finding) {
	var found []Finding
	if c.broken.n() > 0 {
		f := c.broken.finding(above(c.broken.n(), c.n, c.limit, Look, Bad), c.n,
			outOf(c.broken.n(), c.n, "answer")+" have thinking that is not one <think>…</think> in front of an answer",
			"let the pipeline reject such answers with isf.Validate, so that they are asked again")
		for kind, n := range c.kinds {
			f.Details = append(f.Details, fmt.Sprintf("%s %s", term.Count(int64(n)), kind))
		}
		slices.Sort(f.Details)
		found = append(found, f)
	}
	if f, ok := c.mixed(); ok {
		found = append(found, f)
	}
	switch {
	case c.n == 0:
		return "", found
	case c.with == 0:
		return none(c.n), found
	}
	return outOf(c.with, c.n, "answer") + " think first", found
}

// mixed finds answers that are unlike most, or unlike what was asked for.
func (c *thinking) mixed() (Finding, bool) {
	without := c.missing.n()
	switch {
	case c.want == "require" && without > 0:
		return c.missing.finding(Bad, c.n, outOf(without, c.n, "answer")+" have no thinking, and it is required",
			"a recipe drops these; ask a model that thinks, or set checks.thinking: allow"), true
	case c.want == "strip" && c.with > 0:
		return c.have.finding(Look, c.n, outOf(c.have.n(), c.n, "answer")+" have thinking, and it is not wanted",
			"use the response's Answer() in the pipeline, or thinking: strip in the recipe"), true
	case c.want != "" || c.with == 0 || without == 0:
		return Finding{}, false
	case without <= c.with:
		return c.missing.finding(Look, c.n, outOf(without, c.n, "answer")+" have no thinking, unlike the others",
			"a mixture teaches to think by chance; ask again, or set checks.thinking: allow if it is meant"), true
	}
	return c.have.finding(Look, c.n, outOf(c.have.n(), c.n, "answer")+" have thinking, unlike the others",
		"a mixture teaches to think by chance; leave the thinking out, or set checks.thinking: allow if it is meant"), true
}
