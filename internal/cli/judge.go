package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/dispatch"
	"github.com/identity-shaping/isf/internal/config"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/rubric"
	"github.com/identity-shaping/isf/internal/samples"
	"github.com/identity-shaping/isf/internal/term"
)

// judgeOptions say which model judges rows, and by what.
type judgeOptions struct {
	model   string
	rubric  string
	judged  int    // rows; 0 is all
	maxCost string // USD
	offline bool   // from the cache alone
}

// judgeTries is how often the judge may say again what it thinks in the tags it
// is asked for.
const judgeTries = 3

func (o *judgeOptions) flags(a *app, c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.model, "judge", "", "have this model judge rows by --rubric")
	f.StringVar(&o.rubric, "rubric", "", "file that says what the judge looks at: each \"## NAME\" in it is a criterion")
	a.offerModels(c, "judge")
	f.IntVar(&o.judged, "judged", 50, "how many rows the judge reads; 0 for all")
}

func (o judgeOptions) check() error {
	switch {
	case (o.model == "") != (o.rubric == ""):
		return engine.Usagef("--judge MODEL and --rubric FILE go together")
	case o.judged < 0:
		return engine.Usagef("--judged is how many rows the judge reads; 0 is all of them")
	case o.maxCost != "" && o.model == "":
		return engine.Usagef("--max-cost bounds what --judge MODEL spends; nothing else costs anything")
	}
	_, err := o.budget()
	return err
}

func (o judgeOptions) budget() (s dispatch.Spend, err error) {
	if o.maxCost == "" {
		return s, nil
	}
	if s.CostNano, err = config.ParseUSD(o.maxCost); err != nil {
		return s, engine.Usagef("--max-cost: %w", err)
	}
	return s, nil
}

// again are the flags by which another command gets the same verdicts.
func (o judgeOptions) again() []string {
	return []string{"--judge", o.model, "--rubric", o.rubric, "--judged", strconv.Itoa(o.judged)}
}

// judge has a model judge rows of a source; nil where that is not wanted.
func (a *app) judge(ctx context.Context, w *workspace, s source, o judgeOptions) (*rubric.Judged, error) {
	if o.model == "" {
		return nil, nil
	}
	if w == nil {
		return nil, engine.Usagef("--judge: models are those of a project, and there is none here")
	}
	r, err := readRubric(o.rubric)
	if err != nil {
		return nil, err
	}
	f, err := s.file(outputRows)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := rubric.Choose(samples.Rows(f), o.judged)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.name, err)
	}
	answers, err := a.askJudge(ctx, w, s, r, rows, o)
	if err != nil {
		return nil, err
	}
	return verdicts(r, rows, answers, o)
}

func readRubric(name string) (*rubric.Rubric, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("the rubric: %w", err)
	}
	r, err := rubric.Parse(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return r, nil
}

func (a *app) askJudge(ctx context.Context, w *workspace, s source, r *rubric.Rubric, rows []*samples.Row, o judgeOptions) ([]engine.Answer, error) {
	budget, err := o.budget()
	if err != nil {
		return nil, err
	}
	prompts := make([]string, len(rows))
	for i, row := range rows {
		prompts[i] = r.Prompt(row)
	}
	about := ""
	if s.target != nil {
		about = s.target.Name
	}
	answers, t, err := w.AskEach(ctx, engine.Questions{
		For: about, Model: o.model, Prompts: prompts, Attempts: judgeTries, Budget: budget, Offline: o.offline, Getenv: os.Getenv,
		Valid: func(text string) error { _, err := r.Read(text); return err },
	})
	if t != nil && !o.offline {
		fmt.Fprintln(a.err, safe(judgeSum(o.model, len(rows), t)))
	}
	return answers, err
}

// judgeSum says what judging took.
func judgeSum(model string, rows int, t *dispatch.Tally) string {
	parts := []string{fmt.Sprintf("%s: %s, %s sent, %s from the cache", model, count(rows, "row"), count(int(t.Sent.Load()), "request"), term.Count(t.Hits.Load()))}
	switch cost := t.CostNano.Load(); {
	case t.CostUnknown.Load() > 0:
		parts = append(parts, "cost unknown")
	case cost > 0:
		parts = append(parts, term.Money(cost))
	}
	return strings.Join(parts, " · ")
}

// verdicts are what the answers say. A row that was never judged is no reason to
// say nothing of the others, but none at all is.
func verdicts(r *rubric.Rubric, rows []*samples.Row, answers []engine.Answer, o judgeOptions) (*rubric.Judged, error) {
	j := &rubric.Judged{Model: o.model, Criteria: r.Criteria, Rows: map[int][]rubric.Break{}}
	var last error
	for i, answer := range answers {
		var breaks []rubric.Break
		err := answer.Err
		if err == nil {
			breaks, err = r.Read(answer.Text)
		}
		if err != nil {
			j.Open, last = j.Open+1, err
			continue
		}
		j.Rows[rows[i].Line] = breaks
	}
	switch {
	case len(rows) == 0:
		return nil, fmt.Errorf("--judge: there are no conversations to judge")
	case errors.Is(last, dispatch.ErrMiss):
		return nil, fmt.Errorf("%s has not judged all of these rows yet: run `isf check … %s` first", o.model, strings.Join(o.again(), " "))
	case len(j.Rows) == 0:
		return nil, fmt.Errorf("%s judged none of %s: %w", o.model, count(len(rows), "row"), last)
	}
	return j, nil
}
