package sim

import (
	"hash/maphash"
	"net/http"
	"sync"
)

// Stats are what a server counted since it began, or since the last reset.
type Stats struct {
	Requests      int64         `json:"requests"`       // completions asked for, refused ones included
	AnswersServed int64         `json:"answers_served"` // complete bodies with an answer, written to the end
	DistinctKeys  int64         `json:"distinct_keys"`  // different Idempotency-Keys among the answers served
	Duplicates    int64         `json:"duplicates"`     // answers served for a key that already had one
	InFlight      int64         `json:"in_flight"`      // accepted and not yet answered
	MostInFlight  int64         `json:"most_in_flight"`
	ByStatus      map[int]int64 `json:"by_status"` // what was answered; hung and abandoned requests have none
}

// A tally counts requests. An answer is counted just before it is written, so
// that a client that has its answer finds it in the stats, and taken back when
// the writing fails.
type tally struct {
	mu    sync.Mutex
	stats Stats
	hash  maphash.Seed
	keys  map[uint64]int32 // answers served by hash of the key: 16 bytes where keys take 80
	keyed int64            // answers served that had a key
	epoch int              // counts resets, so that nothing from before one is taken back after it
}

// begin counts a request that arrived and says how many are in flight with it.
func (t *tally) begin() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stats.Requests++
	t.stats.InFlight++
	t.stats.MostInFlight = max(t.stats.MostInFlight, t.stats.InFlight)
	return t.stats.InFlight
}

// end counts a request that got something other than an answer; status 0 is
// for one that got nothing.
func (t *tally) end(status int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stats.InFlight--
	if status != 0 {
		t.status(status)
	}
}

// served counts an answer that is about to be written. The epoch it returns is
// for takeBack.
func (t *tally) served(key string) (epoch int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stats.InFlight--
	t.stats.AnswersServed++
	t.status(http.StatusOK)
	if key == "" {
		return t.epoch
	}
	if t.keys == nil {
		t.keys, t.hash = map[uint64]int32{}, maphash.MakeSeed()
	}
	t.keyed++
	t.keys[maphash.String(t.hash, key)]++
	return t.epoch
}

// takeBack forgets an answer whose writing failed.
func (t *tally) takeBack(key string, epoch int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if epoch != t.epoch {
		return
	}
	t.stats.AnswersServed--
	if key == "" {
		return
	}
	t.keyed--
	h := maphash.String(t.hash, key)
	if t.keys[h]--; t.keys[h] <= 0 {
		delete(t.keys, h)
	}
}

func (t *tally) status(code int) {
	if t.stats.ByStatus == nil {
		t.stats.ByStatus = map[int]int64{}
	}
	t.stats.ByStatus[code]++
}
