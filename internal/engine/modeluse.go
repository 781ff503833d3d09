package engine

import (
	"cmp"
	"slices"

	"github.com/identity-shaping/isf/dispatch"
)

// A ModelUse is what one model did for a run, in the shape of `isf log --json`.
type ModelUse struct {
	Name      string `json:"name"`
	Origin    string `json:"origin"` // whose answers they are, as in the cache
	Asked     int64  `json:"asked"`  // answers that were sent for
	Hits      int64  `json:"hits"`   // answers from the cache
	Tokens    int64  `json:"tokens"` // of those that were sent for
	CostNano  int64  `json:"cost_nano"`
	Unpriced  int64  `json:"unpriced"`   // of those that were sent for, how many cost nobody knows what
	SavedNano int64  `json:"saved_nano"` // what the hits cost when they were asked
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

func (u *ModelUse) of() (model string, costNano, requests int64) { return u.Name, u.CostNano, u.Asked }

func (u *ModelUse) plus(o ModelUse) {
	u.Asked, u.Hits, u.Tokens = u.Asked+o.Asked, u.Hits+o.Hits, u.Tokens+o.Tokens
	u.CostNano, u.Unpriced, u.SavedNano = u.CostNano+o.CostNano, u.Unpriced+o.Unpriced, u.SavedNano+o.SavedNano
}

// uses is what each model did so far. What cost most comes first.
func (s *spending) uses() []ModelUse {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]ModelUse, len(s.models))
	for i, u := range s.models {
		out[i] = *u
	}
	return SumUses(out)
}

// SumUses adds up the uses of several runs, by model. What cost most comes first.
func SumUses(all ...[]ModelUse) []ModelUse {
	return sumByModel(all...)
}

// perModel is something that is counted for each model.
type perModel[T any] interface {
	*T
	of() (model string, costNano, requests int64)
	plus(T)
}

// sumByModel adds up what is counted for the same model. What costs most comes
// first.
func sumByModel[T any, P perModel[T]](all ...[]T) []T {
	sums := []T{}
	at := map[string]int{}
	for _, one := range slices.Concat(all...) {
		model, _, _ := P(&one).of()
		if i, seen := at[model]; seen {
			P(&sums[i]).plus(one)
			continue
		}
		at[model] = len(sums)
		sums = append(sums, one)
	}
	slices.SortFunc(sums, func(a, b T) int {
		model, cost, requests := P(&a).of()
		other, otherCost, otherRequests := P(&b).of()
		return cmp.Or(cmp.Compare(otherCost, cost), cmp.Compare(otherRequests, requests), cmp.Compare(model, other))
	})
	return sums
}
