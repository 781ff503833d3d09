package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/identity-shaping/isf/dispatch"
	"github.com/identity-shaping/isf/internal/config"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/term"
)

// checkBudget reads --max-cost and refuses bounds that bound nothing.
func (o *buildOptions) checkBudget() (err error) {
	if o.Budget.Requests < 0 || o.Budget.Tokens < 0 {
		return engine.Usagef("--max-requests and --max-tokens take a number above 0")
	}
	o.Budget.CostNano, err = maxCost(o.maxCost)
	return err
}

// maxCost reads --max-cost, in nano-USD; 0 if it was not given.
func maxCost(usd string) (nano int64, err error) {
	if usd == "" {
		return 0, nil
	}
	if nano, err = config.ParseUSD(usd); err != nil {
		return 0, engine.Usagef("--max-cost: %w", err)
	}
	if nano == 0 {
		return 0, engine.Usagef("--max-cost 0 would send nothing that costs: use --offline to send nothing at all")
	}
	return nano, nil
}

// spentSentence says what was spent and how to go on.
func spentSentence(o *dispatch.Over) string {
	spent := spentOf(o)
	if o.Bound == engine.BoundDay {
		return fmt.Sprintf("the budget of this day does not allow the next request: %s; what was answered is kept: run the same command tomorrow, or raise budget.per_day in isf.yaml", spent)
	}
	return fmt.Sprintf("the budget of this build does not allow the next request: %s; what was answered is kept, and the same command goes on from there with the same budget again", spent)
}

// spentOf says how much of a budget is gone.
func spentOf(o *dispatch.Over) string {
	switch o.What {
	case "cost":
		spent := fmt.Sprintf("%s of %s spent for %s", term.Money(o.Spent.CostNano), term.Money(o.Limit.CostNano), term.Plural(o.Spent.Requests, "request"))
		if o.Next.CostNano > 0 {
			spent += fmt.Sprintf(", and it may cost %s", term.Money(o.Next.CostNano))
		}
		return spent
	case "requests":
		return fmt.Sprintf("%s of %s requests sent", term.Count(o.Spent.Requests), term.Count(o.Limit.Requests))
	default:
		return fmt.Sprintf("%s of %s tokens taken by %s, and it may take %s", term.Count(o.Spent.Tokens), term.Count(o.Limit.Tokens), term.Plural(o.Spent.Requests, "request"), term.Count(o.Next.Tokens))
	}
}

// errDeclined ends a build that a person did not want to pay for.
var errDeclined = errors.New("nothing was sent; -y builds without asking, and budget.confirm_above in isf.yaml says when to ask")

// confirm asks the person at the terminal before a build that is expected to
// cost more than above, as far as prices are known.
func (a *app) confirm(ctx context.Context, r planReport, above int64, yes bool) error {
	if yes || above == 0 || r.known <= above || !term.ScreenOf(os.Stdin).Terminal {
		return nil
	}
	fmt.Fprintf(a.err, "This is more than %s. Build? [y/N] ", term.Money(above))
	answer, ok, err := newKeyboard(ctx, os.Stdin, a.err).line()
	fmt.Fprintln(a.err)
	if err == nil && !ok {
		return exitCode(exitInterrupted) // nothing was sent
	}
	if word := strings.ToLower(strings.TrimSpace(answer)); word == "y" || word == "yes" {
		return nil
	}
	return errDeclined
}
