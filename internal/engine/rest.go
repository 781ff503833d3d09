package engine

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/dustin/go-humanize"
)

// countFor is how long a build that stops looks for the records that it did not
// come to, so as to say how far it was: local files are read in less.
const countFor = 300 * time.Millisecond

// A rest counts the records that a stop kept from being started. It is unknown
// where an earlier stage was to make them, and where counting takes long.
type rest struct {
	mu     sync.Mutex
	n      int64
	until  time.Time
	hidden bool
}

// add counts a record of the last stage, or hides the number where an earlier one
// stops. It says whether to go on counting.
func (r *rest) add(last bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if r.until.IsZero() {
		r.until = now.Add(countFor)
	}
	if !last || now.After(r.until) {
		r.hidden = true
	}
	if r.hidden {
		return false
	}
	r.n++
	return true
}

// hide makes the number unknown, if so.
func (r *rest) hide(so bool) {
	if !so {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hidden = true
}

// lingering returns a context that ends when there was time to count after a stop.
func (b *Build) lingering() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	unwatch := context.AfterFunc(b.engine.waiting(), func() { time.AfterFunc(2*countFor, cancel) })
	return ctx, func() {
		unwatch()
		cancel()
	}
}

// An Extent says how far a run came: how many records of its last stage need
// nothing more, and how many there are, 0 where nobody knows.
type Extent struct{ Kept, All int64 }

func (b *Build) extent() Extent {
	x := Extent{Kept: max(0, b.progress.done.Load()-b.progress.open.Load()-b.progress.lost.Load())}
	b.rest.mu.Lock()
	defer b.rest.mu.Unlock()
	if !b.rest.hidden {
		x.All = b.progress.started.Load() + b.rest.n
	}
	return x
}

func (x Extent) String() string {
	if x.All == 0 {
		return humanize.Comma(x.Kept) + " kept"
	}
	return fmt.Sprintf("%s of %s kept", humanize.Comma(x.Kept), humanize.Comma(x.All))
}

// Projected is what all records come to if those that are left cost what those
// cost that were asked, where of so many requests some were asked, for
// nano; 0 where nobody can tell. It is more than the truth where the cache
// holds answers of records that are left.
func (x Extent) Projected(nano, asked, requests int64) int64 {
	if x.Kept == 0 || x.All <= x.Kept || asked == 0 || nano == 0 {
		return 0
	}
	each := float64(nano) / float64(asked) * float64(requests) / float64(x.Kept)
	return nano + int64(each*float64(x.All-x.Kept))
}
