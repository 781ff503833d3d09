package term

import (
	"fmt"
	"strings"
)

// A column of the block. Where the terminal is too narrow, the columns with the
// lowest worth go first.
type column struct {
	worth int
	left  bool // aligned
	cell  func(p *Progress, l Line) (text string, style func(string) string)
}

// columns, from left to right. The first, with the names, always stays.
var columns = []column{
	{99, true, func(p *Progress, l Line) (string, func(string) string) { return l.Target, p.screen.Bold }},
	{9, false, func(p *Progress, l Line) (string, func(string) string) { return counts(l), nil }},
	{7, true, (*Progress).bar},
	{3, false, func(p *Progress, l Line) (string, func(string) string) {
		return counted("running", l.Running), p.screen.Dim
	}},
	{1, false, func(p *Progress, l Line) (string, func(string) string) {
		return counted("unknown", l.Unknown), p.screen.Dim
	}},
	{5, false, func(p *Progress, l Line) (string, func(string) string) { return counted("hits", l.Hits), nil }},
	{6, false, func(p *Progress, l Line) (string, func(string) string) { return counted("sent", l.Sent), nil }},
	{2, false, func(p *Progress, l Line) (string, func(string) string) {
		return counted("retries", l.Retries), p.screen.Yellow
	}},
	{10, false, func(p *Progress, l Line) (string, func(string) string) {
		return counted("errors", l.Errors), p.screen.Red
	}},
	{0, false, func(p *Progress, l Line) (string, func(string) string) { return tokens(l), p.screen.Dim }},
	{4, false, func(p *Progress, l Line) (string, func(string) string) { return p.speed(l), p.screen.Dim }},
	{8, true, func(p *Progress, l Line) (string, func(string) string) { return p.eta(l), nil }},
}

const gap = "  " // between columns

// table lays the lines out as at most rows rows of at most width columns.
func (p *Progress) table(width, rows int) []string {
	lines, rest := fit(p.lines, rows)
	shown := p.choose(lines, width)
	out := make([]string, 0, len(lines)+1)
	for i, l := range lines {
		out = append(out, p.row(l, i, shown, width))
	}
	if rest != "" {
		out = append(out, p.screen.Dim(Cut(rest, width)))
	}
	return out
}

// A chosen column has the texts of all lines and the width of the widest.
type chosen struct {
	column
	texts []string
	width int
}

// choose keeps the columns that say something and fit.
func (p *Progress) choose(lines []Line, width int) []chosen {
	var out []chosen
	for _, c := range columns {
		k := chosen{column: c}
		for _, l := range lines {
			text, _ := c.cell(p, l)
			k.texts = append(k.texts, text)
			k.width = max(k.width, Columns(text))
		}
		if k.width > 0 {
			out = append(out, k)
		}
	}
	for len(out) > 1 && total(out) > width {
		least := len(out) - 1
		for i, c := range out {
			if c.worth < out[least].worth {
				least = i
			}
		}
		out = append(out[:least], out[least+1:]...)
	}
	return out
}

// total is the width of a row of these columns, with the mark before it.
func total(cs []chosen) int {
	n := 2 - len(gap)
	for _, c := range cs {
		n += c.width + len(gap)
	}
	return n
}

// row writes line i with the chosen columns.
func (p *Progress) row(l Line, i int, shown []chosen, width int) string {
	var b strings.Builder
	b.WriteString(p.mark(l) + " ")
	for k, c := range shown {
		text := c.texts[i]
		if k == 0 {
			text = Cut(text, width-2)
		} else {
			b.WriteString(gap)
		}
		cell := Right(text, c.width)
		if c.left {
			cell = Left(text, min(c.width, width-2))
		}
		if _, style := c.cell(p, l); style != nil && text != "" {
			cell = style(cell)
		}
		b.WriteString(cell)
	}
	return strings.TrimRight(b.String(), " ")
}

// mark is the sign in front of a line.
func (p *Progress) mark(l Line) string {
	switch l.State {
	case Waiting:
		return p.screen.Dim("·")
	case Running, "":
		return p.screen.Cyan("▸")
	case Failed:
		return p.screen.Red("✗")
	case Stopped:
		return p.screen.Yellow("‖")
	}
	return p.screen.Green("✓")
}

// fit chooses the lines for so many rows: those that run or failed first, the
// rest in one sentence. Their order stays.
func fit(lines []Line, rows int) (shown []Line, rest string) {
	if len(lines) <= rows {
		return lines, ""
	}
	room := max(rows-1, 0)
	keep := make([]bool, len(lines))
	for _, urgent := range []bool{true, false} {
		for i, l := range lines {
			if is := l.State == Running || l.State == "" || l.State == Failed; is == urgent && room > 0 {
				keep[i] = true
				room--
			}
		}
	}
	var waiting, done, other int64
	for i, l := range lines {
		switch {
		case keep[i]:
			shown = append(shown, l)
		case l.State == Waiting:
			waiting++
		case l.State == Done:
			done++
		default:
			other++
		}
	}
	return shown, others(done, waiting, other)
}

func others(done, waiting, other int64) string {
	var parts []string
	for _, p := range []struct {
		n    int64
		word string
	}{{done, "done"}, {waiting, "waiting"}, {other, "others"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", Count(p.n), p.word))
		}
	}
	return "  … and " + strings.Join(parts, ", ")
}
