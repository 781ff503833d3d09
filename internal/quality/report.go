package quality

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/identity-shaping/isf/internal/term"
)

// Lines longer than about this are hard to read, however wide the terminal.
const readable = 110

// nameColumn is as wide as the longest name of a check.
var nameColumn = func() int {
	width := 0
	for _, n := range Names() {
		width = max(width, len(n))
	}
	return width
}()

// A printer writes reports for people.
type printer struct {
	term.Screen
	out   io.Writer
	width int
}

// WriteText writes a report for a terminal or a pipe.
func (r *Report) WriteText(out io.Writer, screen term.Screen) {
	p := &printer{screen, out, min(screen.Width(), readable)}
	fmt.Fprintf(out, "%s  %s  %s\n\n", p.Bold(term.SafeLine(r.Target)), p.verdict(r.Verdict), p.Dim(count(r.Samples, "row")))
	for _, f := range r.Findings {
		p.finding(f)
	}
	for _, c := range r.Counted {
		p.entry(p.Green("✓"), p.Dim, c.Check, c.Text)
	}
	if len(r.Clean) > 0 {
		p.entry(p.Green("✓"), p.Dim, "found none", strings.Join(r.Clean, ", "))
	}
	if len(r.Checklist) > 0 {
		fmt.Fprintf(out, "\n%s\n", p.Bold("Before training"))
	}
	for _, item := range r.Checklist {
		mark := p.Green("✓")
		if !item.Done {
			mark = p.Red("✗")
		}
		p.entry(mark, nil, item.Name, item.Text)
	}
}

func (p *printer) verdict(v Verdict) string {
	switch v {
	case VerdictBad:
		return p.Red(string(v))
	case VerdictLook:
		return p.Yellow(string(v))
	}
	return p.Green(string(v))
}

func (p *printer) mark(s Severity) string {
	switch s {
	case Bad:
		return p.Red("✗")
	case Look:
		return p.Yellow("!")
	}
	return p.Cyan("·")
}

func (p *printer) finding(f Finding) {
	p.entry(p.mark(f.Severity), p.Bold, f.Check, f.Text)
	for _, d := range f.Details {
		p.block("", term.SafeLine(d))
	}
	for _, e := range f.Examples {
		p.example(e)
	}
	p.block("fix   ", f.Fix)
	if f.More != "" {
		fmt.Fprintf(p.out, "      more  %s\n", term.SafeLine(f.More)) // whole, to be copied
	}
	fmt.Fprintln(p.out)
}

// example shows a row by its name, what a model said there, and what is to be
// said about it.
func (p *printer) example(e Example) {
	p.block("", p.Cyan(term.SafeLine(e.name())))
	if e.Quote != "" {
		p.block("  ", "“"+term.SafeLine(e.Quote)+"”")
	}
	if e.Why != "" {
		p.block("  ", p.Dim(term.SafeLine(e.Why)))
	}
}

func (e Example) name() string {
	if e.ID == "" {
		return fmt.Sprintf("line %d", e.Line)
	}
	return e.ID
}

// entry is a line with a mark, a name and a text that wraps behind them.
func (p *printer) entry(mark string, style func(string) string, name, text string) {
	if style != nil {
		name = style(term.Left(name, nameColumn))
	} else {
		name = term.Left(name, nameColumn)
	}
	for i, l := range term.Wrap(term.SafeLine(text), p.width-nameColumn-6) {
		if i == 0 {
			fmt.Fprintf(p.out, "  %s %s  %s\n", mark, name, l)
			continue
		}
		fmt.Fprintf(p.out, "    %s  %s\n", strings.Repeat(" ", nameColumn), l)
	}
}

// block is a text under a finding.
func (p *printer) block(label, text string) {
	const indent = "      "
	for i, l := range term.Wrap(text, p.width-len(indent)-len(label)) {
		if i > 0 {
			label = strings.Repeat(" ", len(label))
		}
		fmt.Fprintln(p.out, strings.TrimRight(indent+label+l, " "))
	}
}

// WriteMarkdown writes a report for a file. What models and users said stands
// in fences, so that nothing in it is read as Markdown.
func (r *Report) WriteMarkdown(out io.Writer) {
	fmt.Fprintf(out, "# %s: %s\n\n%s.\n", escaped(r.Target), r.Verdict, count(r.Samples, "row"))
	for _, f := range r.Findings {
		f.markdown(out)
	}
	if len(r.Counted)+len(r.Clean) > 0 {
		fmt.Fprintf(out, "\n## Nothing found\n\n")
	}
	for _, c := range r.Counted {
		fmt.Fprintf(out, "- **%s**: %s\n", c.Check, escaped(c.Text))
	}
	if len(r.Clean) > 0 {
		fmt.Fprintf(out, "- found none: %s\n", strings.Join(r.Clean, ", "))
	}
	if len(r.Checklist) > 0 {
		fmt.Fprintf(out, "\n## Before training\n\n")
	}
	for _, item := range r.Checklist {
		mark := "✗"
		if item.Done {
			mark = "✓"
		}
		fmt.Fprintf(out, "- %s **%s**: %s\n", mark, item.Name, escaped(item.Text))
	}
}

func (f *Finding) markdown(out io.Writer) {
	fmt.Fprintf(out, "\n## %s: %s\n\n%s.\n", strings.ToUpper(string(f.Severity)), f.Check, escaped(f.Text))
	if len(f.Details) > 0 {
		fmt.Fprintln(out)
	}
	for _, d := range f.Details {
		fmt.Fprintf(out, "- %s\n", escaped(d))
	}
	for _, e := range f.Examples {
		fmt.Fprintf(out, "\n%s", escaped(e.name()))
		if e.Why != "" {
			fmt.Fprintf(out, ": %s", escaped(e.Why))
		}
		fmt.Fprintln(out)
		if e.Quote != "" {
			fence := fenceFor(e.Quote)
			fmt.Fprintf(out, "\n%stext\n%s\n%s\n", fence, term.SafeLine(e.Quote), fence)
		}
	}
	fmt.Fprintf(out, "\nFix: %s.\n", escaped(f.Fix))
	if f.More != "" {
		fmt.Fprintf(out, "\n```sh\n%s\n```\n", f.More)
	}
}

// fenceFor is a fence that is longer than any in a text.
func fenceFor(text string) string {
	longest := 0
	for run := range strings.FieldsFuncSeq(text, func(r rune) bool { return r != '`' }) {
		longest = max(longest, len(run))
	}
	return strings.Repeat("`", max(3, longest+1))
}

// escaped makes text that may hold a model's words harmless in Markdown.
func escaped(text string) string {
	var b strings.Builder
	for _, r := range term.SafeLine(text) {
		if slices.Contains([]rune("\\`*_[]<>#|!&"), r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
