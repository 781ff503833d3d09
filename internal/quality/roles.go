package quality

import "fmt"

// roles finds conversations whose turns are not in the order that training
// expects: a system message if any, then user and assistant in turn, the
// assistant last.
type roles struct {
	limit float64
	n     int
	hits  hits
}

func newRoles(o *Options) check { return &roles{limit: o.Limits.Garbage} }

func (c *roles) look(s *sample) {
	if s.table() {
		return
	}
	c.n++
	if why := disorder(s); why != "" {
		c.hits.add(s, "", why)
	}
}

func disorder(s *sample) string {
	last := ""
	for i, m := range s.Messages {
		switch m.Role {
		case "system", "developer":
			if i > 0 {
				return fmt.Sprintf("message %d is a system message; only the first may be one", i+1)
			}
			continue
		case "user", "tool":
		case "assistant":
			if last == "" {
				return "the assistant speaks first"
			}
		default:
			return fmt.Sprintf("message %d has the role %q", i+1, m.Role)
		}
		if m.Role == last && last != "tool" {
			return fmt.Sprintf("messages %d and %d are both the %s's", i, i+1, last)
		}
		last = m.Role
	}
	if last != "assistant" {
		return "the last message is not the assistant's, so there is nothing to learn"
	}
	return ""
}

func (c *roles) report() (string, []Finding) {
	if c.hits.n() == 0 {
		return none(c.n), nil
	}
	return "", []Finding{c.hits.finding(above(c.hits.n(), c.n, c.limit, Look, Bad), c.n,
		outOf(c.hits.n(), c.n, "sample")+" have turns out of order",
		"let the pipeline append user and assistant in turn, and end with the assistant")}
}
