package quality

import (
	"regexp"
	"strings"
)

// A gated is a pattern behind words of which one must be there for it to match:
// looking for a word is a hundred times as fast as trying a pattern at every
// place, and most answers hold none.
type gated struct {
	pattern *regexp.Regexp
	words   []string
}

func gate(pattern string, words ...string) gated { return gated{regexp.MustCompile(pattern), words} }

// open reports whether a match is possible.
func (g *gated) open(low string) bool {
	for _, w := range g.words {
		if strings.Contains(low, w) {
			return true
		}
	}
	return false
}

// find returns the first match in a text in lower case, or nil.
func (g *gated) find(low string) []int {
	if !g.open(low) {
		return nil
	}
	return g.pattern.FindStringIndex(low)
}
