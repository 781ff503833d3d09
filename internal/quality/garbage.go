package quality

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/identity-shaping/isf/internal/config"
)

// A garbage check finds answers that are no answers. A few are worth a look,
// and a share of them spoils the data.
type garbage struct {
	limit float64
	n     int
	hits  hits
	what  string // "are empty"
	fix   string
	find  func(s *sample, t turn) (quote string, found bool)
}

func (c *garbage) look(s *sample) {
	for _, t := range s.turns {
		c.n++
		if quote, found := c.find(s, t); found {
			c.hits.add(s, quote, "")
		}
	}
}

func (c *garbage) report() (string, []Finding) {
	if c.hits.n() == 0 {
		return none(c.n), nil
	}
	return "", []Finding{c.hits.finding(above(c.hits.n(), c.n, c.limit, Look, Bad), c.n, outOf(c.hits.n(), c.n, "answer")+" "+c.what, c.fix)}
}

func newGarbage(l config.Checks, what, fix string, find func(*sample, turn) (string, bool)) check {
	return &garbage{limit: l.Garbage, what: what, fix: fix, find: find}
}

func newEmpty(o *Options) check {
	return newGarbage(o.Limits, "are empty", "raise max_tokens if thinking used it up, and let the pipeline fail such records with isf.Validate",
		func(_ *sample, t turn) (string, bool) {
			return beginning(t.raw), strings.IndexFunc(t.answer, says) < 0
		})
}

// says reports whether a character says something: letters, digits, and signs
// such as emoji, which may be a whole answer.
func says(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsSymbol(r)
}

// errorText is how errors of providers, proxies and programs begin.
var errorText = regexp.MustCompile(`(?i)\A\W{0,3}(?:` + strings.Join([]string{
	`(?:internal server|bad gateway|service unavailable|gateway time-?out|too many requests|unauthorized|rate limit(?: exceeded| reached)?)\b`,
	`(?:http|status|error)(?: code)?:? [45]\d\d\b`, `[45]\d\d (?:bad|internal|unauthorized|forbidden|not found|too many|service|gateway)\b`,
	`(?:api|http|request|server|connection|timeout|network|runtime|value|key|type|openai\.?\w*) ?error\b ?[:(]`, `error:`,
	`error"? ?: ?[{"]`, `traceback \(most recent call last\)`, `<!doctype html|<html\b`, `\[object object\]`,
	`(?:an )?error occurred\b`, `(?:request|connection) (?:timed out|failed|refused)\b`,
	`(?:none|null|undefined|nan|n/a|todo|lorem ipsum)\W{0,3}\z`,
}, "|") + `)`)

// An answer longer than this is text that begins like an error.
const longestError = 600

func newErrorText(o *Options) check {
	return newGarbage(o.Limits, "are error messages", "find which step returned them with `isf show`, and let the pipeline fail such records",
		func(_ *sample, t turn) (string, bool) {
			m := errorText.FindString(t.answer)
			return beginning(t.answer), m != "" && len(t.answer) <= longestError && !strings.Contains(lower(t.user), lower(strings.Trim(m, " {\"[")))
		})
}

// dangling ends a text that goes on: an article, a conjunction or a comma.
var dangling = regexp.MustCompile(`(?:\b(?:the|a|an|and|or|but|because|which|whose|my|your|their|our|its|into|than|if|whether)|,)\z`)

// emptyItem is the mark of a list without its item.
var emptyItem = regexp.MustCompile(`\n\s*(?:\d{1,2}[.)]|[-*+])\z`)

// shortestTruncated: a shorter answer that breaks off was meant to.
const shortestTruncated = 80

func newTruncated(o *Options) check {
	return newGarbage(o.Limits, "are cut off", "raise max_tokens of the model, or leave isf.AcceptTruncated out so that such records fail",
		func(s *sample, t turn) (string, bool) { return ending(t.raw), truncated(s, t) })
}

func truncated(s *sample, t turn) bool {
	if step := s.finish(t); step == "length" || step == "max_tokens" {
		return true
	}
	text := strings.TrimRight(t.answer, " \t\n")
	if len(text) < shortestTruncated {
		return false
	}
	tail := text[len(text)-40:]
	last := text[strings.LastIndexByte(text, '\n')+1:]
	return openFence(text) || emptyItem.MatchString(tail) ||
		strings.Count(last, " ") >= 5 && dangling.MatchString(tail) && !strings.Contains(text, "```")
}

// finish is why the model stopped, where the row says so.
func (s *sample) finish(t turn) string {
	if !strings.Contains(string(s.Text), `"finish_reason"`) {
		return ""
	}
	for _, step := range s.Steps() {
		if step.Response == t.raw {
			return step.Finish
		}
	}
	return ""
}

// openFence reports whether a code block is opened and not closed.
func openFence(text string) bool {
	if !strings.Contains(text, "```") {
		return false
	}
	open := ""
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimLeft(line, " \t>")
		mark := line[:len(line)-len(strings.TrimLeft(line, "`"))]
		switch {
		case len(mark) < 3:
		case open == "" && !strings.Contains(line[len(mark):], "`"):
			open = mark
		case len(mark) >= len(open) && strings.TrimSpace(line[len(mark):]) == "":
			open = ""
		}
	}
	return open != ""
}
