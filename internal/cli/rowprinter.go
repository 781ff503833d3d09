package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/identity-shaping/isf/internal/samples"
	"github.com/identity-shaping/isf/internal/term"
	"github.com/identity-shaping/isf/internal/think"
)

// A rowPrinter shows rows as they read: roles in colours, text wrapped, thinking
// folded to its length.
type rowPrinter struct {
	term.Screen
	out   io.Writer
	full  bool
	width int
}

// Lines longer than about this are hard to read, however wide the terminal.
const readable = 100

// shownLines of a text are shown unless --full is given.
const shownLines = 40

func newRowPrinter(out io.Writer, full bool) *rowPrinter {
	s := screenOf(out)
	return &rowPrinter{Screen: s, out: out, full: full, width: min(s.Width(), readable)}
}

// row shows a row under a line with its place, id, score and source.
func (p *rowPrinter) row(r *samples.Row, place string) {
	parts := []string{place, p.Bold(term.SafeLine(r.Name()))}
	for _, field := range []string{"score", "source"} {
		if v, ok := r.Field(field); ok && v != "" && v != "null" {
			parts = append(parts, field+" "+term.SafeLine(term.Cut(v, 60)))
		}
	}
	fmt.Fprintf(p.out, "%s %s\n", p.Dim("──"), strings.Join(parts, p.Dim(" · ")))
	switch {
	case r.Failed != nil:
		p.failure(r)
	case r.Messages != nil:
		for _, m := range r.Messages {
			p.turn(m)
		}
	default:
		p.fields(r)
	}
	fmt.Fprintln(p.out)
}

func (p *rowPrinter) turn(m samples.Message) {
	thinking, rest := think.Extract(m.Content)
	if m.Role != "assistant" {
		thinking, rest = "", m.Content
	}
	if thinking != "" && p.full {
		p.block(p.Dim("thinking"), thinking)
	} else if thinking != "" {
		fmt.Fprintf(p.out, "  %s\n", p.Dim("thinking, "+count(len([]rune(thinking)), "character")))
	}
	p.block(p.role(m.Role), rest)
}

func (p *rowPrinter) role(role string) string {
	role = term.SafeLine(role)
	switch role {
	case "user":
		return p.Cyan(role)
	case "assistant":
		return p.Green(role)
	}
	return p.Yellow(role)
}

func (p *rowPrinter) failure(r *samples.Row) {
	fmt.Fprintf(p.out, "  %s %s\n", p.Red("failed: "+term.SafeLine(r.Failed.Kind)), safe(r.Failed.Message))
	if steps := r.Steps(); len(steps) > 0 {
		last := steps[len(steps)-1]
		for _, m := range last.Messages {
			if m.Role != "system" {
				p.turn(m)
			}
		}
		p.turn(samples.Message{Role: "assistant", Content: last.Response})
	}
}

// fields shows a table's row: its own fields, without how it was made.
func (p *rowPrinter) fields(r *samples.Row) {
	var all map[string]json.RawMessage
	if json.Unmarshal(r.Text, &all) != nil {
		return
	}
	var names []string
	for name := range all {
		if name != "id" && name != "provenance" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		v, _ := r.Field(name)
		p.block(p.Cyan(term.SafeLine(name)), v)
	}
}

// block shows a text under its label. A long one is cut unless all is wanted.
func (p *rowPrinter) block(label, text string) {
	fmt.Fprintf(p.out, "  %s\n", label)
	lines := p.wrap(strings.TrimRight(safe(text), "\n "), p.width-4)
	rest := 0
	if !p.full && len(lines) > shownLines+5 {
		rest = len(lines) - shownLines
		lines = lines[:shownLines]
	}
	for _, l := range lines {
		fmt.Fprintln(p.out, strings.TrimRight("    "+l, " "))
	}
	if rest > 0 {
		fmt.Fprintf(p.out, "    %s\n", p.Dim(fmt.Sprintf("… %s more (--full)", count(rest, "line"))))
	}
}

// wrap breaks lines that are too wide and leaves all others as they are; what
// is indented stays so.
func (p *rowPrinter) wrap(text string, width int) []string {
	var out []string
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\t", "    "), "\n") {
		if term.Columns(line) <= width {
			out = append(out, line)
			continue
		}
		rest := strings.TrimLeft(line, " ")
		indent := min(len(line)-len(rest), width/2)
		for _, l := range term.Wrap(rest, width-indent) {
			out = append(out, strings.Repeat(" ", indent)+l)
		}
	}
	return out
}
