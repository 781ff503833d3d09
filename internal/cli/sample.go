package cli

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/quality"
	"github.com/identity-shaping/isf/internal/samples"
	"github.com/identity-shaping/isf/internal/term"
)

type sampleOptions struct {
	n       int
	seed    uint64
	full    bool
	id      string
	where   []string
	errors  bool
	failed  bool
	changed bool
	finding string
	json    bool
	judgeOptions
}

func (a *app) sampleCommand() *cobra.Command {
	var o sampleOptions
	c := &cobra.Command{
		Use:   "sample TARGET|FILE",
		Short: "Show a random few of a target's rows",
		Long: `Show a random few of a target's rows, or of any JSONL or Parquet file. Every row has
the same chance, and the same seed shows the same rows. A file of millions of rows takes
no more memory than a small one.

--where takes FIELD=VALUE, FIELD!=VALUE, FIELD~TEXT (holds the text, in any letter
case), FIELD>NUMBER, and <, >=, <=; several must all hold. A field is one of the
row's, with dots between nested names; meta and input_data may be left out. Also:
prompt, answer, thinking, length (characters of the answer), turns.`,
		Example: `  isf sample behaviour
  isf sample behaviour -n 3 --full --seed 7
  isf sample behaviour --where score=5 --where answer~umbrella
  isf sample behaviour --finding truncated     # what ` + "`isf check`" + ` found
  isf sample behaviour --errors                # records that failed
  isf sample facts --changed                   # rows that the last build added or changed
  isf sample answers.jsonl -n 0 --json         # all rows, one JSON to a line`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if !c.Flags().Changed("seed") {
				o.seed = rand.Uint64N(1_000_000) // short, so that it can be typed again
			}
			return a.runSample(c.Context(), args[0], o)
		},
	}
	f := c.Flags()
	f.IntVarP(&o.n, "number", "n", 10, "how many rows; 0 for all")
	f.Uint64Var(&o.seed, "seed", 0, "choose the rows by this number (default a random one)")
	f.BoolVar(&o.full, "full", false, "show thinking, and long texts whole")
	f.StringVar(&o.id, "id", "", "the row with this id")
	f.StringArrayVar(&o.where, "where", nil, "only rows for which this holds, as score=3")
	f.BoolVar(&o.errors, "errors", false, "records that failed in the last build")
	f.BoolVar(&o.failed, "failed", false, "rows of the last build that failed as a whole; with --errors, of the records that failed in it")
	f.BoolVar(&o.changed, "changed", false, "only rows that the build before did not have with this content")
	f.StringVar(&o.finding, "finding", "", "only rows that this check finds; isf check --help lists them")
	o.judgeOptions.flags(a, c)
	f.BoolVar(&o.json, "json", false, "print the rows as they are in the file")
	return c
}

func (a *app) runSample(ctx context.Context, name string, o sampleOptions) error {
	if err := o.judgeOptions.check(); err != nil {
		return err
	}
	o.offline = true // looking is free
	if o.n < 0 {
		return engine.Usagef("-n is how many rows to show; 0 shows all")
	}
	w, s, err := a.source(name)
	if err != nil {
		return err
	}
	if w != nil {
		defer w.close()
	}
	filters, err := a.filters(ctx, w, s, o)
	if err != nil {
		return err
	}
	in, err := s.file(o.which())
	if err != nil {
		return err
	}
	defer in.Close()
	drawn, err := samples.Draw(samples.Rows(in), o.n, o.seed, filters)
	if err != nil {
		return fmt.Errorf("%s: %w", in.Name(), err)
	}
	if s.notice != "" {
		fmt.Fprintln(a.err, s.notice)
	}
	if len(drawn.Rows) == 0 {
		return nothing(name, drawn, o)
	}
	if o.json {
		for _, r := range drawn.Rows {
			fmt.Fprintln(a.out, string(r.Text))
		}
		return nil
	}
	printDrawn(a.out, drawn, o)
	return nil
}

