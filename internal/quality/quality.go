// Package quality looks for what a reader would mind in training data, in all
// of it.
//
// A check looks at each sample and says what it counted; where that is more
// than it should be, it makes a Finding, with examples, the likely fix and
// the command that shows the rest. The verdict follows from the findings: BAD,
// LOOK or OK.
//
// What always holds: rows are read once, in order, one at a time. Beside the row
// at hand a check keeps counts, a few examples, numbers of lines, and for what
// compares rows a few hundred bytes of each of the first quarter million. A check
// that cannot tell says so, and finds nothing: a false alarm costs more than a
// missed one, since people stop reading. Equal rows give an equal report.
package quality

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"unicode"

	"github.com/identity-shaping/isf/internal/config"
	"github.com/identity-shaping/isf/internal/rubric"
	"github.com/identity-shaping/isf/internal/samples"
	"github.com/identity-shaping/isf/internal/term"
)

// Version is that of the checks. A change that finds something else is another.
const Version = "1"

// A Severity says how much a finding matters.
type Severity string

const (
	Note Severity = "note" // worth knowing; changes no verdict
	Look Severity = "look" // somebody should look before training on this
	Bad  Severity = "bad"  // not to be trained on as it is
)

// A Verdict is what all findings amount to.
type Verdict string

const (
	VerdictOK   Verdict = "OK"
	VerdictLook Verdict = "LOOK"
	VerdictBad  Verdict = "BAD"
)

// Options say what is checked, and against what.
type Options struct {
	Name   string // of the target or file, as commands take it
	Limits config.Checks
	Prefix string // begins the names of the identity's models, "" if not known
	Whole  bool   // these rows are all that a model will be trained on

	// Identity is how many samples are on the identity itself, where that is
	// known; nil where it has to be guessed from the prompts.
	Identity *int
	// Reviewed tells what somebody thought of a row; nil where nobody was asked.
	Reviewed func(*samples.Row) (good, ok bool)
	// Judged is what a model said about some rows; nil where none was asked.
	Judged *rubric.Judged
	// JudgedBy are the flags of the command that asked it.
	JudgedBy []string
}

// A Report is what the checks say about one target.
type Report struct {
	Target    string    `json:"target"`
	Verdict   Verdict   `json:"verdict"`
	Samples   int       `json:"samples"`
	Findings  []Finding `json:"findings"` // the worst first
	Counted   []Counted `json:"counted"`  // what checks that found nothing have to tell
	Clean     []string  `json:"clean"`    // the checks that found nothing, and that is all there is to tell
	Checklist []Item    `json:"checklist,omitempty"`
	Phrases   []Phrase  `json:"-"` // those that most answers hold, also where that is no finding

	reviewed, disliked int
}

// clean is what a check reports that looked and found nothing.
const clean = "clean"

// A Counted is what a check counted.
type Counted struct {
	Check string `json:"check"`
	Text  string `json:"text"`
}

// A Finding is what a reader would mind.
type Finding struct {
	Check    string    `json:"check"`
	Severity Severity  `json:"severity"`
	Text     string    `json:"text"`
	Count    int       `json:"count"`
	Of       int       `json:"of"`
	Details  []string  `json:"details,omitempty"`
	Examples []Example `json:"examples,omitempty"`
	Fix      string    `json:"fix"`
	More     string    `json:"more,omitempty"` // the command that shows all of them
	Lines    []int     `json:"-"`              // of the rows it is about, in no order

	match func(*sample) bool // in the place of Lines
}

// An Example is one row that a finding is about.
type Example struct {
	ID    string `json:"id"`
	Line  int    `json:"line"`
	Quote string `json:"quote,omitempty"` // text of a model or a user
	Why   string `json:"why,omitempty"`   // ours
}

// mostExamples are shown of a finding.
const mostExamples = 3

// A check looks at every sample, and says in the end what it counted.
type check interface {
	look(s *sample)
	// report returns what was counted in a few words, and findings, if any. It
	// returns clean if there is nothing to tell, and "" if there was nothing to
	// look at.
	report() (counted string, found []Finding)
}

// A maker makes a check for one run. Its name is what users turn it off by.
type maker struct {
	name string
	make func(o *Options) check
}

// makers are all checks, in the order of the report.
var makers = []maker{
	{"volume", newVolume},
	{"roles", newRoles},
	{"empty", newEmpty},
	{"error-text", newErrorText},
	{"truncated", newTruncated},
	{"repeated", newRepeated},
	{"refused", newRefused},
	{"thinking", newThinking},
	{"duplicate-answers", newDuplicateAnswers},
	{"duplicate-prompts", newDuplicatePrompts},
	{"openings", newOpenings},
	{"phrases", newPhrases},
	{"diversity", newDiversity},
	{"length", newLength},
	{"too-long", newTooLong},
	{"voice", newVoice},
	{"system-prompt", newSystemPrompt},
	{"leak", newLeak},
	{"name", newName},
	{"assertions", newAssertions},
	{"context", newContext},
	{"facts", newFacts},
	{"language", newLanguage},
	{judgedName, newJudged},
}

// Names are the names of all checks, in the order of the report.
func Names() []string {
	names := []string{unreadable}
	for _, m := range makers {
		names = append(names, m.name)
	}
	return names
}

