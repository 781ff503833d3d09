package cli

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/internal/engine"
)

func (a *app) promptCommand() *cobra.Command {
	var record string
	var asJSON bool
	c := &cobra.Command{
		Use:   "prompt [NAME]",
		Short: "Show a prompt file as it is rendered for a record",
		Long: `Show a prompt file of prompts/ as it is rendered for a record. The pipelines
that use it are replayed from the cache, so the text is what a build would send
now, edits included; nothing is sent. RECORD is an id of the target: of a row, or
of what a stage works on. A target that no pipeline using the prompt reads fills
it with the fields of its row.

Without --record: the variables that the prompt reads, and who uses it. Without
NAME: all prompts.`,
		Example: `  isf prompt
  isf prompt question
  isf prompt question --record facts:extract-e056fbef5796
  isf prompt prompts/choice.md --json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			w, err := a.open(nil)
			if err != nil {
				return err
			}
			defer w.close()
			if len(args) == 0 && record != "" {
				return engine.Usagef("--record needs the name of a prompt: isf prompt NAME --record %s", record)
			}
			if len(args) == 0 {
				return a.listPromptFiles(w, asJSON)
			}
			return a.runPrompt(c.Context(), w, args[0], record, asJSON)
		},
	}
	c.Flags().StringVar(&record, "record", "", "render it for this record: TARGET:RECORD")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// promptFile is one prompt of `prompt --json`.
type promptFile struct {
	Path       string      `json:"path"`
	Wants      []string    `json:"wants"`
	UsedBy     []string    `json:"used_by"`
	Error      string      `json:"error,omitempty"`
	Renderings []rendering `json:"renderings,omitempty"`
}

type rendering struct {
	Target  string   `json:"target,omitempty"`
	Stage   string   `json:"stage,omitempty"`
	Record  string   `json:"record"`
	Text    string   `json:"text"`
	Missing []string `json:"missing,omitempty"`
}

func newPromptFile(f engine.PromptFile) promptFile {
	out := promptFile{Path: f.Path, Wants: append([]string{}, f.Wants...), UsedBy: []string{}}
	for _, t := range f.Users {
		out.UsedBy = append(out.UsedBy, t.Name)
	}
	return out
}

func (a *app) listPromptFiles(w *workspace, asJSON bool) error {
	files, err := w.PromptFiles()
	if err != nil {
		return err
	}
	all := []promptFile{}
	for _, name := range files {
		f, err := w.PromptFile(name)
		one := newPromptFile(f)
		if err != nil {
			one.Path, one.Error = name, err.Error()
		}
		all = append(all, one)
	}
	if asJSON {
		return writeJSON(a.out, all)
	}
	if len(all) == 0 {
		fmt.Fprintln(a.out, "There are no prompts: the folder prompts/ has no files.")
	}
	for _, f := range all {
		a.printPromptFile(f)
	}
	return nil
}

func (a *app) printPromptFile(f promptFile) {
	fmt.Fprintln(a.out, safe(f.Path))
	if f.Error != "" {
		fmt.Fprintf(a.out, "  - %s\n", safe(f.Error))
		return
	}
	fmt.Fprintf(a.out, "  reads    %s\n", or(strings.Join(f.Wants, ", "), "no variables"))
	fmt.Fprintf(a.out, "  used by  %s\n", or(strings.Join(f.UsedBy, ", "), "no pipeline"))
}

func (a *app) runPrompt(ctx context.Context, w *workspace, name, record string, asJSON bool) error {
	f, err := w.PromptFile(name)
	if err != nil {
		return err
	}
	out := newPromptFile(f)
	if record != "" {
		target, id, found := strings.Cut(record, ":")
		if !found || id == "" {
			return engine.Usagef("--record takes TARGET:RECORD, as facts:ID; ids are the \"id\" fields of the target's rows")
		}
		t, err := w.oneDataset(target)
		if err != nil {
			return err
		}
		all, err := w.RenderFor(ctx, f, t, id, w.reader, os.Getenv)
		if err != nil {
			return err
		}
		for _, r := range all {
			out.Renderings = append(out.Renderings, rendering(r))
		}
	}
	switch {
	case asJSON:
		return writeJSON(a.out, out)
	case record == "":
		a.printPromptFile(out)
		return nil
	}
	for i, r := range out.Renderings {
		if i > 0 {
			fmt.Fprintln(a.out)
		}
		a.printRendering(f.Path, record, r)
	}
	return nil
}

// printRendering writes the text as it is, between lines that say where it is
// from: those go to standard error, so that a pipe gets the text alone.
func (a *app) printRendering(file, record string, r rendering) {
	if r.Target == "" {
		fmt.Fprintf(a.err, "%s with the fields of %s; no pipeline fills it for this record\n", file, safe(record))
	} else {
		fmt.Fprintf(a.err, "%s as %s fills it, stage %s, record %s\n", file, r.Target, safe(r.Stage), safe(r.Record))
	}
	if len(r.Missing) > 0 {
		fmt.Fprintf(a.err, "note: it reads %s, which the record does not have: it renders as nothing\n", safe(strings.Join(r.Missing, ", ")))
	}
	fmt.Fprintln(a.out, safe(strings.TrimSuffix(r.Text, "\n")))
}
