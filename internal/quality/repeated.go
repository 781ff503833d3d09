package quality

import (
	"strings"
	"unicode"
)

// newRepeated finds answers in which a model got stuck: the same few words, the
// same line or the same letter over and over.
func newRepeated(o *Options) check {
	return newGarbage(o.Limits, "repeat themselves without end", "lower the temperature or set a repetition_penalty, and ask again with `isf reroll`",
		func(s *sample, t turn) (string, bool) {
			if at := stuck(t.answer); at != "" {
				return at, true
			}
			at := stuck(t.thinking)
			return at, at != ""
		})
}

// How often something has to come in a row. A chorus comes four times, a list
// of "no" six; a model that is stuck goes on to its limit.
const (
	wordRepeats   = 20
	phraseRepeats = 8
	lineRepeats   = 8
	longestPhrase = 24  // words
	letterRun     = 120 // one letter, as in a scream
)

// stuck returns what a text repeats, or "".
func stuck(text string) string {
	if at := letters(text); at != "" {
		return at
	}
	if at := sameLines(text); at != "" {
		return at
	}
	w := words(text)
	for period := 1; period <= longestPhrase; period++ {
		run := 0
		for i := period; i < len(w); i++ {
			if w[i] != w[i-period] {
				run = 0
				continue
			}
			run++
			if run >= period*(repeats(period)-1) && !numbers(w[i-period+1:i+1]) {
				return strings.Join(w[i-min(i, 3*period):i+1], " ") + " …"
			}
		}
	}
	return ""
}

func repeats(period int) int {
	if period == 1 {
		return wordRepeats
	}
	return phraseRepeats
}

// numbers reports whether words are numbers only, as in tables of zeros.
func numbers(words []string) bool {
	for _, w := range words {
		if strings.IndexFunc(w, func(r rune) bool { return !unicode.IsDigit(r) }) >= 0 {
			return false
		}
	}
	return true
}

// letters finds one letter that goes on and on.
func letters(text string) string {
	run, last := 0, rune(0)
	for i, r := range text {
		if r != last || !unicode.IsLetter(r) {
			run, last = 0, r
			continue
		}
		if run++; run == letterRun {
			return around(text, i-40, i)
		}
	}
	return ""
}

// sameLines finds a line that follows itself. Tables and code have lines
// that do, so it has to have words.
func sameLines(text string) string {
	run, last := 1, ""
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "":
		case line == last && strings.Count(line, " ") >= 2 && !strings.Contains(line, "|") && strings.ContainsFunc(line, unicode.IsLetter):
			if run++; run == lineRepeats {
				return line
			}
		default:
			run, last = 1, line
		}
	}
	return ""
}
