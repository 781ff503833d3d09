package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/samples"
	"github.com/identity-shaping/isf/internal/think"
)

func (a *app) showCommand() *cobra.Command {
	var raw bool
	c := &cobra.Command{
		Use:   "show TARGET:RECORD",
		Short: "Show one record: its input, every request and answer, and the row",
		Long: `Show one record as it was built: what went in, each step with what was really
sent and who answered, and the row that came out. A system prompt that several
steps share is shown once. Error rows are found too.`,
		Example: `  isf show facts:extract-e056fbef5796
  isf show behaviour:p-016201994c --json`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			w, err := a.open(nil)
			if err != nil {
				return err
			}
			defer w.close()
			return a.runShow(w, args[0], raw)
		},
	}
	c.Flags().BoolVar(&raw, "json", false, "print the row as it is in the file")
	return c
}

func (a *app) runShow(w *workspace, name string, raw bool) error {
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
	if row.ID == "" {
		row.ID = id // as a row without one is called
	}
	printRow(a.out, target, row, text)
	return nil
}

func printRow(out io.Writer, target string, row *samples.Record, text []byte) {
	fmt.Fprintf(out, "%s:%s\n", target, safe(row.ID))
	made := row.Made()
	if made.File != "" {
		fmt.Fprintf(out, "made by %s, commit %s, %s to %s\n", safe(made.File), or(made.Commit, "unknown"), or(made.Started, "?"), or(made.Completed, "?"))
	}
	if row.Error != "" {
		fmt.Fprintf(out, "failed: %s: %s\n", safe(row.Error), safe(row.Message))
	}
	if len(made.Input) > 0 {
		section(out, "input", indented(made.Input))
	}
	known := map[string]string{}
	for _, s := range made.Steps {
		printStep(out, s, known)
	}
	switch {
	case len(row.Messages) > 0:
		section(out, "row", "")
		for _, m := range row.Messages {
			printTurn(out, m.Role, m.Content)
		}
	case text != nil:
		section(out, "row", indented(fields(text)))
	}
}

func printStep(out io.Writer, s samples.RecordStep, known map[string]string) {
	title := fmt.Sprintf("step %s: asked %s", s.ID, s.Model)
	if s.Resolved != "" {
		title += ", answered by " + s.Resolved
	}
	about := fmt.Sprintf("sampling %s", s.Sampling)
	if s.Key != "" { // the Python toolkit had none
		about = "key " + s.Key + "\n" + about
	}
	section(out, title, about)
	for _, m := range s.Messages {
		if m.Role == "system" && s.SysPrompt != "" {
			if first, ok := known[s.SysPrompt]; ok {
				fmt.Fprintf(out, "  system: the same as in step %s\n", safe(first))
				continue
			}
			known[s.SysPrompt] = s.ID
		}
		printTurn(out, m.Role, m.Content)
	}
	if s.Response != nil {
		fmt.Fprintf(out, "  answer (%s):\n%s\n", safe(or(s.Finish, "unknown finish")), quote(folded(*s.Response)))
	}
	if s.Error != "" {
		fmt.Fprintf(out, "  error: %s\n", safe(s.Error))
	}
}

func section(out io.Writer, title, body string) {
	fmt.Fprintf(out, "\n%s\n", safe(title))
	if body != "" {
		fmt.Fprintln(out, quote(body))
	}
}

func printTurn(out io.Writer, role, content string) {
	fmt.Fprintf(out, "  %s:\n%s\n", safe(role), quote(folded(content)))
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

// fields returns a table's row without its provenance.
func fields(text []byte) []byte {
	var all map[string]json.RawMessage
	if json.Unmarshal(text, &all) != nil {
		return text
	}
	delete(all, "provenance")
	out, err := json.Marshal(all)
	if err != nil {
		return text
	}
	return out
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return safe(text)
}
