package cli

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/pflag"

	"github.com/identity-shaping/isf/dispatch"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/term"
)

// resampleOptions are the flags of verify that ask models again.
type resampleOptions struct {
	engine.Resampling
	maxCost string // USD
}

func (o *resampleOptions) flags(f *pflag.FlagSet) {
	f.IntVar(&o.Number, "resample", 0, "ask N of the stored requests again, and compare the answers")
	f.Int64Var(&o.Seed, "seed", 0, "with --resample: another number chooses other requests")
	f.StringVar(&o.maxCost, "max-cost", "", "with --resample: stop when the next request could make it cost more than so many USD")
	f.Int64Var(&o.Budget.Requests, "max-requests", 0, "with --resample: send at most so many requests, repeated ones included")
}

// check refuses flags that mean nothing.
func (o *resampleOptions) check(given func(string) bool) (err error) {
	switch {
	case given("resample") && o.Number < 1:
		return engine.Usagef("--resample %d: give a number of requests above 0", o.Number)
	case given("max-requests") && o.Budget.Requests < 1:
		return engine.Usagef("--max-requests takes a number above 0")
	case o.Number == 0 && (given("seed") || given("max-cost") || given("max-requests")):
		return engine.Usagef("--seed, --max-cost and --max-requests are of --resample N: nothing else here sends a request")
	}
	o.Getenv = os.Getenv
	o.Budget.CostNano, err = maxCost(o.maxCost)
	return err
}

// tellStopped says why not all were asked. What is told of builds, that their
// answers are kept, is not so here.
func (a *app) tellStopped(err error) error {
	var over *dispatch.Over
	switch {
	case errors.Is(err, engine.ErrInterrupted):
		fmt.Fprintln(a.err, "isf: interrupted; the answers that had come are compared above")
		return exitCode(exitInterrupted)
	case errors.As(err, &over):
		fmt.Fprintf(a.err, "isf: the budget does not allow the next request: %s; the answers that had come are compared above\n", spentOf(over))
		return errTold
	}
	return err
}

func printResampled(out io.Writer, r *engine.Resampled) {
	fmt.Fprintf(out, "\n%s asked again", count(len(r.Answers), "request"))
	if r.Cost != nil {
		fmt.Fprintf(out, ", for %s", term.Money(int64(*r.Cost*1e9)))
	}
	fmt.Fprintln(out)
	for _, m := range r.Models {
		printAgreement(out, m)
	}
	for _, n := range r.NotAsked {
		fmt.Fprintf(out, "not asked: %s: %s\n", count(n.Answers, "answer"), safe(n.Reason))
	}
	for _, c := range r.Answers {
		if c.Error != "" {
			fmt.Fprintf(out, "no answer: %s: %s\n", c.Key, safe(c.Error))
		}
	}
}

// printAgreement says how far one model agrees with what it said.
func printAgreement(out io.Writer, m *engine.Agreement) {
	n := m.Answered()
	fmt.Fprintf(out, "  %s (%s): ", safe(m.Model), safe(m.Origin))
	if n == 0 {
		fmt.Fprintln(out, "no answers")
		return
	}
	fmt.Fprintf(out, "%d of %d identical", m.Identical, n)
	if m.Similarity != nil {
		fmt.Fprintf(out, ", the others %.0f%% alike", 100**m.Similarity)
	}
	fmt.Fprintf(out, "; same finish reason in %d, same model_resolved in %d", m.SameFinish, m.SameModel)
	if m.Cost != nil {
		fmt.Fprintf(out, "; %s", term.Money(int64(*m.Cost*1e9)))
	} else {
		fmt.Fprint(out, "; cost unknown")
	}
	fmt.Fprintln(out)
}
