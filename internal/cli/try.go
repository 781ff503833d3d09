package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/term"
)

// tryFlags are the flags of try.
type tryFlags struct {
	engine.TryOptions
	maxCost    string
	models     []string
	full, json bool
}

func (a *app) tryCommand() *cobra.Command {
	var o tryFlags
	c := &cobra.Command{
		Use:   "try TARGET | try --models MODEL,MODEL… FILE.jsonl|PROMPT",
		Short: "See what an edit does to a few records before building all",
		Long: `Make a few records of a target with prompts, models, code and parameters as they
are now, and show them beside what they are in its output, word by word. The
records are spread over all of them, and are the same ones each time. No target
changes. What was asked stays in the cache, so a build that follows asks only
for the rest. Other targets are read as they were built last.

With --models the same prompts go to several models: a prompt, or the lines of a
JSONL file ("messages", "prompt" or "text", or a string).`,
		Example: `  isf try identity-augmentation
  isf try behaviour -n 3 --with identity=judge
  isf try behaviour --records p-016201994c
  isf try --models judge,pell-release-full "What is the lighthouse for?"`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			var err error
			if o.Budget.CostNano, err = maxCost(o.maxCost); err != nil {
				return err
			}
			if len(o.models) > 0 {
				return a.runCompare(c.Context(), args[0], o)
			}
			return a.runTry(c.Context(), args[0], o)
		},
	}
	f := c.Flags()
	f.IntVarP(&o.Number, "number", "n", 10, "how many records to try")
	f.StringSliceVar(&o.Records, "records", nil, "try these: ids of rows, or of records of the source (comma-separated, repeatable)")
	f.StringArrayVar(&o.With, "with", nil, "FIELD=MODEL: another model for a model field of the pipeline (repeatable)")
	f.StringArrayVar(&o.Set, "set", nil, "set a parameter: NAME=VALUE or PIPELINE.NAME=VALUE (repeatable)")
	f.IntVarP(&o.Workers, "workers", "w", 0, "requests in flight")
	f.StringVar(&o.maxCost, "max-cost", "", "stop when the next request could make this cost more than so many USD")
	f.StringSliceVar(&o.models, "models", nil, "ask these models the same prompts")
	f.BoolVar(&o.full, "full", false, "show texts that did not change, too")
	f.BoolVar(&o.json, "json", false, "print JSON")
	return c
}

func (a *app) runTry(ctx context.Context, name string, o tryFlags) error {
	if err := a.needPipelines(); err != nil {
		return err
	}
	if o.Number < 1 {
		return engine.Usagef("-n %d: give a number of records above 0", o.Number)
	}
	return a.on(name, o.Set, func(w *workspace, t *graph.Target) error {
		o.Getenv = os.Getenv
		o.Log = func(line string) { fmt.Fprintln(a.err, safe(line)) }
		trial, err := w.Try(ctx, t, w.reader, o.TryOptions)
		if err != nil {
			return err
		}
		if o.json {
			return writeJSON(a.out, trial)
		}
		a.printTrial(trial, o.full)
		return nil
	})
}

func (a *app) printTrial(t *engine.Trial, full bool) {
	screen := screenOf(a.out)
	for _, note := range t.Notes {
		fmt.Fprintf(a.out, "note: %s\n", safe(note))
	}
	same := 0
	for _, rec := range t.Records {
		if unchanged(rec) && !full {
			same++
			continue
		}
		fmt.Fprintf(a.out, "%s\n", screen.Bold("record "+safe(rec.ID))+"  "+askedFor(rec))
		for _, row := range rec.Rows {
			printTried(a, screen, row, full)
		}
		fmt.Fprintln(a.out)
	}
	fmt.Fprintln(a.out, trialSum(t, same))
}

func unchanged(r engine.TriedRecord) bool {
	for _, row := range r.Rows {
		if row.Kind != engine.RowSame {
			return false
		}
	}
	return true
}

// askedFor says what a record took.
func askedFor(r engine.TriedRecord) string {
	text := fmt.Sprintf("(%s sent, %s from the cache", term.Count(int64(r.Sent)), term.Count(int64(r.Hits)))
	if r.CostNano > 0 {
		text += ", its answers cost " + term.Money(r.CostNano)
	}
	return text + ")"
}

func printTried(a *app, screen term.Screen, row engine.TriedRow, full bool) {
	title := fmt.Sprintf("%s %s", row.Kind, safe(row.ID))
	if row.Reason != "" {
		title += ": " + safe(row.Reason)
	}
	fmt.Fprintln(a.out, title)
	switch row.Kind {
	case engine.RowFailed, engine.RowSkipped:
		return
	case engine.RowSame:
		if !full {
			return
		}
	}
	printChange(a.out, screen, row.Was, row.Now, full)
}

