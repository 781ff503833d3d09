package engine

import (
	"cmp"
	"slices"

	"github.com/identity-shaping/isf/dispatch"
)

// A ModelUse is what one model did for a run.
type ModelUse struct {
	Name      string
	Asked     int64 // answers that were sent for
	Hits      int64 // answers from the cache
	Tokens    int64 // of those that were sent for
	CostNano  int64
	Unpriced  int64 // of those that were sent for, how many cost nobody knows what
	SavedNano int64 // what the hits cost when they were asked
}

func (u *ModelUse) add(r *dispatch.Reply) {
	e := r.Entry
	if r.Hit {
		u.Hits++
		u.SavedNano += e.CostNano
		return
	}
	u.Asked++
	u.Tokens += e.Usage.Prompt + e.Usage.Completion
	u.CostNano += e.CostNano
	if !e.CostKnown {
		u.Unpriced++
	}
}

// ModelUses sums up, by model, what runs used. What cost most comes first.
func ModelUses(results []Result) []ModelUse {
	sums := map[string]*ModelUse{}
	for _, r := range results {
		if r.spending == nil {
			continue
		}
		r.spending.mu.Lock()
		for name, u := range r.spending.models {
			sum := sums[name]
			if sum == nil {
				sum = &ModelUse{Name: name}
				sums[name] = sum
			}
			sum.Asked, sum.Hits, sum.Tokens = sum.Asked+u.Asked, sum.Hits+u.Hits, sum.Tokens+u.Tokens
			sum.CostNano, sum.Unpriced, sum.SavedNano = sum.CostNano+u.CostNano, sum.Unpriced+u.Unpriced, sum.SavedNano+u.SavedNano
		}
		r.spending.mu.Unlock()
	}
	uses := []ModelUse{}
	for _, u := range sums {
		uses = append(uses, *u)
	}
	slices.SortFunc(uses, func(a, b ModelUse) int {
		return cmp.Or(cmp.Compare(b.CostNano, a.CostNano), cmp.Compare(b.Asked, a.Asked), cmp.Compare(a.Name, b.Name))
	})
	return uses
}
