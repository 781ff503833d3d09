package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/term"
)

// A planReport is what a build would do, in the shape that scripts may rely
// on. The sums stand beside the targets.
type planReport struct {
	Targets []targetPlan `json:"targets"`
	planSums
	Scratch planScratch `json:"from_scratch"`
	Seconds float64     `json:"seconds"`
	known   int64       // nano-USD, of what has a price
}

type planSums struct {
	Hits       int64    `json:"hits"`
	Misses     int64    `json:"misses"`
	Unknown    *int64   `json:"unknown_after_miss"` // null where no last build tells
	Prompt     int64    `json:"prompt_tokens"`
	Completion int64    `json:"completion_tokens"`
	Cost       *float64 `json:"cost_usd"`

	Models []modelPlan `json:"models"` // what each would be asked, with what follows from the answers
}

type modelPlan struct {
	Name     string   `json:"name"`
	Requests int64    `json:"requests"`
	Tokens   int64    `json:"tokens"`
	Cost     *float64 `json:"cost_usd"`
}

type targetPlan struct {
	Name    string      `json:"name"`
	State   graph.State `json:"state"`
	Records int         `json:"records"`
	planSums
	Causes []planCause `json:"causes"`
	Awaits []string    `json:"awaits,omitempty"` // targets of which rows are missing that unknown_after_miss follows from
	Error  string      `json:"error,omitempty"`
}

type planCause struct {
	Cause    string `json:"cause"`
	Requests int64  `json:"requests"`
}

type planScratch struct {
	Requests int64    `json:"requests"`
	Tokens   int64    `json:"tokens"`
	Cost     *float64 `json:"cost_usd"`
}

