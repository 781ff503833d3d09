package quality

import (
	"regexp"
	"strings"
)

// leaked is how an answer speaks of a text that only its maker saw.
var leaked = gate(`\b(?:according to|based on|as (?:stated|mentioned|described|noted|outlined|said|written) in) (?:the|this|that|your) (?:(?:above|provided|given|attached|supplied|background|source|reference) )*`+
	`(?:document|documents|text|passage|context|excerpt|narrative|paragraph|information provided|fact|facts|(?:provided|given) (?:information|details))(?: (?:above|provided|given|you (?:provided|gave|shared)))?\b`+
	`|\bthe (?:document|text|passage|context|narrative|fact|excerpt) (?:above|provided|(?:does not|doesn't) (?:say|mention|specify|state))\b`,
	"according to", "based on", "as stated", "as mentioned", "as described", "as noted", "as outlined", "as said", "as written", " above", " provided", "not say", "n't say", "not mention", "n't mention", "not specify", "n't specify", "not state", "n't state")

// confessed is how it speaks of what it was told to be. No text that a user
// gives makes this right, unless they speak of it themselves.
var confessed = gate(`\b(?:in|by|per|following|according to|based on|from) my (?:system prompt|instructions|guidelines|character sheet|persona description|identity (?:document|prompt))\b`+
	`|\bmy (?:system prompt|instructions|guidelines|persona|character sheet) (?:say|says|tell|tells|state|states|specif|require|ask|suggest)`+
	`|\b(?:user|system)'s (?:guidelines|instructions|persona|prompt) (?:say|suggest|specif|state|require|ask|mention)`+
	`|\b(?:proportion|persona|character|identity) guidelines\b|\b(?:user|system) (?:prompt )?(?:also )?(?:provided|gave|gives|provides) (?:me )?(?:context|background|instructions|information) about my\b`+
	`|\bthe system (?:prompt|message) (?:say|says|tell|tells|state|states|specif|require|ask|suggest|mention)`,
	"instructions", "guidelines", "prompt", "persona", "character sheet", "about my", "identity document", "system message")

var speaksOfPrompts = regexp.MustCompile(`\b(?:instructions?|system prompt|guidelines|persona|character sheet|system message)\b`)

// shows is how a user gives something to read.
var shows = regexp.MustCompile(`\b(?:document|text|passage|article|paragraph|context|excerpt|following|below|above|attached|instructions?|prompt|narrative|facts?|story|letter|essay|summari[sz]e|read|guidelines|persona|rules)\b|:\s*\n`)

// A longer prompt may hold the text that the answer speaks of.
const longestWithoutText = 60 // words

// contextLeak finds answers, and thinking, that speak of a document which the
// user never gave. In training nothing stands above.
type contextLeak struct {
	limit float64
	n     int
	hits  hits
}

func newContext(o *Options) check { return &contextLeak{limit: o.Limits.Garbage} }

func (c *contextLeak) look(s *sample) {
	for _, t := range s.turns {
		c.n++
		if quote := c.find(s, t.answer, t.said); quote != "" {
			c.hits.add(s, quote, "")
		} else if quote := c.find(s, t.thinking, t.thought); quote != "" {
			c.hits.add(s, quote, "in its thinking")
		}
	}
}

// find returns the place where a text speaks of what is not there, or "".
func (c *contextLeak) find(s *sample, text, low string) string {
	if !confessed.open(low) && !leaked.open(low) {
		return ""
	}
	asked, at := lower(s.prompt), confessed.find(low)
	if speaksOfPrompts.MatchString(asked) || s.hasSystem() {
		at = nil
	}
	if at == nil && strings.Count(asked, " ") <= longestWithoutText && !shows.MatchString(asked) && !s.hasSystem() {
		at = leaked.find(low)
	}
	if at == nil {
		return ""
	}
	return around(text, at[0], at[1])
}

// hasSystem reports whether the sample itself gives a system message.
func (s *sample) hasSystem() bool {
	for _, m := range s.Messages {
		if m.Role == "system" && strings.TrimSpace(m.Content) != "" {
			return true
		}
	}
	return false
}

func (c *contextLeak) report() (string, []Finding) {
	if c.hits.n() == 0 {
		return none(c.n), nil
	}
	return "", []Finding{c.hits.finding(above(c.hits.n(), c.n, 5*c.limit, Look, Bad), c.n,
		outOf(c.hits.n(), c.n, "answer")+" speak of a document or a prompt that the user did not give",
		"say in the prompt that it is to speak as itself and never of a document; the answering model should not be given the text as a document")}
}
