package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/term"
)

// gcOptions say which answers may go.
type gcOptions struct {
	builds    int // last runs of each target whose answers stay
	grace     age // answers that are younger stay, used or not
	olderThan age // answers that are older go, used or not; 0 is none
	dryRun    bool
	json      bool
}

// An age is a time span that may be given in days.
type age time.Duration

const day = 24 * time.Hour

func (a *age) String() string {
	if d := time.Duration(*a); d%day == 0 && d != 0 {
		return fmt.Sprintf("%dd", d/day)
	}
	return time.Duration(*a).String()
}

// Set reads 30d, or what time.ParseDuration reads.
func (a *age) Set(text string) error {
	d, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n int
		n, err = strconv.Atoi(days)
		d = time.Duration(n) * day
	}
	if err != nil || d < 0 || d > 100*365*day {
		return fmt.Errorf("give a time such as 30d or 12h")
	}
	*a = age(d)
	return nil
}

// Type is what the help calls it.
func (a *age) Type() string { return "time" }

// gcReport is what gc removed, or would, in the shape that scripts may rely on.
type gcReport struct {
	DryRun   bool     `json:"dry_run"`
	Kept     int      `json:"kept"`
	Removed  int      `json:"removed"`
	Bytes    int64    `json:"bytes"`
	Cost     *float64 `json:"cost_usd"` // of what was removed, as far as it is known
	Unpriced int      `json:"unpriced"`
}

func (a *app) cacheGCCommand() *cobra.Command {
	o := gcOptions{grace: age(7 * day)}
	c := &cobra.Command{
		Use:   "gc",
		Short: "Remove answers that nothing uses any more",
		Long: `Remove the answers that no target's last builds used, and make the file smaller.
What was paid for once is paid for again if an edit is taken back after that, so
this never happens by itself, and --dry-run says first what would go.

An answer stays if one of the last builds of a target used it, whatever became of
that build, or if it is younger than --grace: it may belong to a build that was
killed. Of each target the last complete build always counts. No other isf may
run in the project meanwhile.`,
		Example: `  isf cache gc --dry-run
  isf cache gc --builds 1                # only what the targets are made of now
  isf cache gc --older-than 180d         # old answers too, though they are used`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if o.builds < 1 {
				return engine.Usagef("--builds %d: give a number of builds above 0", o.builds)
			}
			return a.in(nil, func(w *workspace) error { return a.runCacheGC(w, o) })
		},
	}
	f := c.Flags()
	f.IntVar(&o.builds, "builds", engine.KeptRuns, "keep what the last N builds of each target used")
	f.Var(&o.grace, "grace", "keep what is younger, used or not")
	f.Var(&o.olderThan, "older-than", "remove what is older, though it is used")
	f.BoolVar(&o.dryRun, "dry-run", false, "say what would be removed, and remove nothing")
	f.BoolVar(&o.json, "json", false, "print JSON")
	return c
}

func (a *app) runCacheGC(w *workspace, o gcOptions) error {
	if err := a.needPipelines(); err != nil {
		return err
	}
	s, err := a.store(w, cache.Options{ReadOnly: o.dryRun})
	if err != nil {
		return err
	}
	defer s.Close()
	var freed cache.Freed
	if o.dryRun {
		keep, kerr := w.keeps(o)
		if kerr != nil {
			return kerr
		}
		freed, err = s.Weigh(keep)
	} else {
		freed, err = s.Compact(func() (func(cache.Summary) bool, error) { return w.keeps(o) })
	}
	if err != nil {
		return err
	}
	return a.reportGC(freed, o)
}

// keeps decides which answers stay, from what is known of builds now.
func (w *workspace) keeps(o gcOptions) (func(cache.Summary) bool, error) {
	if err := w.KnownUses(w.Graph.Targets()); err != nil {
		return nil, err
	}
	targets, err := w.Used()
	if err != nil {
		return nil, err
	}
	users, err := w.Users(targets, o.builds)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	return func(e cache.Summary) bool {
		old := now.Sub(e.End)
		if o.olderThan > 0 && old > time.Duration(o.olderThan) {
			return false
		}
		return old < time.Duration(o.grace) || len(users.Of(e.Ref.Key)) > 0
	}, nil
}

func (a *app) reportGC(f cache.Freed, o gcOptions) error {
	if o.json {
		cost := dollars(f.CostNano, f.Unpriced < f.Removed)
		return writeJSON(a.out, gcReport{o.dryRun, f.Kept, f.Removed, f.Bytes, cost, f.Unpriced})
	}
	verb := "removed"
	if o.dryRun {
		verb = "would remove"
	}
	cost := term.Money(f.CostNano)
	if f.Unpriced > 0 {
		cost += fmt.Sprintf(", and %s of unknown price", count(f.Unpriced, "answer"))
	}
	_, err := fmt.Fprintf(a.out, "%s %s, %s, which cost %s; %s kept\n", verb, count(f.Removed, "answer"), term.Bytes(f.Bytes), cost, term.Count(int64(f.Kept)))
	return err
}
