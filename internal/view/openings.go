package view

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// mostOpenings bounds what is remembered of how answers begin. Of a hundred
// thousand answers with as many openings, none recurs, and none is missed.
const mostOpenings = 50_000

// openings counts how answers begin.
type openings struct{ counts map[string]int }

func newOpenings() *openings { return &openings{map[string]int{}} }

// opening is the first three words of an answer, in lower case.
func opening(answer string) string {
	if len(answer) > 200 {
		answer = answer[:200]
	}
	words := strings.Fields(strings.ToLower(answer))
	return strings.Join(words[:min(3, len(words))], " ")
}

func (o *openings) add(text string) {
	if text == "" {
		return
	}
	if _, known := o.counts[text]; known || len(o.counts) < mostOpenings {
		o.counts[text]++
	}
}

// most returns the n commonest openings that came more than once.
func (o *openings) most(n int) (names []string, counts []int) {
	names = slices.SortedFunc(maps.Keys(o.counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(o.counts[b], o.counts[a]), cmp.Compare(a, b))
	})
	names = names[:min(n, len(names))]
	for i, name := range names {
		if o.counts[name] < 2 {
			return names[:i], counts
		}
		counts = append(counts, o.counts[name])
	}
	return names, counts
}
