// Package worddiff compares two texts word by word, as a writer would.
//
// A word keeps the white space behind it, so the spans of a diff that are kept
// or new put together are the new text, and those kept or old the old one.
package worddiff

import (
	"strings"
	"unicode"

	"github.com/aymanbagabas/go-udiff"
)

// An Op says what became of a span.
type Op int

// What may become of a span.
const (
	Kept Op = iota
	Old     // only in the text that was
	New     // only in the text that is
)

// A Span is a run of words of one fate.
type Span struct {
	Op   Op
	Text string
}

// Words returns what differs between two texts.
func Words(was, now string) []Span {
	before, after := words(was), words(now)
	var spans []Span
	i, j := 0, 0
	for _, e := range udiff.Lines(lines(before), lines(after)) {
		from, to, added := position(before, e.Start), position(before, e.End), strings.Count(e.New, "\n")
		spans = add(spans, Kept, before[i:from])
		j += from - i
		spans = add(spans, Old, before[from:to])
		spans = add(spans, New, after[j:j+added])
		i, j = to, j+added
	}
	return add(spans, Kept, before[i:])
}

// words cuts a text behind the white space of each word.
func words(text string) []string {
	var out []string
	space := false
	from := 0
	for i, r := range text {
		if space && !unicode.IsSpace(r) {
			out = append(out, text[from:i])
			from = i
		}
		space = unicode.IsSpace(r)
	}
	if from < len(text) {
		out = append(out, text[from:])
	}
	return out
}

// lines writes each word on a line of its own, so that a comparison of lines
// compares words. A line break inside a word becomes another sign.
func lines(words []string) string {
	var b strings.Builder
	for _, w := range words {
		b.WriteString(escape(w))
		b.WriteByte('\n')
	}
	return b.String()
}

func escape(word string) string { return strings.ReplaceAll(word, "\n", "\x00") }

// position returns which word begins at an offset of lines(words).
func position(words []string, offset int) int {
	at := 0
	for i, w := range words {
		if at >= offset {
			return i
		}
		at += len(w) + 1
	}
	return len(words)
}

func add(spans []Span, op Op, words []string) []Span {
	text := strings.Join(words, "")
	if text == "" {
		return spans
	}
	if n := len(spans); n > 0 && spans[n-1].Op == op {
		spans[n-1].Text += text
		return spans
	}
	return append(spans, Span{op, text})
}
