package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/term"
)

func (a *app) logCommand() *cobra.Command {
	var n int
	var asJSON bool
	c := &cobra.Command{
		Use:   "log [TARGET…]",
		Short: "List past builds: what they did, why, what it took and cost",
		Long: `List the last builds of this checkout, newest last: which targets they ran and
for what reasons, how many requests were sent and how many answers came from the
cache, what that cost, by target and model, and how long it took. Builds that found everything current
are not listed. The list is kept in .isf, and its oldest half goes when it has
grown to a megabyte.`,
		Example: `  isf log
  isf log -n 3 facts
  isf log --json`,
		RunE: func(_ *cobra.Command, args []string) error {
			if n < 1 {
				return engine.Usagef("-n %d: give a number of builds above 0", n)
			}
			return a.in(nil, func(w *workspace) error { return a.runLog(w, args, n, asJSON) })
		},
	}
	c.Flags().IntVarP(&n, "limit", "n", 20, "the last N builds")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func (a *app) runLog(w *workspace, patterns []string, n int, asJSON bool) error {
	builds, err := w.Log(engine.EveryRun)
	if err != nil {
		return err
	}
	if len(patterns) > 0 {
		if builds, err = w.buildsOf(builds, patterns); err != nil {
			return err
		}
	}
	builds = builds[max(0, len(builds)-n):]
	if asJSON {
		return writeJSON(a.out, map[string]any{"builds": append([]engine.LoggedBuild{}, builds...)})
	}
	for i, b := range builds {
		if i > 0 {
			fmt.Fprintln(a.out)
		}
		printBuild(a.out, b)
	}
	if len(builds) == 0 {
		fmt.Fprintln(a.out, "No build is remembered.")
	}
	return nil
}

// buildsOf leaves the builds that ran one of these targets, and of them only
// these targets.
func (w *workspace) buildsOf(builds []engine.LoggedBuild, patterns []string) (out []engine.LoggedBuild, err error) {
	targets, err := w.Graph.Select(patterns)
	if err != nil {
		return nil, engine.Usagef("%w", err)
	}
	chosen := map[string]bool{}
	for _, t := range targets {
		chosen[t.Name] = true
	}
	for _, b := range builds {
		var some []engine.LoggedTarget
		for _, t := range b.Targets {
			if chosen[t.Name] {
				some = append(some, t)
			}
		}
		if b.Targets = some; len(some) > 0 {
			out = append(out, b)
		}
	}
	return out, nil
}

// moneyBehind is an amount behind a separator, nothing for nothing.
func moneyBehind(separator string, nano int64) string {
	if nano == 0 {
		return ""
	}
	return separator + term.Money(nano)
}

// savedBehind is what the cache saved, behind a separator, nothing for nothing.
func savedBehind(separator string, nano int64) string {
	if nano == 0 {
		return ""
	}
	return moneyBehind(separator, nano) + " saved"
}

func printBuild(out io.Writer, b engine.LoggedBuild) {
	var sent, hits, nano, saved int64
	for _, t := range b.Targets {
		sent, hits, nano, saved = sent+t.Requests.Sent, hits+t.Requests.Hits, nano+t.CostNano, saved+t.Saved
	}
	parts := []string{term.Duration(time.Duration(b.Seconds * float64(time.Second))), term.Count(sent) + " sent", term.Count(hits) + " from the cache"}
	if nano > 0 {
		parts = append(parts, term.Money(nano))
	}
	if saved > 0 {
		parts = append(parts, term.Money(saved)+" saved by the cache")
	}
	if b.Interrupted {
		parts = append(parts, "interrupted")
	}
	fmt.Fprintf(out, "%-7s  %s  %s\n  %s\n", or(b.ID, "-"), b.Time.Local().Format("2006-01-02 15:04:05"), term.SafeLine(b.Command), strings.Join(parts, " · "))
	for _, t := range b.Targets {
		fmt.Fprintf(out, "  %-8s %s  %s, %s sent, %s from the cache%s%s%s\n", t.State, t.Name, count(t.Records, "record"), term.Count(t.Requests.Sent), term.Count(t.Requests.Hits),
			moneyBehind(", ", t.CostNano), moneyBehind(" of ~", t.Projected), savedBehind(", ", t.Saved))
		printUses(out, "    ", t.Models)
		for _, c := range t.Causes {
			fmt.Fprintf(out, "    - %s\n", term.SafeLine(c))
		}
		if t.Error != "" {
			fmt.Fprintf(out, "    failed: %s\n", term.SafeLine(t.Error))
		}
	}
}

// printUses says what each model did, where there are several and any of it
// costs.
func printUses(out io.Writer, indent string, models []engine.ModelUse) {
	var nano int64
	for _, u := range models {
		nano += u.CostNano + u.SavedNano + u.Unpriced
	}
	if len(models) < 2 || nano == 0 {
		return
	}
	for _, u := range models {
		cost := moneyBehind(", ", u.CostNano)
		if u.Unpriced > 0 {
			cost += fmt.Sprintf(", %s of unknown price", count(int(u.Unpriced), "answer"))
		}
		fmt.Fprintf(out, "%smodel %s: %s asked, %s from the cache%s%s\n", indent, term.SafeLine(u.Name), term.Count(u.Asked), term.Count(u.Hits), cost, savedBehind(", ", u.SavedNano))
	}
}
