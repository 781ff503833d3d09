package cli

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/samples"
	"github.com/identity-shaping/isf/internal/term"
	"github.com/identity-shaping/isf/internal/think"
)

func (a *app) showCommand() *cobra.Command {
	var raw, full bool
	c := &cobra.Command{
		Use:   "show TARGET:RECORD",
		Short: "Show one record: its input, every request and answer, and the row",
		Long: `Show one record as it was built: what went in, each step with what was really
sent and who answered, tokens, cost and times, whether the last build sent it or
found it in the cache, and the row that came out. A system prompt that several
steps share is shown once, and thinking is folded. Error rows are found too. Of
a minimal row the steps come from the cache.`,
		Example: `  isf show facts:extract-e056fbef5796
  isf show facts:extract-e056fbef5796 --full
  isf show behaviour:p-016201994c --json`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.in(nil, func(w *workspace) error { return a.runShow(w, args[0], raw, full) })
		},
	}
	c.Flags().BoolVar(&full, "full", false, "show thinking, too")
	c.Flags().BoolVar(&raw, "json", false, "print the row as it is in the file")
	return c
}

func (a *app) runShow(w *workspace, name string, raw, full bool) error {
	target, id, found := strings.Cut(name, ":")
	if !found || id == "" {
		return engine.Usagef("show takes TARGET:RECORD, as facts:ID; ids are the \"id\" fields of the target's rows")
	}
	text, err := w.FindRow(target, id)
	if err != nil {
		return err
	}
	if raw {
		_, err := fmt.Fprintln(a.out, string(text))
		return err
	}
	row, failed, err := samples.DecodeRecord(text)
	if err != nil {
		return fmt.Errorf("the row of %s is not JSON: %w", name, err)
	}
	if failed {
		text = nil
	}
	t, err := w.oneWithRows(target)
	if err != nil {
		return err
	}
	making, err := w.Making(t, row)
	if err != nil {
		return err
	}
	p := recordPrinter{rowPrinter: newRowPrinter(a.out, full), prompts: map[string]string{}}
	fmt.Fprintln(p.out, p.Bold(target+":"+term.SafeLine(id)))
	p.record(row, making, text)
	return nil
}

// A recordPrinter shows one record with all that is known of how it was made.
type recordPrinter struct {
	*rowPrinter
	prompts map[string]string // digest of a system prompt → the step that showed it
}

func (p *recordPrinter) record(row *samples.Record, m engine.Making, text []byte) {
	p.about(row, m)
	if made := row.Made(); len(made.Input) > 0 {
		p.head("input", "")
		p.json(made.Input)
	}
	for _, s := range m.Steps {
		p.step(s)
	}
	switch {
	case len(row.Messages) > 0:
		p.head("row", "")
		for _, msg := range row.Messages {
			p.said(p.role(msg.Role), msg.Content)
		}
		p.meta(row.Meta)
	case text != nil:
		p.head("row", "")
		p.json(text)
	}
}

// about says what is to know of the whole record.
func (p *recordPrinter) about(row *samples.Record, m engine.Making) {
	made := row.Made()
	if row.Error != "" {
		p.fact("failed", p.Red(safe(row.Error+": "+row.Message)))
	}
	if row.Pinned {
		p.fact("pinned", "a person wrote it; isf unpin lets the next build make it again")
	}
	if made.Kept != "" {
		p.fact("kept", safe(made.Kept)+" (answers are from before an edit)")
	}
	if made.File != "" {
		p.fact("made by", safe(made.File)+commitText(made.Commit))
	}
	if m.Build.Build != "" {
		p.fact("build", editionText(m.Build))
	}
	if m.From != nil {
		p.fact("made of", safe(fmt.Sprintf("%s of %s; isf show %s:%s", m.From.ID, m.From.Target, path.Base(m.From.Target), m.From.ID)))
	}
	if when := spanText(made.Started, made.Completed); when != "" {
		p.fact("asked", when)
	}
	if len(m.Steps) > 0 {
		p.fact("took", tookText(m.Steps))
	}
	if made.Extracted != "" {
		p.fact("worded", "as the lock file has it; the model said: "+safe(made.Extracted))
	}
}

