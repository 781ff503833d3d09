package quality

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// phrases finds runs of words that too many answers hold, or too many thoughts:
// a plan that is in nearly every thought is a habit too.
type phrases struct {
	limit             float64
	answers, thoughts *frequent
}

// Runs of two and three words are counted. Longer ones are chains of these.
const (
	shortestRun = 2
	longestRun  = 3
	mostPhrases = 6
)

// Thinking repeats its turns by nature, so more of it has to be the same.
const thoughtsLimit = 3 // times that of answers

func newPhrases(o *Options) check {
	return &phrases{o.Limits.Phrase, newFrequent(), newFrequent()}
}

func (c *phrases) look(s *sample) {
	if s.table() {
		return
	}
	count := func(to *frequent, text string, words []string) {
		if len(words) < longestRun {
			return
		}
		for run := range runs(words) {
			to.add(run, func() Example { return s.example(where(text, run), "") })
		}
		to.next()
	}
	count(c.answers, s.answer, s.words)
	count(c.thoughts, s.thinking, words(s.thinking))
}

// runs are the telling runs of a text, each once.
func runs(words []string) map[string]bool {
	out := map[string]bool{}
	for n := shortestRun; n <= longestRun; n++ {
		for i := range len(words) - n + 1 {
			if w := words[i : i+n]; telling(w) {
				out[strings.Join(w, " ")] = true
			}
		}
	}
	return out
}

// where shows the place of a run in its text.
func where(text, run string) string {
	if at := strings.Index(lower(text), run); at >= 0 {
		return around(text, at, at+len(run))
	}
	return beginning(text)
}

// telling reports whether a run has two words that mean something: "one of
// the" is in every text.
func telling(words []string) bool {
	n := 0
	for _, w := range words {
		if len(w) > 1 && !plain[w] {
			n++
		}
	}
	return n >= 2
}

// plain are words that any English text is full of, and that thinking about a
// request is.
var plain = wordSet(`a about after all also am an and any are as at back be because been before being but by
	can can't could did do does doesn't don't down each either else even every first for from get go going good had has have he
	her here hers him his how i i'd i'll i'm i've if in into is isn't it it's its just know let let's like made make makes many
	may me might more most much must my need never new no not now of off on once one only or other our out over own right
	same see she should so some something still such take than that that's the their them then there there's these they
	they're thing things this those through time to too two under up us use used using very want wants was way we we're well
	were what when where whether which while who why will with without won't work would you you'd you'll you're you've your
	start end part help day people both different look between example point
	okay user user's users asking asked ask request response answer provide wants keep since`)

// A Phrase is a text with the number of samples it is in.
type Phrase struct {
	Text string
	N    int
}

func byCount(a, b Phrase) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Text, b.Text)) }

// most are the phrases that most answers hold.
func (c *phrases) most() []Phrase {
	return common(c.answers, 1.0/roundSize, 10)
}

func (c *phrases) report() (string, []Finding) {
	var found []Finding
	for _, t := range []struct {
		runs  *frequent
		noun  string
		limit float64
		match func(*sample) []string
	}{
		{c.answers, "answer", c.limit, func(s *sample) []string { return s.words }},
		{c.thoughts, "thought", thoughtsLimit * c.limit, func(s *sample) []string { return words(s.thinking) }},
	} {
		if f, ok := finding(t.runs, t.noun, t.limit, t.match); ok {
			found = append(found, f)
		}
	}
	return none(c.answers.samples), found
}

func finding(runs *frequent, noun string, limit float64, text func(*sample) []string) (Finding, bool) {
	all := common(runs, limit, math.MaxInt)
	if len(all) == 0 {
		return Finding{}, false
	}
	said := func(p Phrase) string { return fmt.Sprintf("%s hold “%s”", outOf(p.N, runs.samples, noun), p.Text) }
	f := Finding{
		Severity: above(all[0].N, runs.samples, 0.5, Look, Bad), Count: all[0].N, Of: runs.samples, Text: said(all[0]),
		Examples: runs.texts[all[0].Text].examples,
		Fix:      "if that is a habit of the voice, say in its prompt how seldom it is wanted; a phrase that comes from the prompt needs other words there",
		match: func(s *sample) bool {
			words := " " + strings.Join(text(s), " ") + " "
			return slices.ContainsFunc(all, func(p Phrase) bool { return strings.Contains(words, " "+p.Text+" ") })
		},
	}
	if noun == "thought" {
		f.Severity = Look // it is seen by nobody but the model
	}
	for _, p := range all[1:min(len(all), mostPhrases)] {
		f.Details = append(f.Details, said(p))
	}
	if more := len(all) - mostPhrases; more > 0 {
		f.Details = append(f.Details, "and "+count(more, "other phrase"))
	}
	return f, true
}

// common returns runs above a limit, the most frequent first, and no more than
// most. Of runs that overlap, those that are about as frequent as another one are
// left out.
func common(runs *frequent, limit float64, most int) []Phrase {
	if runs.samples < fewest {
		return nil
	}
	var all []Phrase
	for text, t := range runs.texts {
		if runs.above(t, limit) {
			all = append(all, Phrase{text, t.n})
		}
	}
	slices.SortFunc(all, byCount)
	var out []Phrase
	for _, p := range all {
		if len(out) == most {
			break
		}
		same := func(q Phrase) bool { return overlap(p.Text, q.Text) && float64(p.N) >= 0.5*float64(q.N) }
		if !slices.ContainsFunc(out, same) {
			out = append(out, p)
		}
	}
	return out
}

// overlap reports whether two runs share a telling word.
func overlap(a, b string) bool {
	for w := range strings.FieldsSeq(a) {
		if !plain[w] && slices.Contains(strings.Fields(b), w) {
			return true
		}
	}
	return false
}
