package quality

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// straight makes apostrophes straight, so that patterns need one spelling.
func straight(text string) string { return strings.ReplaceAll(text, "’", "'") }

// lower is text in lower case, for ASCII letters only, so that places in one are
// places in the other.
func lower(text string) string {
	b := []byte(text)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// words are the words of a text in lower case. Characters of scripts that are
// written without spaces are words of their own.
func words(text string) []string {
	var out []string
	from := -1
	end := func(to int) {
		if from >= 0 {
			out = append(out, strings.ToLower(strings.Trim(text[from:to], "'")))
			from = -1
		}
	}
	for i, r := range text {
		switch {
		case unspaced(r):
			end(i)
			out = append(out, text[i:i+utf8.RuneLen(r)])
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r), r == '\'' && from >= 0:
			if from < 0 {
				from = i
			}
		default:
			end(i)
		}
	}
	end(len(text))
	return out
}

func unspaced(r rune) bool {
	return r >= 0x0e00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// quotes open and close what a line shows and does not say itself.
var quotes = map[string]string{"\"": "\"", "“": "”", "«": "»", "「": "」"}

// longestQuote in bytes: a longer one is two marks that have nothing to do with
// each other.
const longestQuote = 400

// prose is text with what it shows blanked out: code, quotations and block
// quotes. Places stay the same.
func prose(text string) string {
	if !strings.ContainsAny(text, "`\"“«「>") {
		return text
	}
	b := []byte(text)
	fenced := false
	for from := 0; from < len(text); {
		to := from + len(text[from:])
		if i := strings.IndexByte(text[from:], '\n'); i >= 0 {
			to = from + i
		}
		line := strings.TrimLeft(text[from:to], " \t")
		fence := strings.HasPrefix(line, "```")
		switch {
		case fenced || fence || strings.HasPrefix(line, ">"):
			blank(b[from:to])
			fenced = fenced != fence
		default:
			blankQuotes(b[from:to], text[from:to])
		}
		from = to + 1
	}
	return string(b)
}

func blank(b []byte) {
	for i := range b {
		b[i] = ' '
	}
}

// blankQuotes blanks what stands in quotation marks or backticks in a line.
func blankQuotes(b []byte, line string) {
	for at := 0; ; {
		i := strings.IndexAny(line[at:], "`\"“«「")
		if i < 0 {
			return
		}
		at += i
		_, n := utf8.DecodeRuneInString(line[at:])
		mark := line[at : at+n]
		closing, ok := quotes[mark]
		if !ok { // as many backticks as opened it
			mark = line[at : at+len(line[at:])-len(strings.TrimLeft(line[at:], "`"))]
			closing = mark
		}
		end := strings.Index(line[at+len(mark):], closing)
		if end < 1 || end > longestQuote {
			at += len(mark)
			continue
		}
		end += at + len(mark) + len(closing)
		blank(b[at:end])
		at = end
	}
}

// around is a piece of text about a place, on one line.
func around(text string, from, to int) string {
	const before, after = 60, 100
	start, end := max(0, from-before), min(len(text), to+after)
	for start > 0 && !utf8.RuneStart(text[start]) {
		start--
	}
	for end < len(text) && !utf8.RuneStart(text[end]) {
		end++
	}
	out := strings.Join(strings.Fields(text[start:end]), " ")
	if start > 0 {
		out = "…" + out
	}
	if end < len(text) {
		out += "…"
	}
	return out
}

// beginning is the first piece of a text, on one line.
func beginning(text string) string { return around(text, 0, 20) }

// ending is the last piece of a text, on one line.
func ending(text string) string { return around(text, max(0, len(text)-40), len(text)) }

// clause is where the clause that holds place begins.
func clause(text string, place int) int {
	i := strings.LastIndexAny(text[:place], ".!?;:,\n(")
	if dash := strings.LastIndex(text[:place], "—"); dash > i {
		return dash + len("—")
	}
	return i + 1
}

// sentence is the sentence that holds place, up to its mark.
func sentence(text string, place int) string {
	from := strings.LastIndexAny(text[:place], ".!?\n") + 1
	to := strings.IndexAny(text[place:], ".!?\n")
	if to < 0 {
		return text[from:]
	}
	return text[from : place+to+1]
}
