package dispatch

import (
	"sync/atomic"

	"github.com/identity-shaping/isf/cache"
)

// A Tally counts for one target. The dispatcher adds; anybody may read at any time.
type Tally struct {
	Total   atomic.Int64 // requests
	Hits    atomic.Int64 // of which answered from the cache
	Sent    atomic.Int64 // tries on the wire
	Retries atomic.Int64 // tries after a request's first

	// Of answers that were sent for; hits cost nothing.
	Prompt, Completion, CachedPrompt atomic.Int64
	CostNano                         atomic.Int64 // nano-USD
	CostUnknown                      atomic.Int64 // answers whose cost nobody said
	SavedNano                        atomic.Int64 // what hits cost when they were asked, nano-USD
}

// answered counts an answer that was sent for.
func (t *Tally) answered(e *cache.Entry) {
	t.Prompt.Add(e.Usage.Prompt)
	t.Completion.Add(e.Usage.Completion)
	t.CachedPrompt.Add(e.Usage.CachedPrompt)
	t.CostNano.Add(e.CostNano)
	if !e.CostKnown {
		t.CostUnknown.Add(1)
	}
}
