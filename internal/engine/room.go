package engine

import "sync"

// A room holds so many at once, a number that may change meanwhile.
type room struct {
	mu    sync.Mutex
	limit int
	busy  int
	freed chan struct{} // closed when somebody who waits may look again; nil while nobody waits
}

// take waits for a place, unless quit ends first.
func (r *room) take(quit <-chan struct{}) bool {
	for {
		r.mu.Lock()
		if r.busy < r.limit {
			r.busy++
			r.mu.Unlock()
			return true
		}
		if r.freed == nil {
			r.freed = make(chan struct{})
		}
		freed := r.freed
		r.mu.Unlock()
		select {
		case <-freed:
		case <-quit:
			return false
		}
	}
}

func (r *room) give() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy--
	r.wake()
}

// resize changes the number. Those above it leave in their own time.
func (r *room) resize(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.limit = n
	r.wake()
}

func (r *room) wake() {
	if r.freed != nil {
		close(r.freed)
		r.freed = nil
	}
}
