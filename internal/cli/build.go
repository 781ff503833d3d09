package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/term"
)

// buildOptions are the flags that build and pipeline run share.
type buildOptions struct {
	engine.Options
	annotate, noAnnotate bool
	sets                 []string
	maxCost              string // USD
	yes                  bool
	retryErrors          bool
	json                 bool
	events, trace        string // files
}

func (o *buildOptions) flags(c *cobra.Command) {
	f := c.Flags()
	f.IntVarP(&o.Limit, "limit", "n", 0, "only the first N records; the result is PARTIAL, or beside a full output NAME.partial.jsonl")
	f.IntVarP(&o.Workers, "workers", "w", 0, "requests in flight (default: the pipeline's, else worker_concurrency of isf.yaml, else 50)")
	f.StringVarP(&o.Output, "output", "o", "", "write the rows to this file, relative to the project, and leave the target alone")
	f.BoolVar(&o.annotate, "annotate", false, "write provenance into the rows, whatever the pipeline says")
	f.BoolVar(&o.noAnnotate, "no-annotate", false, "write minimal rows, whatever the pipeline says")
	f.StringArrayVar(&o.sets, "set", nil, "set a parameter: NAME=VALUE or PIPELINE.NAME=VALUE (repeatable)")
	f.BoolVarP(&o.KeepGoing, "keep-going", "k", false, "go on with other targets after one has failed")
	f.BoolVar(&o.Force, "force", false, "run targets that are current, and replace outputs that were edited by hand")
	f.BoolVar(&o.AllowPartial, "allow-partial", false, "prepare recipes also over sources that are partial or failed; they are PARTIAL then")
	f.BoolVar(&o.retryErrors, "retry-errors", false, "ask again for the records whose answers led to an error, as if those had been rejected; a decision, so it is written down")
	f.BoolVar(&o.Offline, "offline", false, "send nothing; fail at the first request that is not in the cache")
	f.BoolVar(&o.Refresh, "refresh", false, "look whether remote data has a newer revision, and build from that")
	f.BoolVar(&o.NoWait, "no-wait", false, "fail where another process builds a target, in place of waiting")
	f.StringVar(&o.maxCost, "max-cost", "", "stop when the next request could make this build cost more than so many USD")
	f.Int64Var(&o.Budget.Requests, "max-requests", 0, "send at most so many requests, repeated ones included")
	f.Int64Var(&o.Budget.Tokens, "max-tokens", 0, "stop when the next request could take more than so many tokens in all")
	f.BoolVarP(&o.yes, "yes", "y", false, "do not ask before an expensive build (budget.confirm_above)")
	f.BoolVar(&o.json, "json", false, "print the report as JSON on standard output")
	f.StringVar(&o.events, "events", "", "write what happens into this file, one JSON object on a line")
	f.StringVar(&o.trace, "trace", "", "write a timeline into this file, for chrome://tracing or ui.perfetto.dev")
}

// check refuses flags that contradict each other.
func (o *buildOptions) check(targets int) error {
	switch {
	case o.annotate && o.noAnnotate:
		return engine.Usagef("--annotate and --no-annotate contradict each other")
	case o.Limit < 0:
		return engine.Usagef("-n %d: give a number of records above 0", o.Limit)
	case o.Workers < 0:
		return engine.Usagef("-w %d: give a number of workers above 0", o.Workers)
	case o.Output != "" && targets != 1:
		return engine.Usagef("-o takes the rows of one target: name just one")
	}
	if err := o.checkBudget(); err != nil {
		return err
	}
	if o.annotate || o.noAnnotate {
		o.Annotate = &o.annotate
	}
	return nil
}

func (a *app) buildCommand() *cobra.Command {
	var o buildOptions
	c := &cobra.Command{
		Use:   "build [TARGET…]",
		Short: "Make targets current; ask only what was never asked",
		Long: `Make targets, and what they need, current. Only requests whose answers are not
in the cache are sent. Without a target everything is built.

A target is a name (training/data/facts or just facts), a path, a glob,
training/data/all (every dataset), training/data/prepared/all (every recipe),
or all. +t adds what t needs, t+ what needs t.`,
		Example: `  isf build                                  # everything
  isf build training/data/all                # every dataset, and what it needs
  isf build identity-augmentation -n 10      # ten records of one pipeline
  isf build --max-cost 2.50                  # no more than so many USD
  isf build --offline                        # from the cache alone`,
		RunE: func(c *cobra.Command, args []string) error {
			return a.runBuild(c.Context(), args, o)
		},
	}
	o.flags(c)
	return c
}

