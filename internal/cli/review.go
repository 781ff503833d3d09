package cli

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/reviews"
	"github.com/identity-shaping/isf/internal/samples"
	"github.com/identity-shaping/isf/internal/term"
)

type reviewOptions struct {
	n    int
	seed uint64
}

func (a *app) reviewCommand() *cobra.Command {
	var o reviewOptions
	c := &cobra.Command{
		Use:   "review TARGET|FILE",
		Short: "Judge a random few rows, one key for each",
		Long: `Show random rows that nobody has reviewed, one at a time, and keep what you think
of each in NAME.reviews.jsonl beside the rows, which is to be committed.

  g  good          b  bad          s  or space: skip
  n  add a note    f  show it whole, with its thinking
  q  quit; what was judged is kept

A review belongs to what a row says: a row that is made again and says something
else counts as unreviewed.`,
		Example: `  isf review behaviour
  isf review behaviour -n 30 --seed 7`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if !c.Flags().Changed("seed") {
				o.seed = rand.Uint64()
			}
			return a.runReview(args[0], o, newKeyboard(c.Context(), os.Stdin, a.out))
		},
	}
	c.Flags().IntVarP(&o.n, "number", "n", 10, "how many rows; 0 for all")
	c.Flags().Uint64Var(&o.seed, "seed", 0, "choose the rows by this number (default a random one)")
	return c
}

func (a *app) runReview(name string, o reviewOptions, keys *keyboard) error {
	if o.n < 0 {
		return engine.Usagef("-n is how many rows to review; 0 is all")
	}
	w, s, err := a.source(name)
	if err != nil {
		return err
	}
	if w != nil {
		defer w.close()
	}
	book, err := reviews.Open(s.path)
	if err != nil {
		return err
	}
	drawn, done, err := s.unreviewed(book, o)
	if err != nil {
		return err
	}
	if s.notice != "" {
		fmt.Fprintln(a.err, s.notice)
	}
	r := &reviewer{book: book, keys: keys, out: a.out, before: done, all: drawn.Lines}
	return r.run(drawn.Rows)
}

// unreviewed draws rows that nobody has judged, and counts the others.
func (s source) unreviewed(book *reviews.Book, o reviewOptions) (*samples.Drawn, int, error) {
	f, err := s.file(outputRows)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	done := 0
	d, err := samples.Draw(samples.Rows(f), o.n, o.seed, []samples.Filter{func(l samples.Line) (bool, error) {
		row, err := samples.Decode(l)
		if err != nil {
			return false, err
		}
		_, ok := book.Of(row)
		if ok {
			done++
		}
		return !ok, nil
	}})
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", s.name, err)
	}
	return d, done, nil
}

// A reviewer shows rows and keeps what a person thinks of them.
type reviewer struct {
	book    *reviews.Book
	keys    *keyboard
	out     io.Writer
	all     int // rows there are
	before  int // of them reviewed earlier
	good    int
	bad     int
	skipped int
}

func (r *reviewer) run(rows []*samples.Row) error {
	for i, row := range rows {
		on, err := r.one(row, fmt.Sprintf("%d/%d", i+1, len(rows)))
		if err != nil {
			return err
		}
		if !on {
			break
		}
	}
	r.sum()
	return nil
}

// one shows a row until it is judged or skipped. It reports whether to go on.
func (r *reviewer) one(row *samples.Row, place string) (on bool, err error) {
	p := newRowPrinter(r.out, false)
	p.row(row, place)
	note := ""
	for {
		fmt.Fprint(r.out, p.Dim("g good · b bad · s skip · n note · f full · q quit "))
		key, err := r.keys.key()
		fmt.Fprintln(r.out)
		if err != nil {
			return false, err
		}
		switch key {
		case 'g', 'G':
			r.good++
			return true, r.keep(row, reviews.Good, note, p.Green("good"))
		case 'b', 'B':
			r.bad++
			return true, r.keep(row, reviews.Bad, note, p.Red("bad"))
		case 's', 'S', ' ':
			r.skipped++
			return true, nil
		case 'n', 'N':
			if note, err = r.note(p.Screen); err != nil {
				return false, err
			}
		case 'f', 'F':
			newRowPrinter(r.out, true).row(row, place)
		case 'q', 'Q', keyInterrupt, keyEnd, keyEscape:
			return false, nil
		}
	}
}

func (r *reviewer) note(s term.Screen) (string, error) {
	fmt.Fprint(r.out, s.Bold("note: "))
	text, ok, err := r.keys.line()
	fmt.Fprintln(r.out)
	if !ok {
		return "", err
	}
	return strings.TrimSpace(text), err
}

func (r *reviewer) keep(row *samples.Row, v reviews.Verdict, note, said string) error {
	if err := r.book.Add(row, v, note); err != nil {
		return err
	}
	if note != "" {
		said += ": " + term.SafeLine(note)
	}
	fmt.Fprintf(r.out, "%s\n\n", said)
	return nil
}

// sum says what was done and what is left.
func (r *reviewer) sum() {
	done := r.before + r.good + r.bad
	if r.good+r.bad+r.skipped == 0 && done >= r.all {
		fmt.Fprintf(r.out, "all %s are reviewed: %s\n", count(r.all, "row"), safe(r.book.File()))
		return
	}
	fmt.Fprintf(r.out, "%s good, %s bad, %s skipped; %s of %s reviewed\n", term.Count(int64(r.good)), term.Count(int64(r.bad)),
		term.Count(int64(r.skipped)), term.Count(int64(done)), count(r.all, "row"))
	if r.good+r.bad > 0 {
		fmt.Fprintf(r.out, "kept in %s\n", safe(r.book.File()))
	}
}
