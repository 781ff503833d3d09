package quality

import "regexp"

// refusal is how answers begin that decline.
var refusal = regexp.MustCompile(`(?i)\A(?:[^.!?\n]{0,40}[.,!] ?)?(?:(?:i'm |i am )?(?:very |so |really )?sorry,? (?:but )?)?` +
	`(?:but |however,? )?(?:i (?:can't|cannot|can not|won't|will not|am unable to|am not able to|must decline)|i'm (?:unable|not able|not going) to|i have to decline)` +
	` (?:to )?(?:help|assist|provide|create|write|generate|fulfil|fulfill|comply|engage|produce|continue|do that|do this|discuss|support|participate|answer|with)`)

// refused counts refusals. Some are right, so their share is what matters.
type refused struct {
	limit float64
	n     int
	hits  hits
}

func newRefused(o *Options) check { return &refused{limit: o.Limits.Refused} }

func (c *refused) look(s *sample) {
	for _, t := range s.turns {
		c.n++
		if refusal.MatchString(t.answer) {
			c.hits.add(s, beginning(t.answer), "")
		}
	}
}

func (c *refused) report() (string, []Finding) {
	if c.hits.n() == 0 {
		return none(c.n), nil
	}
	return "", []Finding{c.hits.finding(above(c.hits.n(), c.n, c.limit, Note, Look), c.n,
		outOf(c.hits.n(), c.n, "answer")+" refuse",
		"where a refusal is not what the identity would say, change its prompt, or leave out the request")}
}
