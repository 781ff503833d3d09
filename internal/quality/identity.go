package quality

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/identity-shaping/isf/internal/term"
)

// Questions that are about whom one talks to. Only short messages count: a
// story in which somebody asks who are you asks something else.
var (
	asksName = regexp.MustCompile(`\b(?:who (?:are|r) (?:you|u)\b|who am i (?:talking|speaking|chatting) (?:to|with)|what(?:'s| is|s) your name|what are you called|what should i call you|do you have a name|tell me your name|introduce yourself|your name\?)`)
	asksSelf = regexp.MustCompile(`\b(?:are you (?:really |actually |just |even |still )?(?:an? )?(?:ai|a\.i\.|bot|chatbot|robot|human|person|real|alive|conscious|sentient|machine|program|computer|language model|llm|model|assistant)\b` +
		`|what are you\b(?: exactly| really)?\W*$|what (?:kind|sort|type) of (?:ai|model|assistant|thing|being) are you|(?:what|which) (?:ai|model|llm|assistant|version)\b.{0,20} (?:are you|is this|am i)` +
		`|who (?:made|created|built|trained|developed|designed|wrote|programmed) you|where (?:do|did) you come from|tell me about yourself|describe yourself|about your (?:creator|maker|origin|identity|training)` +
		`|(?:is this|are you|am i talking to|aren't you|isn't this) (?:called |named )?(?:` + otherModel.pattern() + `)\b)`)
)

const longestIdentityQuestion = 40 // words

func short(prompt string) bool { return strings.Count(prompt, " ") < longestIdentityQuestion }

// aboutIdentity guesses whether a sample is about the identity itself: it asks who
// or what that is, or names it.
func aboutIdentity(s *sample, names []string) bool {
	is := called(names)
	for _, t := range s.turns {
		if asksAboutIdentity(t, is) {
			return true
		}
	}
	return false
}

func asksAboutIdentity(t turn, is *named) bool {
	low := lower(t.user)
	return short(low) && (asksName.MatchString(low) || asksSelf.MatchString(low) || is != nil && is.in(low))
}

// name finds answers to "who are you?" that do not say the name.
type name struct {
	is    *named
	names []string
	limit float64
	n     int
	hits  hits
}

func newName(o *Options) check {
	return &name{is: called(o.Limits.Names), names: o.Limits.Names, limit: o.Limits.Name}
}

func (c *name) look(s *sample) {
	for _, t := range s.turns {
		low := lower(t.user)
		if !short(low) || !asksName.MatchString(low) {
			continue
		}
		c.n++
		if c.is != nil && !c.is.in(lower(t.answer)) {
			c.hits.add(s, beginning(t.answer), "asked: "+beginning(t.user))
		}
	}
}

func (c *name) report() (string, []Finding) {
	switch {
	case c.n == 0:
		return "", nil
	case c.is == nil:
		return fmt.Sprintf("%s who it is; set checks.names to see whether the answers say so", count(c.n, "message")+" ask"), nil
	case c.hits.n() == 0:
		return fmt.Sprintf("asked %s who it is, it always says %s", times(c.n), c.names[0]), nil
	}
	severity := above(c.hits.n(), c.n, c.limit, Note, Look)
	return "", []Finding{c.hits.finding(above(c.hits.n(), c.n, 0.5, severity, Bad), c.n,
		fmt.Sprintf("%s to “who are you?” do not say %s", outOf(c.hits.n(), c.n, "answer"), strings.Join(c.names, " or ")),
		"give the name in the identity's prompt, and let the pipeline ask again with isf.Validate where it is missing")}
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return term.Count(int64(n)) + " times"
}

// assertions counts what the identity says it is and is not. A model that only
// ever affirms learns to say yes to everything.
type assertions struct {
	is       *named
	name     string
	n        int
	pos, neg hits
}

func newAssertions(o *Options) check {
	c := &assertions{is: called(o.Limits.Names)}
	if c.is != nil {
		c.name = o.Limits.Names[0]
	}
	return c
}

var (
	denies  = regexp.MustCompile(`(?:^|[.!?\n] ?)\W*(?:no|nope|not quite|not really)\b\W|\b(?:i'm|i am|i was|that's|that is|it's|it is) (?:really |actually |certainly |definitely )?(?:not|never)\b|\bi (?:wasn't|don't|do not|have no|haven't)\b|\b(?:isn't|ain't|aren't)\b`)
	affirms = regexp.MustCompile(`(?:^)\W*(?:yes|yep|yeah|correct|that's right|right|indeed|i am|it is|so they say)\b`)
	selfIs  = regexp.MustCompile(`\b(?:i'm|i am|my name is|my name's|call me|this is)\W*(?:(?:called|named|the|just|still|indeed|only)\W+)*$`)
)

func (c *assertions) look(s *sample) {
	for _, t := range s.turns {
		if !asksAboutIdentity(t, c.is) {
			continue
		}
		c.n++
		low := t.said
		switch {
		case denies.MatchString(firstOf(low)):
			c.neg.add(s, beginning(t.answer), "")
		case affirms.MatchString(low) || c.saysName(low):
			c.pos.add(s, beginning(t.answer), "")
		}
	}
}

// firstOf is the beginning of an answer, where it says yes or no.
func firstOf(answer string) string { return answer[:min(len(answer), 160)] }

func (c *assertions) saysName(low string) bool {
	if c.is == nil {
		return false
	}
	for _, at := range c.is.findAll(low) {
		if selfIs.MatchString(low[max(0, at[0]-40):at[0]]) {
			return true
		}
	}
	return false
}

// mostRatio is how many times more there may be of one kind than of the other.
const mostRatio = 5

func (c *assertions) report() (string, []Finding) {
	if c.n == 0 {
		return "", nil
	}
	p, n := c.pos.n(), c.neg.n()
	counted := fmt.Sprintf("of %s about the identity, %s say what it is and %s what it is not", count(c.n, "answer"), term.Count(int64(p)), term.Count(int64(n)))
	if p+n < fewest || p <= mostRatio*n && n <= mostRatio*p {
		return counted, nil
	}
	h, fix := &c.pos, "add questions to which the right answer is no: “Are you ChatGPT?”, “Are you human?”"
	if n > p {
		h, fix = &c.neg, "add questions to which the right answer is yes, and open ones: “Are you "+c.or("it")+"?”, “Who are you?”"
	}
	return "", []Finding{h.finding(Look, c.n, counted+fmt.Sprintf("; one kind is over %d times as frequent", mostRatio), fix)}
}

func (c *assertions) or(otherwise string) string {
	if c.name == "" {
		return otherwise
	}
	return c.name
}