func (o sampleOptions) which() which {
	switch {
	case o.failed:
		return failedRows
	case o.errors:
		return errorRows
	}
	return outputRows
}

// changes accepts the rows that the build before did not have.
func (s source) changes(w *workspace, o sampleOptions) (samples.Filter, error) {
	switch {
	case o.which() != outputRows:
		return nil, engine.Usagef("--changed compares rows of the output, and --errors and --failed show others")
	case s.target == nil:
		return nil, engine.Usagef("--changed: %s is a file, and only targets have a build before", s.name)
	}
	changed, err := w.Changed(s.target)
	if err != nil {
		return nil, err
	}
	return func(l samples.Line) (bool, error) { return changed(l.Text) }, nil
}

// filters are what the options ask of a row.
func (a *app) filters(ctx context.Context, w *workspace, s source, o sampleOptions) ([]samples.Filter, error) {
	var all []samples.Filter
	for _, text := range o.where {
		f, err := samples.Where(text)
		if err != nil {
			return nil, engine.Usagef("--where %w", err)
		}
		all = append(all, f)
	}
	if o.id != "" {
		all = append(all, samples.ByID(o.id))
	}
	if o.failed && o.errors {
		all = append(all, func(l samples.Line) (bool, error) {
			_, failed, err := samples.DecodeRecord(l.Text)
			return failed, err
		})
	}
	if o.changed {
		f, err := s.changes(w, o)
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	if o.finding == "" {
		return all, nil
	}
	f, err := a.found(ctx, w, s, o)
	return append([]samples.Filter{f}, all...), err
}

// found makes the checks to know which rows one of them finds.
func (a *app) found(ctx context.Context, w *workspace, s source, o sampleOptions) (samples.Filter, error) {
	switch {
	case !slices.Contains(quality.Names(), o.finding):
		return nil, engine.Usagef("--finding %s: there is no such check; checks are %s", o.finding, strings.Join(quality.Names(), ", "))
	case o.which() != outputRows:
		return nil, engine.Usagef("--finding looks at rows of the output, and --errors and --failed show others")
	}
	judged, err := a.judge(ctx, w, s, o.judgeOptions)
	if err != nil {
		return nil, err
	}
	r, err := s.check(ctx, w, judged, nil)
	if err != nil {
		return nil, err
	}
	f, any := r.Filter(o.finding)
	if !any {
		return nil, fmt.Errorf("the check %s finds no single rows of %s; `isf check %s` says what was found", o.finding, s.name, s.name)
	}
	return f, nil
}

func nothing(name string, d *samples.Drawn, o sampleOptions) error {
	switch {
	case d.Lines == 0:
		return fmt.Errorf("%s is empty: it has no rows", name)
	case o.id != "":
		return fmt.Errorf("%s has no row with the id %q", name, o.id)
	}
	return fmt.Errorf("none of the %s of %s matches", count(d.Lines, "row"), name)
}

func printDrawn(out io.Writer, d *samples.Drawn, o sampleOptions) {
	p := newRowPrinter(out, o.full || o.id != "")
	for i, r := range d.Rows {
		p.row(r, fmt.Sprintf("%d/%d", i+1, len(d.Rows)))
	}
	said := fmt.Sprintf("%s of %s", term.Count(int64(len(d.Rows))), count(d.Matched, "row"))
	if d.Matched < d.Lines {
		said += fmt.Sprintf(" matched, of %s in all", term.Count(int64(d.Lines)))
	}
	if len(d.Rows) < d.Matched {
		said += fmt.Sprintf(" · --seed %d shows these again", o.seed)
	}
	fmt.Fprintln(out, p.Dim(said))
}

// screenOf finds out about what a command writes to.
func screenOf(out io.Writer) term.Screen {
	if f, ok := out.(*os.File); ok {
		return term.ScreenOf(f)
	}
	return term.Screen{}
}