// fact is one line about the record, its text under itself where it is long.
func (p *recordPrinter) fact(name, text string) {
	const column = 10
	for i, line := range term.Wrap(text, p.width-column-2) {
		if i > 0 {
			name = ""
		}
		fmt.Fprintf(p.out, "  %s%s\n", p.Dim(term.Left(name, column)), line)
	}
}

func (p *recordPrinter) head(title, facts string) {
	fmt.Fprintf(p.out, "\n%s %s\n", p.Dim("──"), p.Bold(title)+facts)
}

func commitText(commit string) string {
	if commit == "" {
		return ", not in git"
	}
	return ", commit " + safe(commit[:min(len(commit), 12)])
}

// spanText says when the first request began and how long it took until the last
// answer was there.
func spanText(from, to string) string {
	a, err := time.Parse(time.RFC3339Nano, from)
	b, berr := time.Parse(time.RFC3339Nano, to)
	if err != nil || berr != nil {
		return safe(from)
	}
	return fmt.Sprintf("%s to %s (%s)", a.Local().Format("2006-01-02 15:04:05"), b.Local().Format("15:04:05"), term.Duration(b.Sub(a)))
}

// tookText sums up what the answers took when they were asked for.
func tookText(steps []engine.MadeStep) string {
	var prompt, completion, nano int64
	counted, priced, sent := 0, 0, 0
	for _, s := range steps {
		if s.Known && !s.Hit {
			sent++
		}
		if s.Entry == nil {
			continue
		}
		if s.Entry.Usage.Known {
			counted++
			prompt, completion = prompt+s.Entry.Usage.Prompt, completion+s.Entry.Usage.Completion
		}
		if s.Entry.CostKnown {
			priced++
			nano += s.Entry.CostNano
		}
	}
	parts := []string{fmt.Sprintf("%s (%d sent by the last build)", count(len(steps), "request"), sent)}
	if counted > 0 {
		parts = append(parts, tokensText(prompt, completion))
	}
	switch {
	case priced == len(steps):
		parts = append(parts, term.Money(nano))
	case priced > 0:
		parts = append(parts, fmt.Sprintf("%s for those with a known price", term.Money(nano)))
	default:
		parts = append(parts, "cost unknown")
	}
	return strings.Join(parts, " · ")
}

func tokensText(prompt, completion int64) string {
	return fmt.Sprintf("%s + %s tokens", term.Count(prompt), term.Count(completion))
}

func (p *recordPrinter) step(s engine.MadeStep) {
	var facts []string
	if s.Resolved != "" && s.Resolved != s.Model {
		facts = append(facts, "answered by "+safe(s.Resolved))
	}
	if e := s.Entry; e != nil {
		if e.Usage.Known {
			facts = append(facts, tokensText(e.Usage.Prompt, e.Usage.Completion))
		}
		if e.CostKnown {
			facts = append(facts, term.Money(e.CostNano))
		}
		facts = append(facts, e.Start.Local().Format("15:04:05")+", "+term.Duration(e.End.Sub(e.Start)))
	}
	switch {
	case s.Known && s.Hit:
		facts = append(facts, "from the cache")
	case s.Known:
		facts = append(facts, "sent")
	}
	p.head("step "+term.SafeLine(s.ID), p.Dim(" · ")+safe(s.Model))
	if len(facts) > 0 {
		fmt.Fprintf(p.out, "  %s\n", p.Dim(strings.Join(facts, " · ")))
	}
	if _, attempt, again := strings.Cut(s.ID, "."); again {
		fmt.Fprintf(p.out, "  %s\n", p.Dim("asked again after a rejected answer, attempt "+safe(attempt)))
	}
	if s.Key != "" { // the Python toolkit had none
		fmt.Fprintf(p.out, "  %s\n", p.Dim("key "+safe(s.Key)))
	}
	fmt.Fprintf(p.out, "  %s\n", p.Dim("sampling "+safe(string(s.Sampling))))
	for _, m := range s.Messages {
		if m.Role == "system" && s.SysPrompt != "" {
			if first, ok := p.prompts[s.SysPrompt]; ok {
				fmt.Fprintf(p.out, "  %s %s\n", p.role(m.Role), p.Dim("the same as in step "+safe(first)))
				continue
			}
			p.prompts[s.SysPrompt] = s.ID
		}
		p.said(p.role(m.Role), m.Content)
	}
	switch {
	case s.Response != nil:
		p.said(p.Green("answer")+p.Dim(" ("+or(s.Finish, "unknown finish")+")"), *s.Response)
	case s.Error == "":
		fmt.Fprintf(p.out, "  %s\n", p.Dim("no answer"))
	}
	if s.Error != "" {
		what := "failed:"
		if s.Response != nil {
			what = "rejected:"
		}
		fmt.Fprintf(p.out, "  %s %s\n", p.Red(what), safe(s.Error))
	}
	if s.Entry == nil && s.Key != "" && s.Response != nil {
		fmt.Fprintf(p.out, "  %s\n", p.Dim("this answer is not in the cache any more"))
	}
}