func (a *app) runBuild(ctx context.Context, patterns []string, o buildOptions) error {
	w, err := a.open(o.sets)
	if err != nil {
		return err
	}
	defer w.close()
	if a.broken != nil {
		return a.broken
	}
	if len(patterns) == 0 {
		patterns = []string{"all"}
	}
	targets, err := w.Graph.Select(patterns)
	if err != nil {
		return engine.Usagef("%w", err)
	}
	if err := o.check(len(targets)); err != nil {
		return err
	}
	if o.Limit > 0 {
		if targets = withoutRecipes(targets); len(targets) == 0 {
			return engine.Usagef("-n is a number of a pipeline's records, and recipes and reports take all there is: name pipelines")
		}
	}
	if o.retryErrors {
		o.retryErrors = false
		if again, err := a.retryAll(w, targets); again || err != nil {
			if err != nil {
				return err
			}
			return a.runBuild(ctx, patterns, o) // of the project as it is with the decisions
		}
	}
	return a.build(ctx, w, targets, o)
}

// retryAll decides to ask again for every record of targets whose answers led to
// an error.
func (a *app) retryAll(w *workspace, targets []*graph.Target) (any bool, err error) {
	for _, t := range targets {
		if t.Pipeline == "" || t.Errors == "" {
			continue
		}
		all, err := w.Retries(t)
		if err != nil || len(all) == 0 {
			if err != nil {
				return any, err
			}
			continue
		}
		if err := w.Decide(t, all); err != nil {
			return any, err
		}
		fmt.Fprintf(a.err, "%s: %s asked again\n", t.Name, count(len(all), "record"))
		any = true
	}
	return any, nil
}

// withoutRecipes leaves out what is only made from full sources: recipes, and
// reports.
func withoutRecipes(targets []*graph.Target) []*graph.Target {
	return slices.DeleteFunc(slices.Clone(targets), func(t *graph.Target) bool { return t.Kind == graph.Recipe || t.Kind == graph.Report })
}

// build runs the engine with the progress display and prints the report.
func (a *app) build(ctx context.Context, w *workspace, targets []*graph.Target, o buildOptions) error {
	o.Getenv = os.Getenv
	foreseen, err := a.foresee(ctx, w, targets, o)
	if err != nil {
		return err
	}
	display := newDisplay(a.err, foreseen)
	o.Log = display.log
	start := time.Now()
	rec, err := record(o.events, o.trace)
	if err != nil {
		return err
	}
	o.Event = rec.listener()
	deaf := func() {}
	results, err := w.Build(ctx, targets, w.reader, o.Options, func(e *engine.Engine) {
		display.watch(e)
		deaf = a.control(w.Root, e)
	})
	deaf()
	if rerr := rec.close(); rerr != nil {
		fmt.Fprintf(a.err, "isf: what happened could not be written down whole: %s\n", safe(rerr.Error()))
	}
	display.close()
	report := newReport(results, time.Since(start))
	if o.json {
		if jerr := writeJSON(a.out, report); jerr != nil {
			return jerr
		}
	}
	if !o.json {
		report.print(a.out, w.Config.Root)
	}
	report.complain(a.err)
	if err != nil {
		return err
	}
	for _, r := range results {
		if r.Err != nil {
			return errTold
		}
	}
	return nil
}

// foresee says on a terminal what the build is about to send, and stops a build
// that is going to miss a key, or a price, before it sends anything. Where neither is asked
// for, what the last builds had is all that is foreseen: a replay for the sake of a log would cost more than it tells.
func (a *app) foresee(ctx context.Context, w *workspace, targets []*graph.Target, o buildOptions) ([]engine.Forecast, error) {
	f, ok := a.err.(*os.File)
	tells := ok && !o.json && !o.Offline && term.ScreenOf(f).Terminal
	unready := !o.Offline && w.Unready(targets, o.Options)
	if !tells && !unready {
		if o.Limit > 0 {
			return nil, nil
		}
		return w.Recall(targets), nil
	}
	forecasts, err := w.Plan(ctx, targets, w.reader, o.Options)
	if err != nil {
		return nil, err
	}
	r := newPlanReport(forecasts)
	if tells && r.Misses > 0 {
		fmt.Fprintln(a.err, r.sum())
	}
	if unready {
		if err := w.WouldEnd(forecasts, o.Options); err != nil {
			return nil, err
		}
	}
	if !tells {
		return forecasts, nil
	}
	return forecasts, a.confirm(ctx, r, w.Config.Budget.ConfirmAbove, o.yes)
}

var errNoPipelines = errors.New("this isf knows no pipelines: run it inside a project that has its own cmd/isf")

func (a *app) needPipelines() error {
	if a.broken != nil {
		return a.broken
	}
	if len(a.pipelines) == 0 {
		return fmt.Errorf("%w", errNoPipelines)
	}
	return nil
}
