package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/quality"
	"github.com/identity-shaping/isf/internal/rubric"
	"github.com/identity-shaping/isf/internal/term"
)

type checkOptions struct {
	output string
	format string
	json   bool
	judgeOptions
}

func (a *app) checkCommand() *cobra.Command {
	var o checkOptions
	c := &cobra.Command{
		Use:   "check [TARGET|FILE…]",
		Short: "Report what a reader would mind in training data, and a verdict",
		Long: `Read all rows of targets, or of any JSONL or Parquet files, and report
what a reader would mind, with examples, the likely fix, and the command that
shows the rest.
Without arguments, everything that was built is checked.

The verdict is OK, LOOK (somebody should look before training on it) or BAD (not
to be trained on as it is); BAD exits with 1. Thresholds are in isf.yaml under
checks, and under checks.targets for single targets; checks.off turns checks off.

With --judge a model reads a few rows by a rubric: a Markdown file in which each
heading "## NAME" is a criterion, and the text below says what breaks it. The
same rows are judged each time, from the cache where they have not changed. It is
the one check that asks anything, and an opinion: it says LOOK, never BAD.

Every target with rows has a report as a target, NAME.report. Built once, it goes
stale and is built like any other.

The checks:

` + wrapped(strings.Join(quality.Names(), ", ")),
		Example: `  isf check behaviour
  isf check                                    # everything that was built
  isf check answers.jsonl                      # before there is a project
  isf check behaviour -o report.md             # or .json, .txt; see --format
  isf check behaviour --judge judge --rubric prompts/rubric.md
  isf build behaviour.report                   # as a target: .report.md and .report.json`,
		RunE: func(c *cobra.Command, args []string) error { return a.runCheck(c.Context(), args, o) },
	}
	c.Flags().StringVarP(&o.output, "output", "o", "", "write the report to this file")
	c.Flags().StringVar(&o.format, "format", "", "text, markdown or json (default by the file's ending, else text)")
	c.Flags().BoolVar(&o.json, "json", false, "print JSON, as --format json")
	o.judgeOptions.flags(a, c)
	c.Flags().StringVar(&o.maxCost, "max-cost", "", "stop when the next request to the judge could make this cost more than so many USD")
	return c
}

func wrapped(text string) string { return strings.Join(term.Wrap(text, 80), "\n") }

func (a *app) runCheck(ctx context.Context, args []string, o checkOptions) error {
	write, err := o.writer()
	if err != nil {
		return err
	}
	if err := o.judgeOptions.check(); err != nil {
		return err
	}
	w, found, err := a.sources(args)
	if err != nil {
		return err
	}
	if w != nil {
		defer w.close()
	}
	if len(found) == 0 {
		return fmt.Errorf("nothing was built yet, so there is nothing to check: run `isf build`")
	}
	reports, err := a.check(ctx, w, found, o.judgeOptions)
	if err != nil {
		return err
	}
	if err := o.write(a.out, write, reports); err != nil {
		return err
	}
	for _, r := range reports {
		if r.Verdict == quality.VerdictBad {
			return errTold
		}
	}
	return nil
}

func (a *app) check(ctx context.Context, w *workspace, found []source, o judgeOptions) ([]*quality.Report, error) {
	var reports []*quality.Report
	for _, s := range found {
		if s.notice != "" {
			fmt.Fprintln(a.err, s.notice)
		}
		judged, err := a.judge(ctx, w, s, o)
		if err != nil {
			return nil, err
		}
		r, err := s.check(ctx, w, judged, o.again())
		if err != nil {
			return nil, err
		}
		reports = append(reports, r)
	}
	return reports, nil
}

// check makes the checks on a source's rows. judged is what the model said that
// by names; nil where none was asked.
func (s source) check(ctx context.Context, w *workspace, judged *rubric.Judged, by []string) (*quality.Report, error) {
	var p *engine.Project
	if w != nil {
		p = w.Project
	}
	o := p.DefaultChecking(s.name)
	if s.target != nil {
		o = p.Checking(s.target)
	}
	o.Judged, o.JudgedBy = judged, by
	return engine.CheckFile(ctx, s.path, o)
}

// A reportWriter writes reports in one format.
type reportWriter func(out io.Writer, reports []*quality.Report) error

// writer chooses the format before anything is read.
func (o checkOptions) writer() (reportWriter, error) {
	format := o.format
	switch {
	case format == "" && (o.json || strings.HasSuffix(o.output, ".json")):
		format = "json"
	case format == "" && strings.HasSuffix(o.output, ".md"):
		format = "markdown"
	}
	switch format {
	case "json":
		return writeReportsJSON, nil
	case "markdown", "md":
		return writeReportsMarkdown, nil
	case "", "text":
		return writeReportsText, nil
	}
	return nil, engine.Usagef("--format is text, markdown or json, not %q", format)
}

// write writes the reports to where they are wanted. A file's verdicts are told
// on the terminal as well.
func (o checkOptions) write(out io.Writer, write reportWriter, reports []*quality.Report) error {
	if o.output == "" {
		return write(out, reports)
	}
	f, err := os.Create(o.output)
	if err != nil {
		return err
	}
	if err := write(f, reports); err != nil {
		_ = f.Close()
		return err
	}
	printVerdicts(out, reports, ": "+o.output)
	return f.Close()
}

// printVerdicts writes a line for each report.
func printVerdicts(out io.Writer, reports []*quality.Report, where string) {
	for _, r := range reports {
		fmt.Fprintf(out, "%-4s %s, %s%s\n", r.Verdict, safe(r.Target), count(len(r.Findings), "finding"), safe(where))
	}
}

func writeReportsText(out io.Writer, reports []*quality.Report) error {
	for i, r := range reports {
		if i > 0 {
			fmt.Fprintln(out)
		}
		r.WriteText(out, screenOf(out))
	}
	if len(reports) > 1 {
		fmt.Fprintln(out)
		printVerdicts(out, reports, "")
	}
	return nil
}

func writeReportsMarkdown(out io.Writer, reports []*quality.Report) error {
	for i, r := range reports {
		if i > 0 {
			fmt.Fprintln(out)
		}
		r.WriteMarkdown(out)
	}
	return nil
}

func writeReportsJSON(out io.Writer, reports []*quality.Report) error {
	return writeJSON(out, map[string]any{"targets": reports})
}