func (a *app) planCommand() *cobra.Command {
	var o engine.Options
	var sets []string
	var asJSON bool
	c := &cobra.Command{
		Use:   "plan [TARGET…]",
		Short: "Say what a build would send, what that would cost, and why",
		Long: `Say what a build would send. Pipelines are replayed against the cache with
nothing sent and nothing changed, also while a build runs. What waits behind an
answer that is not there yet is estimated from the last build; tokens and costs
are estimated from what the same steps took before. Where there was no last build,
the sums are what it takes at least, and what they leave out is named.`,
		Example: `  isf plan
  isf plan identity-augmentation --json`,
		RunE: func(c *cobra.Command, args []string) error {
			return a.in(sets, func(w *workspace) error { return a.runPlan(c.Context(), w, args, o, asJSON) })
		},
	}
	c.Flags().IntVarP(&o.Limit, "limit", "n", 0, "as if built with -n")
	c.Flags().BoolVar(&o.Force, "force", false, "as if built with --force")
	c.Flags().StringArrayVar(&sets, "set", nil, "as if built with --set")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func (a *app) runPlan(ctx context.Context, w *workspace, patterns []string, o engine.Options, asJSON bool) error {
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
	if o.Limit > 0 {
		targets = withoutRecipes(targets)
	}
	o.Getenv = os.Getenv
	forecasts, err := w.Plan(ctx, targets, w.reader, o)
	if err != nil {
		return err
	}
	report := newPlanReport(forecasts)
	if asJSON {
		if err := writeJSON(a.out, report); err != nil {
			return err
		}
	} else {
		report.print(a.out)
	}
	return report.complain(a.err)
}

// complain says of which targets nothing can be said, and why: a build of them
// would fail.
func (r planReport) complain(w io.Writer) (err error) {
	for _, t := range r.Targets {
		if t.Error != "" {
			fmt.Fprintf(w, "isf: %s: %s\n", t.Name, safe(t.Error))
			err = errTold
		}
	}
	return err
}

func newPlanReport(forecasts []engine.Forecast) planReport {
	r := planReport{Targets: []targetPlan{}, planSums: planSums{Unknown: new(int64)}}
	var cost, scratch int64
	var models [][]engine.ModelEstimate
	priced, scratchPriced := true, true
	for _, f := range forecasts {
		t := newTargetPlan(f)
		r.Targets = append(r.Targets, t)
		r.Hits, r.Misses = r.Hits+t.Hits, r.Misses+t.Misses
		r.Prompt, r.Completion = r.Prompt+t.Prompt, r.Completion+t.Completion
		if t.Unknown == nil || r.Unknown == nil {
			r.Unknown = nil
		} else {
			*r.Unknown += *t.Unknown
		}
		cost, priced = cost+f.CostNano, priced && f.Priced
		scratch, scratchPriced = scratch+f.Scratch.CostNano, scratchPriced && f.Scratch.Priced
		r.Scratch.Requests += f.Scratch.Requests
		r.Scratch.Tokens += f.Scratch.Prompt + f.Scratch.Completion
		r.Seconds += f.Seconds
		models = append(models, f.Models)
	}
	r.Models = modelPlans(models...)
	r.Cost, r.Scratch.Cost, r.known = dollars(cost, priced), dollars(scratch, scratchPriced), cost
	return r
}

func modelPlans(all ...[]engine.ModelEstimate) []modelPlan {
	out := []modelPlan{}
	for _, m := range engine.SumEstimates(all...) {
		out = append(out, modelPlan{m.Name, m.Requests, m.Prompt + m.Completion, dollars(m.CostNano, m.Priced)})
	}
	return out
}

func newTargetPlan(f engine.Forecast) targetPlan {
	t := targetPlan{Name: f.Target.Name, State: f.State, Records: f.Rows, Causes: []planCause{}, Awaits: f.Awaits}
	t.planSums = planSums{Hits: f.Hits, Misses: f.Misses, Prompt: f.Prompt, Completion: f.Completion, Cost: dollars(f.CostNano, f.Priced), Models: modelPlans(f.Models)}
	if f.Unknown >= 0 {
		t.Unknown = &f.Unknown
	}
	for _, c := range f.Causes {
		t.Causes = append(t.Causes, planCause{c.Text, c.Requests})
	}
	if f.Err != nil {
		t.Error = f.Err.Error()
	}
	return t
}

func (r planReport) print(w io.Writer) {
	width := 0
	for _, t := range r.Targets {
		width = max(width, len(t.Name))
	}
	for _, t := range r.Targets {
		fmt.Fprintf(w, "%-8s %-*s  %s\n", t.State, width, t.Name, t.describe())
		for _, c := range t.Causes {
			fmt.Fprintf(w, "%8s %s\n", term.Count(c.Requests), safe(c.Cause))
		}
		for _, name := range t.Awaits {
			fmt.Fprintf(w, "%8s rows of %s that are not there yet\n", "~", name)
		}
	}
	r.printModels(w)
	if r.Misses > 0 || !slices.ContainsFunc(r.Targets, func(t targetPlan) bool { return t.Error != "" }) {
		fmt.Fprintln(w, r.sum())
	}
}

// printModels says which model will take the money, where there are several and
// any of it costs.
func (r planReport) printModels(w io.Writer) {
	if len(r.Models) < 2 || r.Cost != nil && *r.Cost == 0 {
		return
	}
	for _, m := range r.Models {
		cost := "at an unknown price"
		if m.Cost != nil {
			cost = r.about() + " " + term.Money(int64(*m.Cost*1e9))
		}
		fmt.Fprintf(w, "model    %s: %s %s, %s tokens, %s\n", safe(m.Name), r.about(), count(int(m.Requests), "request"), term.Short(m.Tokens), cost)
	}
}

func (t targetPlan) describe() string {
	switch {
	case t.Error != "":
		return "cannot be built"
	case t.Misses == 0 && t.Unknown != nil && *t.Unknown == 0:
		return "nothing to send"
	}
	return fmt.Sprintf("%s to send, %s from the cache%s", count(int(t.Misses), "request"), term.Count(t.Hits), behind(t.Unknown))
}

// behind tells of the requests that nobody can know yet.
func behind(unknown *int64) string {
	switch {
	case unknown == nil:
		return ", then what follows from the answers"
	case *unknown > 0:
		return fmt.Sprintf(", then about %s that follow from the answers", term.Count(*unknown))
	}
	return ""
}

// about is how exact the sums are: where nobody can say how much follows, they are of what can be seen.
func (r planReport) about() string {
	if r.Unknown == nil {
		return "at least"
	}
	return "about"
}

func (r planReport) sum() string {
	if r.Misses == 0 && r.Unknown != nil && *r.Unknown == 0 {
		return "A build would send nothing."
	}
	about := []any{count(int(r.Misses), "request"), behind(r.Unknown), r.about(), term.Short(r.Prompt + r.Completion), "", "", r.fromScratch(), r.uncounted()}
	switch {
	case r.Cost == nil && r.known > 0:
		about[4] = fmt.Sprintf(", %s %s and more at an unknown price", r.about(), term.Money(r.known))
	case r.Cost == nil:
		about[4] = ", at an unknown price"
	case r.known > 0:
		about[4] = fmt.Sprintf(", %s %s", r.about(), term.Money(r.known))
	}
	if r.Seconds >= 1 {
		about[5] = fmt.Sprintf(", %s %s", r.about(), term.Duration(time.Duration(r.Seconds*float64(time.Second))))
	}
	return fmt.Sprintf("A build would send %s%s: %s %s tokens%s%s. From scratch: %s.%s", about...)
}

// uncounted names what the sums leave out, and why, on a line of its own.
func (r planReport) uncounted() string {
	var names []string
	for _, t := range r.Targets {
		if t.Unknown == nil {
			names = append(names, t.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("\nNot counted: what may follow in %s. It depends on answers that are not there yet, and no last build tells how much it is.", strings.Join(names, ", "))
}

func (r planReport) fromScratch() string {
	if r.Unknown == nil {
		return "at least " + r.Scratch.text()
	}
	return r.Scratch.text()
}

func (s planScratch) text() string {
	text := fmt.Sprintf("%s, %s tokens", count(int(s.Requests), "request"), term.Short(s.Tokens))
	if s.Cost != nil && *s.Cost > 0 {
		text += ", " + term.Money(int64(*s.Cost*1e9))
	}
	return text
}
