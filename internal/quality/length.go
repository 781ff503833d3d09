package quality

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/identity-shaping/isf/internal/term"
)

// length shows how long answers are, and finds those that are far from all
// others.
type length struct {
	lines   []int32
	sizes   []int32
	extreme []Example // the longest and the shortest
	size    []int
}

func newLength(*Options) check { return &length{} }

func (c *length) look(s *sample) {
	if len(s.words) == 0 {
		return // told by the check for empty answers
	}
	n := utf8.RuneCountInString(s.answer)
	c.lines, c.sizes = append(c.lines, int32(s.Line)), append(c.sizes, int32(min(n, math.MaxInt32)))
	c.remember(s, n)
}

// remember keeps the two longest and the two shortest.
func (c *length) remember(s *sample, n int) {
	c.extreme = append(c.extreme, s.example(beginning(s.answer), count(n, "character")))
	c.size = append(c.size, n)
	if len(c.size) <= 4 {
		return
	}
	order := []int{0, 1, 2, 3, 4}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(c.size[a], c.size[b]) })
	drop := order[2]
	c.extreme, c.size = slices.Delete(c.extreme, drop, drop+1), slices.Delete(c.size, drop, drop+1)
}

// An outlier is this many robust standard deviations (1.4826 times the median
// deviation) from the median of the logarithms, and at least four times longer or
// eight times shorter: lengths of honest answers are log-normal, and the short
// end of them is long.
const (
	deviations = 3.5
	muchLonger = 4
	muchLess   = 8
)

func (c *length) report() (string, []Finding) {
	if len(c.sizes) == 0 {
		return "", nil
	}
	sorted := slices.Sorted(slices.Values(c.sizes))
	at := func(share float64) int64 { return int64(sorted[int(share*float64(len(sorted)-1))]) }
	median := at(0.5)
	counted := fmt.Sprintf("median %s; 5 %% are under %s, 5 %% over %s, the longest has %s",
		term.Plural(median, "character"), term.Count(at(0.05)), term.Count(at(0.95)), term.Count(at(1)))
	low, high := bounds(sorted, float64(median))
	h := &hits{}
	for i, n := range c.sizes {
		if far := float64(n); far < low || far > high {
			h.lines = append(h.lines, int(c.lines[i]))
		}
	}
	if h.n() == 0 || len(sorted) < fewest {
		return counted, nil
	}
	for i, e := range c.extreme {
		if far := float64(c.size[i]); (far < low || far > high) && len(h.examples) < mostExamples {
			h.examples = append(h.examples, e)
		}
	}
	f := h.finding(above(h.n(), len(sorted), 0.02, Note, Look), len(sorted),
		outOf(h.n(), len(sorted), "answer")+" are far longer or shorter than the others",
		"read them: very long ones teach to ramble, very short ones may be broken")
	f.Details = []string{counted}
	return "", []Finding{f}
}

// bounds are the shortest and the longest that is no outlier.
func bounds(sorted []int32, median float64) (low, high float64) {
	off := make([]float64, len(sorted))
	for i, n := range sorted {
		off[i] = math.Abs(math.Log(max(float64(n), 1)) - math.Log(max(median, 1)))
	}
	slices.Sort(off)
	spread := math.Exp(deviations * 1.4826 * off[len(off)/2])
	return median / max(spread, muchLess), median * max(spread, muchLonger)
}

// tooLong finds samples of which training would not read the end.
type tooLong struct {
	limit   int
	garbage float64
	n       int
	hits    hits
}

func newTooLong(o *Options) check {
	return &tooLong{limit: o.Limits.TrainingLength, garbage: o.Limits.Garbage}
}

func (c *tooLong) look(s *sample) {
	if s.table() {
		return
	}
	c.n++
	tokens := 0
	for _, m := range s.Messages {
		tokens += estimate(m.Content)
	}
	if tokens > c.limit {
		c.hits.add(s, beginning(s.prompt), "about "+count(tokens, "token"))
	}
}

// estimate is about how many tokens a text has: one for four characters of
// scripts with spaces, one for each character of others.
func estimate(text string) int {
	single := 0
	for _, r := range text {
		if unspaced(r) {
			single++
		}
	}
	return (utf8.RuneCountInString(text)-single)/4 + single + 4
}

func (c *tooLong) report() (string, []Finding) {
	if c.hits.n() == 0 {
		return none(c.n), nil
	}
	return "", []Finding{c.hits.finding(above(c.hits.n(), c.n, 5*c.garbage, Look, Bad), c.n,
		fmt.Sprintf("%s are longer than the %s tokens that training reads (by estimate)", outOf(c.hits.n(), c.n, "sample"), term.Count(int64(c.limit))),
		"train with a longer context and set checks.training_length, or leave these out: their ends would be cut off")}
}
