package sim

import (
	"strings"
	"unicode"
)

// A word is one of a text, parted from the punctuation around it.
type word struct {
	before, core, after string
}

func (w word) String() string { return w.before + w.core + w.after }

// lower is the word as the tables of this package spell it.
func (w word) lower() string {
	return strings.ReplaceAll(strings.ToLower(w.core), "’", "'")
}

// words splits a text at white space.
func words(s string) []word {
	fields := strings.Fields(s)
	out := make([]word, len(fields))
	for i, f := range fields {
		core := strings.TrimLeftFunc(f, outsideWord)
		before := f[:len(f)-len(core)]
		core = strings.TrimRightFunc(core, outsideWord)
		out[i] = word{before, core, f[len(before)+len(core):]}
	}
	return out
}

func outsideWord(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// join writes words with single spaces.
func join(ws []word) string {
	var b strings.Builder
	for i, w := range ws {
		if i > 0 && w.String() != "" {
			b.WriteByte(' ')
		}
		b.WriteString(w.String())
	}
	return b.String()
}

// sentences splits prose at full stops, question and exclamation marks that a
// new sentence follows.
func sentences(text string) []string {
	ws := strings.Fields(text)
	var out []string
	start := 0
	for i, w := range ws {
		if !endsSentence(w) || (i+1 < len(ws) && !beginsSentence(ws[i+1])) {
			continue
		}
		out = append(out, strings.Join(ws[start:i+1], " "))
		start = i + 1
	}
	if start < len(ws) {
		out = append(out, strings.Join(ws[start:], " "))
	}
	return out
}

func endsSentence(w string) bool {
	w = strings.TrimRight(w, `"'”’)]*_`)
	if w == "" || !strings.ContainsAny(w[len(w)-1:], ".!?") {
		return strings.HasSuffix(w, "…")
	}
	switch strings.ToLower(strings.TrimLeft(w, `("'“‘[`)) {
	case "mr.", "mrs.", "ms.", "dr.", "st.", "prof.", "e.g.", "i.e.", "etc.", "vs.", "cf.", "no.", "a.m.", "p.m.":
		return false
	}
	return true
}

func beginsSentence(w string) bool {
	for _, r := range strings.TrimLeft(w, `"'“‘([*_—-`) {
		return unicode.IsUpper(r) || unicode.IsDigit(r)
	}
	return false
}

// capital writes the first letter of s large.
func capital(s string) string {
	for i, r := range s {
		if unicode.IsLetter(r) {
			return s[:i] + string(unicode.ToUpper(r)) + s[i+len(string(r)):]
		}
	}
	return s
}
