package quality

import (
	"fmt"
	"strings"

	"github.com/identity-shaping/isf/internal/samples"
)

// generic is how an assistant without an identity speaks of itself.
var generic = gate(`\bas an? (?:ai|artificial intelligence|large language|language) (?:language )?(?:model|assistant|chatbot|system)\b`+
	`|\bas an ai,? i\b|\bi(?:'m| am) (?:just|only|merely|simply) an? (?:ai|artificial intelligence|language model|large language model|computer program|chatbot|machine learning)\b`+
	`|\bi(?:'m| am) (?:here|happy) to (?:assist|help) you with (?:any|whatever)\b|\bhow (?:can|may) i (?:assist|help) you today\b|\bis there anything else (?:i can|you'd like me to) (?:help|assist)\b`+
	`|\bmy knowledge (?:cut-?off|was last updated)\b|\bi (?:don't|do not) have (?:personal|real|human) (?:opinions|feelings|emotions|experiences|beliefs|preferences)\b`,
	"as an ai", "as an art", "as a lan", "as a lar", "i'm just a", "i am just a", "only a", "merely a", "simply a", "assist you", "help you", "anything else", "my knowledge", "i don't have", "i do not have")

// voice finds answers in the voice of a generic assistant. The usual cause is a
// request that went out without the identity's prompt, so the finding shows
// what was really sent.
type voice struct {
	limit float64
	n     int
	hits  hits
	sent  []string // what made the examples
}

func newVoice(o *Options) check { return &voice{limit: o.Limits.Garbage} }

func (c *voice) look(s *sample) {
	for _, t := range s.turns {
		c.n++
		at := generic.find(t.said)
		if at == nil || strings.Contains(lower(t.user), t.said[at[0]:at[1]]) {
			continue
		}
		before := len(c.hits.examples)
		c.hits.add(s, around(t.answer, at[0], at[1]), "")
		if len(c.hits.examples) > before {
			c.sent = append(c.sent, sent(s.maker(t.raw)))
		}
	}
}

// sent says who was asked, and under what prompt.
func sent(step *samples.Step) string {
	switch {
	case step == nil:
		return ""
	case strings.TrimSpace(step.System()) == "":
		return fmt.Sprintf("asked %s without a system prompt", step.Model)
	}
	return fmt.Sprintf("asked %s with the system prompt “%s”", step.Model, beginning(step.System()))
}

func (c *voice) report() (string, []Finding) {
	if c.hits.n() == 0 {
		return none(c.n), nil
	}
	f := c.hits.finding(above(c.hits.n(), c.n, 2*c.limit, Look, Bad), c.n,
		outOf(c.hits.n(), c.n, "answer")+" speak as a generic assistant",
		"see below each example what was sent: without the identity's prompt, name the right model; with it, say there how it speaks of itself")
	for i := range f.Examples {
		if f.Examples[i].Why = c.sent[i]; c.sent[i] == "" {
			f.Fix = "the rows do not say how they were made; look whether they were asked with the identity's prompt, and whether it says how it speaks of itself"
		}
	}
	return "", []Finding{f}
}

// systemPrompt finds requests to the identity that had no system prompt: their
// answers are those of the model underneath.
type systemPrompt struct {
	prefix string
	n      int
	hits   hits
}

func newSystemPrompt(o *Options) check { return &systemPrompt{prefix: o.Prefix} }

func (c *systemPrompt) look(s *sample) {
	if c.prefix == "" || !s.Annotated() {
		return
	}
	for _, step := range s.Steps() {
		if !strings.HasPrefix(step.Model, c.prefix+"-") {
			continue
		}
		c.n++
		if strings.TrimSpace(step.System()) == "" {
			c.hits.add(s, beginning(step.Response), "asked "+step.Model+" without a system prompt")
		}
	}
}

func (c *systemPrompt) report() (string, []Finding) {
	switch {
	case c.n == 0:
		return "", nil
	case c.hits.n() == 0:
		return fmt.Sprintf("%s to the identity, all with a prompt", count(c.n, "request")), nil
	}
	return "", []Finding{c.hits.finding(Bad, c.n, outOf(c.hits.n(), c.n, "request")+" to the identity had no system prompt",
		"look at `isf registry show` for this model: its template may render to nothing, or a message of the pipeline may take the prompt's place")}
}