// said shows a text whole, with thinking folded.
func (p *recordPrinter) said(label, text string) {
	thinking, rest := think.Extract(text)
	if thinking != "" {
		text = rest
		if p.full {
			p.whole(p.Dim("thinking"), thinking)
		} else {
			fmt.Fprintf(p.out, "  %s\n", p.Dim("thinking, "+count(len([]rune(thinking)), "character")+" (--full)"))
		}
	}
	p.whole(label, text)
}

func (p *recordPrinter) whole(label, text string) {
	fmt.Fprintf(p.out, "  %s\n", label)
	for _, l := range p.wrap(strings.TrimRight(safe(text), "\n "), p.width-4) {
		fmt.Fprintln(p.out, strings.TrimRight("    "+l, " "))
	}
}

// json shows an object member by member: what fits beside its name, and texts
// under theirs.
func (p *recordPrinter) json(text []byte) {
	members, isObject := members(text)
	if !isObject {
		p.whole("", indented(text))
		return
	}
	column := 0
	for _, m := range members {
		column = max(column, min(term.Columns(m.Label), 16))
	}
	for _, m := range members {
		label := p.Cyan(term.SafeLine(m.Label))
		if body := safe(m.Body); !strings.Contains(body, "\n") && column+4+term.Columns(body) <= p.width {
			fmt.Fprintf(p.out, "  %s  %s\n", term.Left(label, column), body)
			continue
		}
		p.whole(label, m.Body)
	}
}

func (p *recordPrinter) meta(meta map[string]any) {
	text, err := json.Marshal(meta)
	if err != nil || len(meta) == 0 {
		return
	}
	p.head("meta", "")
	p.json(text)
}

// members are the members of an object in their order, texts without quotes.
func members(text []byte) (out []samples.Text, isObject bool) {
	dec := json.NewDecoder(bytes.NewReader(text))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return nil, false
	}
	for dec.More() {
		name, err := dec.Token()
		var value json.RawMessage
		if err != nil || dec.Decode(&value) != nil {
			return out, true
		}
		if name == "provenance" || name == "pinned" {
			continue // told above
		}
		body := string(value)
		_ = json.Unmarshal(value, &body) // what is no text is shown as it is
		out = append(out, samples.Text{Label: fmt.Sprint(name), Body: body})
	}
	return out, true
}

// folded replaces thinking with its length.
func folded(text string) string {
	thinking, rest := think.Extract(text)
	if thinking == "" {
		return text
	}
	return fmt.Sprintf("[thinking, %s]\n%s", count(len([]rune(thinking)), "character"), rest)
}

// quote makes text fit for a terminal and indents it.
func quote(text string) string { return indent(safe(text)) }

func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ")
}

func indented(text []byte) string {
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		return string(text)
	}
	return b.String()
}

func or(text, otherwise string) string { return safe(cmp.Or(text, otherwise)) }
