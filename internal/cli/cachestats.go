package cli

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/term"
)

// recentBuilds is how many builds the hit rate looks back on.
const recentBuilds = 20

// cacheStats is what the cache holds and stands for, in the shape that scripts
// may rely on.
type cacheStats struct {
	worth
	Disk     int64    `json:"disk_bytes"` // of all files, with what is free in them
	Pending  int      `json:"pending"`    // answers that are still in journals
	ByModel  []*worth `json:"by_model"`
	ByTarget []*worth `json:"by_target"` // an answer that two targets use is in both
	Recent   recent   `json:"recent"`
}

// A worth is what some answers stand for.
type worth struct {
	Name       string `json:"name,omitempty"`
	Entries    int64  `json:"entries"`
	Bytes      int64  `json:"bytes"` // without the texts that they share
	Prompt     int64  `json:"prompt_tokens"`
	Completion int64  `json:"completion_tokens"`
	Unpriced   int64  `json:"unpriced"` // answers whose cost nobody said

	Cost *float64 `json:"cost_usd"` // of the others; null if there are none
	nano int64
}

type recent struct {
	Builds   int      `json:"builds"`
	Requests int64    `json:"requests"`
	Hits     int64    `json:"hits"`
	Rate     *float64 `json:"hit_rate"` // null where nothing was asked
}

// unused are the answers that no target uses, as far as is known.
const unused = "no target"

func (a *app) cacheStatsCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "stats",
		Short: "Say how many answers there are, whose, for what, and what they cost",
		Long: `Say what the cache holds: answers and bytes, by the model that gave them and by
the target that uses them, the tokens and the money they stand for, and how often
recent builds found what they needed. It works while a build runs.

An answer that several targets use is counted for each. Under "no target" is what
no run that is remembered has used: an older prompt's answers, or ones that were
imported and not used yet.`,
		Example: `  isf cache stats
  isf cache stats --json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			w, err := a.open(nil)
			if err != nil {
				return err
			}
			defer w.close()
			return a.runCacheStats(w, asJSON)
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
	stats, err := w.cacheStats(s)
	if err != nil {
		return err
	}
	if asJSON {
		return writeJSON(a.out, stats)
	}
	stats.print(a.out)
	return nil
}

func (w *workspace) cacheStats(s *cache.Store) (cacheStats, error) {
	var stats cacheStats
	targets, err := w.Used()
	if err != nil {
		return stats, err
	}
	users, err := w.Users(targets, engine.EveryRun)
	if err != nil {
		return stats, err
	}
	models, used := map[string]*worth{}, map[string]*worth{}
	err = s.Summaries(func(e cache.Summary) error {
		stats.add(e)
		of(models, e.Origin).add(e)
		names := users.Of(e.Ref.Key)
		if len(names) == 0 {
			names = []string{unused}
		}
		for _, n := range names {
			of(used, n).add(e)
		}
		return nil
	})
	if err != nil {
		return stats, err
	}
	disk, err := s.Stats()
	if err != nil {
		return stats, err
	}
	stats.Disk, stats.Pending = disk.Bytes, disk.Pending
	stats.ByModel, stats.ByTarget = mostFirst(models), mostFirst(used)
	builds, err := w.Log(recentBuilds)
	stats.Recent = recently(builds)
	return stats, err
}

func of(all map[string]*worth, name string) *worth {
	if all[name] == nil {
		all[name] = &worth{Name: name}
	}
	return all[name]
}

func (w *worth) add(e cache.Summary) {
	w.Entries++
	w.Bytes += int64(e.Bytes)
	w.Prompt += e.Usage.Prompt
	w.Completion += e.Usage.Completion
	w.nano += e.CostNano
	if !e.CostKnown {
		w.Unpriced++
	}
	w.Cost = dollars(w.nano, w.Unpriced < w.Entries)
}

func mostFirst(all map[string]*worth) []*worth {
	return slices.SortedFunc(maps.Values(all), func(a, b *worth) int {
		return cmp.Or(cmp.Compare(b.Entries, a.Entries), cmp.Compare(a.Name, b.Name))
	})
}

func recently(builds []engine.LoggedBuild) recent {
	r := recent{Builds: len(builds)}
	for _, b := range builds {
		for _, t := range b.Targets {
			r.Requests += t.Requests.Total
			r.Hits += t.Requests.Hits
		}
	}
	if r.Requests > 0 {
		rate := float64(r.Hits) / float64(r.Requests)
		r.Rate = &rate
	}
	return r
}

func (s cacheStats) print(out io.Writer) {
	fmt.Fprintf(out, "answers   %s, %s on disk\n", term.Count(s.Entries), term.Bytes(s.Disk))
	fmt.Fprintf(out, "worth     %s\n", s.text())
	if s.Recent.Rate != nil {
		fmt.Fprintf(out, "hits      %.1f%% of %s in the last %s\n", 100**s.Recent.Rate, count(int(s.Recent.Requests), "request"), count(s.Recent.Builds, "build"))
	}
	printWorths(out, "by model", s.ByModel)
	printWorths(out, "by target", s.ByTarget)
}

func printWorths(out io.Writer, title string, all []*worth) {
	if len(all) == 0 {
		return
	}
	fmt.Fprintf(out, "\n%s\n", title)
	width := 0
	for _, w := range all {
		width = max(width, term.Columns(safe(w.Name)))
	}
	for _, w := range all {
		fmt.Fprintf(out, "  %s  %9s  %8s  %s\n", term.Left(safe(w.Name), width), term.Count(w.Entries), term.Bytes(w.Bytes), w.text())
	}
}

// text is tokens and money.
func (w worth) text() string {
	text := fmt.Sprintf("%s tokens, %s", term.Short(w.Prompt+w.Completion), term.Money(w.nano))
	if w.Unpriced > 0 {
		text += fmt.Sprintf(" and %s of unknown price", count(int(w.Unpriced), "answer"))
	}
	return text
}
