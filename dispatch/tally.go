package dispatch

import (
	"maps"
	"sync"
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

// Kinds counts by name. It may be used from many goroutines.
type Kinds struct {
	mu sync.Mutex
	by map[string]int64
}

// Add counts one of the kind.
func (k *Kinds) Add(kind string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.by == nil {
		k.by = map[string]int64{}
	}
	k.by[kind]++
}

// All is a copy, never nil.
func (k *Kinds) All() map[string]int64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	out := make(map[string]int64, len(k.by))
	maps.Copy(out, k.by)
	return out
}