// Run makes the checks on rows.
func Run(lines iter.Seq2[samples.Line, error], o Options) (*Report, error) {
	r := &Report{Target: o.Name, Findings: []Finding{}, Counted: []Counted{}, Clean: []string{}}
	broken := newUnreadable()
	running := o.running()
	for l, err := range lines {
		if err != nil {
			return nil, err
		}
		r.Samples++
		row, err := samples.Decode(l)
		if !broken.look(l, row, err) {
			continue
		}
		r.review(row, &o)
		s := newSample(row)
		for _, c := range running {
			c.look(s)
		}
	}
	r.add(unreadable, broken)
	for i, m := range o.makers() {
		r.add(m.name, running[i])
		if p, ok := running[i].(*phrases); ok {
			r.Phrases = p.most()
		}
	}
	r.finish(&o)
	return r, nil
}

// review counts a row that somebody has judged.
func (r *Report) review(row *samples.Row, o *Options) {
	if o.Reviewed == nil {
		return
	}
	good, ok := o.Reviewed(row)
	if ok {
		r.reviewed++
	}
	if ok && !good {
		r.disliked++
	}
}

// makers are the checks that are not turned off.
func (o *Options) makers() []maker {
	return slices.DeleteFunc(slices.Clone(makers), func(m maker) bool { return slices.Contains(o.Limits.Off, m.name) })
}

func (o *Options) running() []check {
	var all []check
	for _, m := range o.makers() {
		all = append(all, m.make(o))
	}
	return all
}

func (r *Report) add(name string, c interface{ report() (string, []Finding) }) {
	counted, found := c.report()
	for _, f := range found {
		f.Check = name
		r.Findings = append(r.Findings, f)
	}
	switch {
	case len(found) > 0 || counted == "":
	case counted == clean:
		r.Clean = append(r.Clean, name)
	default:
		r.Counted = append(r.Counted, Counted{name, counted})
	}
}

// finish sorts the findings, says how to see the rest of each, and judges.
func (r *Report) finish(o *Options) {
	rank := map[Severity]int{Bad: 0, Look: 1, Note: 2}
	slices.SortStableFunc(r.Findings, func(a, b Finding) int { return rank[a.Severity] - rank[b.Severity] })
	r.Verdict = VerdictOK
	for i := range r.Findings {
		f := &r.Findings[i]
		if (len(f.Lines) > 0 || f.match != nil) && f.Check != unreadable {
			f.More = fmt.Sprintf("isf sample %s --finding %s", shellWord(o.Name), f.Check)
			if f.Check == judgedName {
				for _, word := range o.JudgedBy {
					f.More += " " + shellWord(word)
				}
			}
		}
		switch {
		case f.Severity == Bad:
			r.Verdict = VerdictBad
		case f.Severity == Look && r.Verdict == VerdictOK:
			r.Verdict = VerdictLook
		}
	}
	if o.Whole {
		r.Checklist = checklist(r, o)
	}
}

// Filter accepts the rows that a check found. It is false if the check found
// none, or nothing that is in single rows.
func (r *Report) Filter(check string) (samples.Filter, bool) {
	lines := map[int]bool{}
	var matches []func(*sample) bool
	for _, f := range r.Findings {
		if f.Check != check {
			continue
		}
		for _, n := range f.Lines {
			lines[n] = true
		}
		if f.match != nil {
			matches = append(matches, f.match)
		}
	}
	if len(matches) == 0 {
		return samples.ByLine(lines), len(lines) > 0
	}
	return func(l samples.Line) (bool, error) {
		row, err := samples.Decode(l)
		if err != nil {
			return false, nil // told by the check for unreadable lines
		}
		s := newSample(row)
		return lines[l.Number] || slices.ContainsFunc(matches, func(match func(*sample) bool) bool { return match(s) }), nil
	}, true
}

// A hits counts the rows that something was found in.
type hits struct {
	lines    []int
	examples []Example
}

// add counts a row once, however often something is found in it.
func (h *hits) add(s *sample, quote, why string) {
	if n := len(h.lines); n > 0 && h.lines[n-1] == s.Line {
		return
	}
	h.lines = append(h.lines, s.Line)
	if len(h.examples) < mostExamples {
		h.examples = append(h.examples, s.example(quote, why))
	}
}

func (h *hits) n() int { return len(h.lines) }

// finding is a finding about the rows that were counted.
func (h *hits) finding(severity Severity, of int, text, fix string) Finding {
	return Finding{Severity: severity, Text: text, Count: h.n(), Of: of, Examples: h.examples, Lines: h.lines, Fix: fix}
}

// above is worse where n of all is more than the share, and mild otherwise.
func above(n, of int, share float64, mild, worse Severity) Severity {
	if of > 0 && float64(n) > share*float64(of) {
		return worse
	}
	return mild
}

// shellWord is text as one word of a command.
func shellWord(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("/._-+:@%", r)
	}) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

func count(n int, noun string) string { return term.Plural(int64(n), noun) }

// outOf says how many of how many, with the percentage.
func outOf(n, of int, noun string) string {
	if of == 0 {
		return "0 of 0 " + noun + "s"
	}
	percent := fmt.Sprintf("%.0f %%", 100*float64(n)/float64(of))
	if share := float64(n) / float64(of); n > 0 && share < 0.01 {
		percent = fmt.Sprintf("%.2g %%", 100*share)
	}
	return fmt.Sprintf("%s of %s (%s)", term.Count(int64(n)), count(of, noun), percent)
}

// none is what a check reports that found nothing in so many.
func none(of int) string {
	if of == 0 {
		return ""
	}
	return clean
}
