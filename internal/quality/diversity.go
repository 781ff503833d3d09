package quality

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/identity-shaping/isf/internal/config"
	"github.com/identity-shaping/isf/internal/term"
)

// diversity measures how different the samples are: new word pairs in the
// answers (distinct-2), and how scores, sources and kinds of prompt are mixed.
//
// Distinct-n falls as a text grows, so it is taken over windows of 2,000 words
// and averaged; then small and large sets can be compared.
type diversity struct {
	limits config.Checks
	whole  bool
	rows   int

	pairs         map[uint64]bool
	window        int // words of the current one
	windows       int
	share         float64 // sum over full windows
	before        string
	score, source mixture
	kinds         mixture
}

const (
	windowWords = 2000
	mostValues  = 1000 // different values of a field; with more it is no category
)

func newDiversity(o *Options) check {
	return &diversity{
		limits: o.Limits, whole: o.Whole, pairs: map[uint64]bool{},
		score: mixture{}, source: mixture{}, kinds: mixture{},
	}
}

func (c *diversity) look(s *sample) {
	c.rows++
	for _, w := range s.words {
		c.pairs[hashWords([]string{c.before, w})] = true
		c.before = w
		if c.window++; c.window == windowWords {
			c.close()
		}
	}
	for field, m := range map[string]mixture{"score": c.score, "source": c.source} {
		if v, ok := s.Meta[field]; ok && len(m) < mostValues {
			m[strings.Trim(string(v), `"`)]++
		}
	}
	if !s.table() {
		c.kinds[kindOf(s.Prompt())]++
	}
}

func (c *diversity) close() {
	c.share += float64(len(c.pairs)) / float64(c.window)
	c.windows++
	c.window = 0
	clear(c.pairs)
}

// The kinds of prompts that can be told by their form.
var (
	asks    = regexp.MustCompile(`(?i)\A\W*(?:who|what|when|where|why|how|which|whose|is|are|am|was|were|do|does|did|can|could|would|will|should|shall|may|have|has)\b`)
	demands = regexp.MustCompile(`(?i)\A\W*(?:please |pls |kindly |now )*(?:write|create|make|give|explain|describe|generate|list|tell|show|help|provide|improve|rewrite|translate|summari[sz]e|act|pretend|imagine|design|develop|build|convert|fix|find|compare|paraphrase|continue|suggest|add|draft|analy[sz]e|introduce)\b`)
)

func kindOf(prompt string) string {
	switch {
	case strings.Contains(prompt, "```"):
		return "code"
	case demands.MatchString(prompt):
		return "tasks"
	case asks.MatchString(prompt), strings.HasSuffix(strings.TrimSpace(prompt), "?"):
		return "questions"
	}
	return "other"
}

func (c *diversity) report() (string, []Finding) {
	var told []string
	var found []Finding
	if c.windows > 0 {
		distinct := c.share / float64(c.windows)
		told = append(told, fmt.Sprintf("%.0f %% of word pairs are new in %d words", 100*distinct, windowWords))
		if distinct < c.limits.MinDistinct {
			found = append(found, Finding{
				Severity: Look, Count: c.rows, Of: c.rows,
				Text: fmt.Sprintf("answers are alike: only %.0f %% of word pairs are new in %d words, where %.0f %% are usual", 100*distinct, windowWords, 100*c.limits.MinDistinct),
				Fix:  "vary the prompts, ask at a higher temperature, or leave out what repeats",
			})
		}
	}
	for _, m := range []struct {
		what string
		mix  mixture
		is   bool
	}{{"score", c.score, true}, {"source", c.source, true}, {"prompt", c.kinds, c.whole}} {
		if len(m.mix) > 1 {
			told = append(told, fmt.Sprintf("%ss: %s", m.what, m.mix))
		}
		if f, ok := c.dominated(m.what, m.mix); ok && m.is {
			found = append(found, f)
		}
	}
	return strings.Join(told, "; "), found
}

// dominated finds a mixture that is nearly all of one kind. A set of one source,
// or of one kind of prompt, is made for that; scores are there to be mixed.
func (c *diversity) dominated(what string, m mixture) (Finding, bool) {
	n, most := 0, ""
	for v, k := range m {
		if n += k; most == "" || k > m[most] {
			most = v
		}
	}
	if n < 100 || len(m) < 2 && what != "score" || float64(m[most]) <= c.limits.Dominant*float64(n) {
		return Finding{}, false
	}
	return Finding{
		Severity: Look, Count: m[most], Of: n,
		Text: fmt.Sprintf("%s have %s %q", outOf(m[most], n, "sample"), what, most),
		Fix:  "add samples of other kinds, or weigh the categories of the recipe",
	}, true
}

// A mixture is how a set is made up: which values a field has, how often.
type mixture map[string]int

// String names the most frequent values with their shares.
func (m mixture) String() string {
	names := slices.SortedFunc(maps.Keys(m), func(a, b string) int {
		return cmp.Or(cmp.Compare(m[b], m[a]), strings.Compare(a, b))
	})
	total := 0
	for _, n := range m {
		total += n
	}
	var parts []string
	for _, name := range names[:min(6, len(names))] {
		parts = append(parts, fmt.Sprintf("%s %.0f %%", term.SafeLine(name), 100*float64(m[name])/float64(total)))
	}
	if more := len(names) - 6; more > 0 {
		parts = append(parts, fmt.Sprintf("%d more", more))
	}
	return strings.Join(parts, ", ")
}
