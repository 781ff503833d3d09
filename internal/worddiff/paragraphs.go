package worddiff

import (
	"strings"
	"unicode"

	"github.com/aymanbagabas/go-udiff"
)

// Paragraphs returns the paragraphs that differ between two texts, in their
// order, each as one line: where lines are broken is no difference. Line is that
// of the first word that differs.
func Paragraphs(was, now string) []Hunk {
	before, after := paragraphs(was), paragraphs(now)
	flatBefore, flatAfter := flat(before), flat(after)
	var hunks []Hunk
	i, j := 0, 0
	for _, e := range udiff.Lines(lines(flatBefore), lines(flatAfter)) {
		from, to, added := position(flatBefore, e.Start), position(flatBefore, e.End), strings.Count(e.New, "\n")
		j += from - i
		pairs := 1
		if added == to-from {
			pairs = added // each against its own
		}
		for k := range pairs {
			b0, b1 := from+(to-from)*k/pairs, from+(to-from)*(k+1)/pairs
			a0, a1 := j+added*k/pairs, j+added*(k+1)/pairs
			h := between(flatBefore[b0:b1], flatAfter[a0:a1], after[a0:a1])
			h.Line += strings.Count(strings.Join(after[:a0], ""), "\n")
			hunks = append(hunks, h)
		}
		i, j = to, j+added
	}
	return hunks
}

// between is the hunk of paragraphs that stand for others; raw is how those now
// are written, and Line counts within them.
func between(was, now, raw []string) Hunk {
	h := Hunk{Was: strings.Join(was, " "), Now: strings.Join(now, " ")}
	same := 0 // words
	if spans := Words(h.Was, h.Now); spans[0].Op == Kept {
		same = len(strings.Fields(spans[0].Text))
	}
	h.Line = 1 + lineOf(strings.Join(raw, ""), same)
	return h
}

func flat(paragraphs []string) []string {
	out := make([]string, len(paragraphs))
	for i, p := range paragraphs {
		out[i] = strings.Join(strings.Fields(p), " ")
	}
	return out
}

// lineOf returns in which line, from 0, the nth word of a text is.
func lineOf(text string, n int) int {
	line := 0
	for l := range strings.Lines(text) {
		if n -= len(strings.Fields(l)); n < 0 {
			return line
		}
		line++
	}
	return max(0, line-1)
}

// paragraphs cuts a text behind blank lines.
func paragraphs(text string) []string {
	var out []string
	from, at, blank := 0, 0, false
	for line := range strings.Lines(text) {
		empty := strings.TrimSpace(line) == ""
		if blank && !empty {
			out = append(out, text[from:at])
			from = at
		}
		at, blank = at+len(line), empty
	}
	if from < len(text) {
		out = append(out, text[from:])
	}
	return out
}

// Excerpt leaves of what is kept only most words beside each change; … stands
// for what was left out.
func Excerpt(spans []Span, most int) []Span {
	out := make([]Span, len(spans))
	for i, s := range spans {
		out[i] = s
		if s.Op != Kept {
			continue
		}
		all := words(s.Text)
		first, last := i == 0, i == len(spans)-1
		switch {
		case first && len(all) > most:
			out[i].Text = "… " + strings.Join(all[len(all)-most:], "")
		case last && !first && len(all) > most:
			out[i].Text = strings.TrimRightFunc(strings.Join(all[:most], ""), unicode.IsSpace) + " …"
		case !first && !last && len(all) > 2*most:
			out[i].Text = strings.Join(all[:most], "") + "… " + strings.Join(all[len(all)-most:], "")
		}
	}
	return out
}
