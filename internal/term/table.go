package term

import (
	"fmt"
	"strings"
)

// A column of the block. Where the terminal is too narrow, the columns with the
// lowest worth go first.
type column struct {
	worth int
	label string // before each text
	left  bool   // aligned
	text  func(p *Progress, l Line) string
	style func(s Screen, l Line) func(string) string
}

// columns, from left to right. The first, with the names, always stays.
var columns = []column{
	{99, "", true, func(_ *Progress, l Line) string { return l.Target }, always(Screen.Bold)},
	{9, "", false, func(_ *Progress, l Line) string { return counts(l) }, nil},
	{7, "", true, func(_ *Progress, l Line) string { return bar(l) }, barStyle},
	{3, "running ", false, func(_ *Progress, l Line) string { return some(l.Running) }, always(Screen.Dim)},
	{1, "unknown ", false, func(_ *Progress, l Line) string { return some(l.Unknown) }, always(Screen.Dim)},
	{5, "hits ", false, func(_ *Progress, l Line) string { return some(l.Hits) }, nil},
	{6, "sent ", false, func(_ *Progress, l Line) string { return some(l.Sent) }, nil},
	{2, "retries ", false, func(_ *Progress, l Line) string { return some(l.Retries) }, always(Screen.Yellow)},
	{10, "errors ", false, func(_ *Progress, l Line) string { return some(l.Errors) }, always(Screen.Red)},
	{0, "", false, func(_ *Progress, l Line) string { return tokens(l) }, always(Screen.Dim)},
	{6, "", false, (*Progress).money, nil},
	{0, "saved ", false, func(_ *Progress, l Line) string { return saved(l) }, always(Screen.Dim)},
	{4, "", false, (*Progress).speed, always(Screen.Dim)},
	{8, "eta ", true, (*Progress).eta, nil},
}

func always(style func(Screen, string) string) func(Screen, Line) func(string) string {
	return func(s Screen, _ Line) func(string) string {
		return func(text string) string { return style(s, text) }
	}
}

const gap = "  " // between columns

// table lays the lines out as at most rows rows of at most width columns.
func (p *Progress) table(width, rows int) []string {
	models := p.models()
	if models != "" && rows > 1 {
		rows--
	}
	lines, rest := fit(p.lines, rows)
	shown := p.choose(lines, width)
	out := make([]string, 0, len(lines)+1)
	for i, l := range lines {
		out = append(out, p.row(l, i, shown, width))
	}
	if rest != "" {
		out = append(out, p.screen.Dim(Cut(rest, width)))
	}
	if models != "" && len(out) <= rows {
		out = append(out, p.screen.Dim(Cut("  "+models, width)))
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
			text := c.text(p, l)
			k.texts = append(k.texts, text)
			k.width = max(k.width, Columns(text))
		}
		if k.width > 0 {
			k.width += Columns(c.label)
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
	b.WriteString(p.mark(l))
	for k, c := range shown {
		cell := c.cell(i)
		if k == 0 {
			b.WriteByte(' ')
			cell = Left(Cut(c.texts[i], width-2), min(c.width, width-2))
		} else {
			b.WriteString(gap)
		}
		if c.style != nil && c.texts[i] != "" {
			cell = c.style(p.screen, l)(cell)
		}
		b.WriteString(cell)
	}
	return strings.TrimRight(b.String(), " ")
}

// cell is the text of line i, as wide as the column.
func (c *chosen) cell(i int) string {
	text, room := c.texts[i], c.width-Columns(c.label)
	switch {
	case text == "":
		return strings.Repeat(" ", c.width)
	case c.left:
		return c.label + Left(text, room)
	}
	return c.label + Right(text, room)
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
	case Stopped, Paused:
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
