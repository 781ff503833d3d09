package jinja

import (
	"strings"
	"unicode"
)

func filterWordWrap(r *render, a []any) any {
	width := r.integer(a[1])
	end := "\n"
	if a[3] != nil {
		end = r.string(a[3])
	}
	s, ok := text(a[0])
	if !ok {
		r.defined(a[0])
		r.fail("AttributeError", "wordwrap takes text, not %s", typeName(a[0]))
	}
	paragraphs := lines(s, false)
	if width <= 0 && len(paragraphs) > 0 {
		r.fail("ValueError", "invalid width %d (must be > 0)", width)
	}
	for i, p := range paragraphs {
		paragraphs[i] = strings.Join(wrap(p, width, truth(a[2]), truth(a[4])), end)
	}
	return strings.Join(paragraphs, end)
}

// wrap is Python's textwrap.wrap of one line.
func wrap(s string, width int, breakLong, breakHyphens bool) []string {
	chunks := wrapChunks(s, breakHyphens)
	var out []string
	for len(chunks) > 0 {
		if isBlank(chunks[0]) && len(out) > 0 {
			chunks = chunks[1:] // a line does not begin with space
			if len(chunks) == 0 {
				break
			}
		}
		var line []string
		used := 0
		for len(chunks) > 0 && used+runeCount(chunks[0]) <= width {
			line, used = append(line, chunks[0]), used+runeCount(chunks[0])
			chunks = chunks[1:]
		}
		if len(chunks) > 0 && runeCount(chunks[0]) > width {
			line, chunks = wrapLong(line, chunks, width-used, breakLong, breakHyphens)
		}
		if len(line) > 0 && isBlank(line[len(line)-1]) {
			line = line[:len(line)-1]
		}
		if len(line) > 0 {
			out = append(out, strings.Join(line, ""))
		}
	}
	return out
}

// wrapLong takes from a chunk longer than a line what fits into the space left.
func wrapLong(line, chunks []string, left int, breakLong, breakHyphens bool) (_, _ []string) {
	if !breakLong {
		if len(line) == 0 {
			return append(line, chunks[0]), chunks[1:]
		}
		return line, chunks
	}
	runes := []rune(chunks[0])
	end := max(left, 1)
	if breakHyphens && len(runes) > left {
		hyphen := strings.LastIndexByte(string(runes[:max(left, 0)]), '-')
		if hyphen > 0 && strings.Trim(string(runes[:left])[:hyphen], "-") != "" {
			end = runeCount(string(runes[:left])[:hyphen]) + 1
		}
	}
	if left < 1 && len(line) > 0 {
		end = 0
	}
	rest := append([]string{string(runes[end:])}, chunks[1:]...)
	return append(line, string(runes[:end])), rest
}

func isBlank(s string) bool { return strings.TrimFunc(s, wrapSpace) == "" }

// wrapSpace is the white space textwrap knows.
func wrapSpace(c rune) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// wrapChunks splits at white space, and behind hyphens between letters.
func wrapChunks(s string, hyphens bool) []string {
	var chunks []string
	for s != "" {
		blank := wrapSpace(rune(s[0]))
		n := strings.IndexFunc(s, func(c rune) bool { return wrapSpace(c) != blank })
		if n < 0 {
			n = len(s)
		}
		if blank || !hyphens {
			chunks = append(chunks, s[:n])
		} else {
			chunks = append(chunks, hyphenated([]rune(s[:n]))...)
		}
		s = s[n:]
	}
	return chunks
}

// hyphenated splits a word behind its hyphens and around its dashes.
func hyphenated(w []rune) []string {
	var parts []string
	start := 0
	for i := 0; i < len(w); i++ {
		if w[i] != '-' {
			continue
		}
		run := i
		for run < len(w) && w[run] == '-' {
			run++
		}
		before := i - start
		switch {
		case run-i >= 2 && before > 0 && wordBefore(w[i-1]) && run < len(w) && wordRune(w[run]):
			parts = append(parts, string(w[start:i]), string(w[i:run]))
			start = run
		case run-i == 1 && before >= 2 && unicode.IsLetter(w[i-1]) && (unicode.IsLetter(w[i-2]) || w[i-2] == '-') &&
			run+1 < len(w) && unicode.IsLetter(w[run]) && (unicode.IsLetter(w[run+1]) || w[run+1] == '-'):
			parts = append(parts, string(w[start:run]))
			start = run
		}
		i = run - 1
	}
	if start < len(w) {
		parts = append(parts, string(w[start:]))
	}
	return parts
}

func wordRune(c rune) bool { return isAlnum(c) || c == '_' }

func wordBefore(c rune) bool { return wordRune(c) || strings.ContainsRune(`!"'&.,?`, c) }
