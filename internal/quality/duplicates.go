package quality

import (
	"fmt"

	"github.com/identity-shaping/isf/internal/config"
	"github.com/identity-shaping/isf/internal/term"
)

// duplicates finds texts that repeat another one, word for word or nearly.
type duplicates struct {
	limits config.Checks
	noun   string
	fix    string
	text   func(s *sample) []string
	least  int // words of a text that is compared

	n       int
	first   map[uint64]int32 // text → row in kept, or -1 once kept is full
	exact   hits
	kept    []remembered
	signs   []signature
	signed  []int32 // signature → row in kept
	skipped int
}

// remembered is what an example of a row needs.
type remembered struct {
	id    string
	line  int
	quote string
}

// mostKept bounds the memory: 128 bytes of hashes and some 200 of text each.
const mostKept = 250_000

// Texts shorter than this have too few shingles for a near duplicate to be more
// than a turn of phrase.
const (
	leastAnswer = 5
	leastPrompt = 2
	leastNear   = 12
)

func newDuplicateAnswers(o *Options) check {
	return &duplicates{
		limits: o.Limits, noun: "answer", least: leastAnswer, first: map[uint64]int32{},
		text: func(s *sample) []string { return s.words },
		fix:  "keep one of each with isf.All in the pipeline, or ask at a higher temperature",
	}
}

func newDuplicatePrompts(o *Options) check {
	return &duplicates{
		limits: o.Limits, noun: "prompt", least: leastPrompt, first: map[uint64]int32{},
		text: func(s *sample) []string { return words(s.prompt) },
		fix:  "remove repeats from the prompts, or have more different ones written",
	}
}

func (c *duplicates) look(s *sample) {
	if c.noun == "prompt" && s.table() {
		return
	}
	w := c.text(s)
	if len(w) < c.least {
		return
	}
	c.n++
	h := hashWords(w)
	if at, ok := c.first[h]; ok {
		why := "the same as an earlier one"
		if at >= 0 {
			why = "the same as " + c.kept[at].name()
		}
		c.exact.add(s, beginning(c.shown(s)), why)
		return
	}
	c.first[h] = -1
	if len(c.kept) == mostKept {
		c.skipped++
		return
	}
	c.first[h] = int32(len(c.kept))
	c.kept = append(c.kept, remembered{s.ID, s.Line, beginning(c.shown(s))})
	if len(w) >= leastNear {
		c.signs = append(c.signs, sign(w))
		c.signed = append(c.signed, int32(len(c.kept)-1))
	}
}

func (c *duplicates) shown(s *sample) string {
	if c.noun == "prompt" {
		return s.prompt
	}
	return s.answer
}

func (r *remembered) name() string {
	if r.id == "" {
		return fmt.Sprintf("line %d", r.line)
	}
	return r.id
}

func (c *duplicates) report() (string, []Finding) {
	near := c.near()
	n := c.exact.n() + near.n()
	limit := ""
	if c.skipped > 0 {
		limit = fmt.Sprintf(" (near ones looked for in the first %s)", term.Count(mostKept))
	}
	if n == 0 {
		return none(c.n), nil
	}
	severity := above(n, c.n, c.limits.Duplicates, Note, Look)
	severity = above(n, c.n, 4*c.limits.Duplicates, severity, Bad)
	f := c.exact.finding(severity, c.n, fmt.Sprintf("%s repeat another: %s word for word, %s nearly%s", outOf(n, c.n, c.noun),
		term.Count(int64(c.exact.n())), term.Count(int64(near.n())), limit), c.fix)
	f.Count = n
	f.Lines = append(append([]int{}, c.exact.lines...), near.lines...)
	f.Examples = append(append([]Example{}, c.exact.examples...), near.examples...)
	if len(f.Examples) > mostExamples { // some of both
		exact := max(mostExamples-len(near.examples), min(2, len(c.exact.examples)))
		f.Examples = append(f.Examples[:exact:exact], near.examples[:mostExamples-exact]...)
	}
	return "", []Finding{f}
}

func (c *duplicates) near() *hits {
	h := &hits{}
	for _, p := range alike(c.signs, c.limits.NearDuplicate) {
		text, like := c.kept[c.signed[p.text]], c.kept[c.signed[p.like]]
		h.lines = append(h.lines, text.line)
		if len(h.examples) < mostExamples {
			h.examples = append(h.examples, Example{
				ID: text.id, Line: text.line, Quote: text.quote,
				Why: fmt.Sprintf("%.0f %% the same as %s", 100*p.similarity, like.name()),
			})
		}
	}
	return h
}
