package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/term"
)

func (a *app) cacheStatsCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "stats",
		Short: "Say how many answers there are, whose, for what, and what they cost",
		Long: `Say what the cache holds: answers and bytes, by the model that gave them and by
the target that uses them, the tokens and the money they stand for, what builds
saved because they found them here (as far as isf log remembers), and how often
recent builds found what they needed. It works while a build runs.

An answer that several targets use is counted for each. Under "no target" is what
no run that is remembered has used: an older prompt's answers, or ones that were
imported and not used yet.`,
		Example: `  isf cache stats
  isf cache stats --json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.in(nil, func(w *workspace) error { return a.runCacheStats(w, asJSON) })
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func (a *app) runCacheStats(w *workspace, asJSON bool) error {
	s, err := a.store(w, cache.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer s.Close()
	stats, err := w.CacheStats(s)
	if err != nil {
		return err
	}
	if asJSON {
		return writeJSON(a.out, stats)
	}
	printCacheStats(a.out, stats)
	return nil
}

func printCacheStats(out io.Writer, s engine.CacheStats) {
	fmt.Fprintf(out, "answers   %s, %s on disk\n", term.Count(s.Entries), term.Bytes(s.Disk))
	fmt.Fprintf(out, "worth     %s\n", worthText(s.Worth))
	if s.Recent.Rate != nil {
		fmt.Fprintf(out, "hits      %.1f%% of %s in the last %s\n", 100**s.Recent.Rate, count(int(s.Recent.Requests), "request"), count(s.Recent.Builds, "build"))
	}
	printWorths(out, "by model", s.ByModel)
	printWorths(out, "by target", s.ByTarget)
}

func printWorths(out io.Writer, title string, all []*engine.Worth) {
	if len(all) == 0 {
		return
	}
	fmt.Fprintf(out, "\n%s\n", title)
	width := 0
	for _, w := range all {
		width = max(width, term.Columns(safe(w.Name)))
	}
	for _, w := range all {
		fmt.Fprintf(out, "  %s  %9s  %8s  %s\n", term.Left(safe(w.Name), width), term.Count(w.Entries), term.Bytes(w.Bytes), worthText(*w))
	}
}

// worthText is tokens and money.
func worthText(w engine.Worth) string {
	text := term.Short(w.Prompt+w.Completion) + " tokens"
	if w.CostNano > 0 || w.Unpriced == 0 {
		text += ", " + term.Money(w.CostNano)
	}
	if w.Unpriced > 0 {
		text += ", " + count(int(w.Unpriced), "answer") + " of unknown price"
	}
	if w.SavedNano > 0 {
		text += ", " + term.Money(w.SavedNano) + " saved"
	}
	return text
}
