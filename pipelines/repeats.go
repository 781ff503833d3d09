package pipelines

import (
	"regexp"
	"slices"
	"strings"
)

const (
	run     = 3 // words that are not in a row by chance
	longRun = 8 // that nobody writes who has something else to say
)

// repeats reports whether a text is the prompt's, for the most part or in a long
// run of words, and not the data's that the prompt shows. Asked for facts, a small
// model tells what it was asked, and under which headings: of 90 facts that one of
// half a billion parameters found in the narrative, 40 were mostly that.
func repeats(text, prompt string, data ...string) bool {
	asked := runs(words(prompt))
	for _, d := range data {
		for r := range runs(words(d)) {
			delete(asked, r)
		}
	}
	all := words(text)
	repeated := make([]bool, len(all))
	for i := range len(all) - run + 1 {
		if asked[[run]string(all[i:i+run])] {
			copy(repeated[i:], slices.Repeat([]bool{true}, run))
		}
	}
	n, inARow := 0, 0
	for _, r := range repeated {
		if !r {
			inARow = 0
			continue
		}
		n++
		if inARow++; inARow == longRun {
			return true
		}
	}
	return 2*n > len(all)
}

var word = regexp.MustCompile(`[\pL\pN']+`)

func words(text string) []string { return word.FindAllString(strings.ToLower(text), -1) }

func runs(words []string) map[[run]string]bool {
	all := map[[run]string]bool{}
	for i := range len(words) - run + 1 {
		all[[run]string(words[i:i+run])] = true
	}
	return all
}