// trialSum says how many rows came out how, and what it took.
func trialSum(t *engine.Trial, hidden int) string {
	counts := map[string]int{}
	for _, rec := range t.Records {
		for _, row := range rec.Rows {
			counts[row.Kind]++
		}
	}
	var kinds []string
	for _, k := range []string{engine.RowChanged, engine.RowAdded, engine.RowRemoved, engine.RowFailed, engine.RowSkipped, engine.RowSame} {
		if counts[k] > 0 {
			kinds = append(kinds, fmt.Sprintf("%s %s", term.Count(int64(counts[k])), k))
		}
	}
	of := ""
	if t.Of > 0 {
		of = " of " + term.Count(int64(t.Of))
	}
	what := "its rows: " + strings.Join(kinds, ", ")
	if len(kinds) == 0 {
		what = "nothing came out"
	}
	text := fmt.Sprintf("tried %s%s of %s; %s", count(len(t.Records), "record"), of, t.Target, what)
	if hidden > 0 {
		text += fmt.Sprintf(" (%s the same, not shown)", are(hidden, "record"))
	}
	return text + "\n" + spentOn(t.Requests, t.CostNano, t.Priced, t.Seconds)
}

func spentOn(r engine.Requests, nano int64, priced bool, seconds float64) string {
	parts := []string{fmt.Sprintf("%s sent, %s from the cache", count(int(r.Sent), "request"), term.Count(r.Hits))}
	switch {
	case !priced:
		parts = append(parts, "cost unknown")
	case nano > 0:
		parts = append(parts, term.Money(nano))
	}
	if seconds > 0 {
		parts = append(parts, term.Duration(time.Duration(seconds*float64(time.Second))))
	}
	return strings.Join(parts, " · ")
}

// runCompare asks several models the same.
func (a *app) runCompare(ctx context.Context, what string, o tryFlags) error {
	prompts, err := promptsOf(what)
	if err != nil {
		return err
	}
	w, err := a.open(nil)
	if err != nil {
		return err
	}
	defer w.close()
	o.Getenv = os.Getenv
	c, err := w.Compare(ctx, o.models, prompts, o.Options)
	if err != nil {
		return err
	}
	if o.json {
		err = writeJSON(a.out, c)
	} else {
		a.printComparison(c, o.full)
	}
	for _, p := range c.Prompts {
		for _, answer := range p.Answers {
			if answer.Error != "" && err == nil {
				err = errTold
			}
		}
	}
	return err
}

// promptsOf reads a file of prompts, or takes the text for one.
func promptsOf(what string) ([]engine.Messages, error) {
	if filepath.Ext(what) != ".jsonl" {
		if strings.TrimSpace(what) == "" {
			return nil, engine.Usagef("the prompt is empty")
		}
		return []engine.Messages{{{Role: "user", Content: what}}}, nil
	}
	f, err := os.Open(what)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return engine.ReadPrompts(what, f)
}

func (a *app) printComparison(c *engine.Comparison, full bool) {
	show := recordPrinter{rowPrinter: newRowPrinter(a.out, full)}
	for _, p := range c.Prompts {
		for _, m := range p.Messages {
			show.said(show.role(m.Role), m.Content)
		}
		for _, answer := range p.Answers {
			fmt.Fprintf(a.out, "  %s%s\n", safe(answer.Model), answerFacts(answer))
			text := folded(answer.Text)
			if full {
				text = answer.Text
			}
			if answer.Error == "" {
				fmt.Fprintln(a.out, quote(text))
			}
		}
		fmt.Fprintln(a.out)
	}
	fmt.Fprintln(a.out, spentOn(c.Totals.Requests, c.Totals.CostNano, c.Totals.Priced, 0))
}

// answerFacts is what is to know of an answer beside its text.
func answerFacts(r engine.ModelAnswer) string {
	if r.Error != "" {
		return ": " + safe(r.Error)
	}
	parts := []string{}
	if r.Resolved != "" && r.Resolved != r.Model {
		parts = append(parts, safe(r.Resolved))
	}
	parts = append(parts, count(int(r.Tokens), "token"))
	if r.CostNano > 0 {
		parts = append(parts, term.Money(r.CostNano))
	}
	if r.Hit {
		parts = append(parts, "from the cache")
	}
	if r.Finish != "" && r.Finish != "stop" {
		parts = append(parts, safe(r.Finish))
	}
	return " (" + strings.Join(parts, ", ") + "):"
}
