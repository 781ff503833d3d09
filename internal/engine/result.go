package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/identity-shaping/isf/dispatch"
	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/recipes"
)

// A Result is what a build did for one target.
type Result struct {
	Target *graph.Target
	State  graph.State // after the build
	Counts
	UpToDate bool            // it was current; nothing ran
	Err      error           // why it is not current now
	Blocked  string          // the target it needs and did not get
	Output   string          // where the rows are, "" if none were written
	Errors   string          // where the error rows of a failed run are
	Mix      *recipes.Report // of a recipe that was prepared
	Notes    []string        // sentences a person should read although nothing failed
	Seconds  float64
	Causes   []string // why it was run
	Verdict  string   // of a report

	Extent Extent // of a run that came to no good end

	tally    *dispatch.Tally
	spending *spending
	ran      bool // it was started, and its end has been told
}

// Requests are the counts of requests in reports.
type Requests struct {
	Total   int64 `json:"total"`
	Hits    int64 `json:"hits"`
	Sent    int64 `json:"sent"`
	Retries int64 `json:"retries"`
}

// Tokens are the counts of tokens that were paid for in this build.
type Tokens struct {
	Prompt       int64 `json:"prompt"`
	Completion   int64 `json:"completion"`
	CachedPrompt int64 `json:"cached_prompt"`
}

// Requests returns what the target's run asked.
func (r Result) Requests() Requests {
	if r.tally == nil {
		return Requests{}
	}
	return Requests{r.tally.Total.Load(), r.tally.Hits.Load(), r.tally.Sent.Load(), r.tally.Retries.Load()}
}

// Tokens returns the tokens of the answers that were sent for.
func (r Result) Tokens() Tokens {
	if r.tally == nil {
		return Tokens{}
	}
	return Tokens{r.tally.Prompt.Load(), r.tally.Completion.Load(), r.tally.CachedPrompt.Load()}
}

// CostNano returns what the run cost in nano-USD, and whether every price was
// known.
func (r Result) CostNano() (int64, bool) {
	if r.tally == nil {
		return 0, true
	}
	return r.tally.CostNano.Load(), r.tally.CostUnknown.Load() == 0
}

// SavedNano is what the answers from the cache cost when they were asked.
func (r Result) SavedNano() int64 {
	if r.tally == nil {
		return 0
	}
	return r.tally.SavedNano.Load()
}

// Models is what each model did for the run. What cost most comes first.
func (r Result) Models() []ModelUse {
	if r.spending == nil {
		return nil
	}
	return r.spending.uses()
}

// ProjectedNano is what a target that was stopped will have cost at its end, 0 for
// others and where nobody can tell.
func (r Result) ProjectedNano() int64 {
	nano, known := r.CostNano()
	if !known {
		return 0
	}
	var asked, hits int64
	for _, u := range r.Models() {
		asked, hits = asked+u.Asked, hits+u.Hits
	}
	return r.Extent.Projected(nano, asked, asked+hits)
}

func failed(t *graph.Target, err error) Result {
	return Result{Target: t, State: graph.Failed, Err: err}
}

// kinds lists counts by kind, most first.
func kinds(by map[string]int) string {
	names := slices.SortedFunc(maps.Keys(by), func(a, b string) int {
		if by[a] != by[b] {
			return by[b] - by[a]
		}
		return strings.Compare(a, b)
	})
	for i, n := range names {
		names[i] = fmt.Sprintf("%d %s", by[n], n)
	}
	return strings.Join(names, ", ")
}
