package term

import (
	"strings"

	"github.com/clipperhouse/displaywidth"
)

// Columns is how many columns s takes on a terminal. Its colours take none.
func Columns(s string) int { return widths.String(s) }

// widths counts an escape sequence as nothing.
var widths = displaywidth.Options{ControlSequences: true}

// Cut is s within width columns; an ellipsis stands for what was cut. s has no
// colours.
func Cut(s string, width int) string {
	if width <= 0 {
		return ""
	}
	return displaywidth.TruncateString(s, width, "…")
}

// Left is s with spaces after it, up to width columns.
func Left(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-Columns(s)))
}

// Right is s with spaces before it, up to width columns.
func Right(s string, width int) string {
	return strings.Repeat(" ", max(0, width-Columns(s))) + s
}

// Wrap breaks a text at spaces into lines of at most width columns. Newlines in
// it stay; a word that is wider than a line is broken where the line ends.
func Wrap(s string, width int) []string {
	width = max(width, 1)
	var out []string
	for line := range strings.SplitSeq(s, "\n") {
		out = append(out, wrapLine(line, width)...)
	}
	return out
}

func wrapLine(s string, width int) []string {
	var out []string
	line, used := "", 0
	for _, word := range strings.Fields(s) {
		w := Columns(word)
		if used > 0 && used+1+w <= width {
			line, used = line+" "+word, used+1+w
			continue
		}
		if used > 0 {
			out = append(out, line)
		}
		for w > width {
			head := chop(word, width)
			out = append(out, head)
			word = word[len(head):]
			w = Columns(word)
		}
		line, used = word, w
	}
	return append(out, line)
}

// chop is the longest beginning of s within width columns, at least one
// character.
func chop(s string, width int) string {
	g := displaywidth.StringGraphemes(s)
	n, used := 0, 0
	for g.Next() {
		if used += g.Width(); used > width && n > 0 {
			break
		}
		n += len(g.Value())
	}
	return s[:n]
}
