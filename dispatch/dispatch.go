// Package dispatch asks models, and keeps what they answer.
//
// A Request is described by one list of labelled fields, cache.Fields. The key
// that names the request and the body that goes over the wire are both written
// from that list, so an explanation of a key can never disagree with what was sent.
//
// A try is one request on the wire. A lane is where tries queue up together: one
// model at one endpoint with one key. A flight is the tries that a lane has on the
// wire at one moment.
//
// What always holds:
//   - An answer is stored before anybody sees it, and is never asked for again.
//   - At most Workers tries are on the wire, over all targets; targets take turns.
//   - A key reaches no host but the one it belongs to, and no entry, event or error.
//   - After Stop nothing is sent; what is on the wire comes home and is stored.
package dispatch

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/identity-shaping/isf/cache"
)

// Options say what a Dispatcher works with.
type Options struct {
	Store       *cache.Store
	Workers     int                 // tries on the wire at once; 0 is DefaultWorkers
	Offline     bool                // send nothing: what the cache does not hold is a Miss
	Getenv      func(string) string // where keys come from
	Commit      func() string       // for entries; nil is ""
	Engine      string              // for entries
	Sim         http.Handler        // answers provider "sim" in this process
	Event       func(Event)         // hears of every try, from many goroutines
	MaxTries    int                 // 0 is DefaultMaxTries
	LongestWait time.Duration       // that a provider may ask for; 0 is DefaultLongestWait
	Deadline    time.Duration       // of a request, from its first try to its last; 0 is none
	PauseAfter  int                 // failures in a row of one model; 0 is DefaultPauseAfter
	Bounds      []Bound             // budgets, checked before each try
	Spent       func(Spend)         // hears what each try took, one call at a time
	Held        func(Spend)         // hears what all tries that are out may take, at each change, in turn with Spent
	Clock       Clock               // nil is the real one
	Rand        func() float64      // in [0, 1); nil is the real one
}

const (
	// DefaultWorkers is isf.yaml's worker_concurrency where it is not set.
	DefaultWorkers = 50
	// DefaultMaxTries lets a request outlive about half a minute of trouble at a provider.
	DefaultMaxTries = 6
	// DefaultTimeout is for one try: the longest answers of slow reasoning models take minutes.
	DefaultTimeout = 10 * time.Minute
)

// A Dispatcher asks models. It may be used from many goroutines.
type Dispatcher struct {
	o         Options
	gate      *gate
	transport *http.Transport
	prompts   *prompts
	purse     *purse
	troubles  *troubles
	meters    meters
	failures  Kinds // tries that failed

	stop  context.Context // ends at Stop; its cause says why
	halt  context.CancelCauseFunc
	close context.CancelFunc

	mu     sync.Mutex
	places map[placeKey]*place

	known *lru.Cache[*Model, []*place]
}

// New makes a Dispatcher. Close it.
func New(o Options) (*Dispatcher, error) {
	if o.Store == nil {
		return nil, errors.New("a dispatcher needs a store: answers are kept before they are seen")
	}
	o.Workers = cmp.Or(o.Workers, DefaultWorkers)
	o.MaxTries = cmp.Or(o.MaxTries, DefaultMaxTries)
	o.LongestWait = cmp.Or(o.LongestWait, DefaultLongestWait)
	if o.Workers < 0 || o.MaxTries < 0 {
		return nil, errors.New("workers and tries cannot be negative")
	}
	if o.Clock == nil {
		o.Clock = realClock{}
	}
	if o.Rand == nil {
		o.Rand = rand.Float64
	}
	if o.Commit == nil {
		o.Commit = func() string { return "" }
	}
	d := &Dispatcher{
		o: o, transport: newTransport(o.Workers), prompts: newPrompts(), purse: newPurse(o.Bounds, o.Spent, o.Held), troubles: newTroubles(cmp.Or(o.PauseAfter, DefaultPauseAfter)),
		places: map[placeKey]*place{},
	}
	var err error
	if d.known, err = lru.New[*Model, []*place](knownModels); err != nil {
		return nil, err
	}
	d.stop, d.halt = context.WithCancelCause(context.Background())
	ctx, cancel := context.WithCancel(context.Background())
	d.gate, d.close = &gate{clock: o.Clock, ctx: ctx, workers: o.Workers}, cancel
	return d, nil
}

// Stop ends sending: what is on the wire comes home and is stored, and every later request that is
// not in the cache gets ErrStopped, which wraps the first cause.
func (d *Dispatcher) Stop(cause error) {
	d.halt(&stopped{cause})
}

// stopped is nil, or what a request gets that comes too late.
func (d *Dispatcher) stopped() error {
	if d.stop.Err() == nil {
		return nil
	}
	return context.Cause(d.stop)
}

// Close stops, waits for the dispatcher's own goroutines, and lets go of its connections. Requests
// that still run belong to their callers.
func (d *Dispatcher) Close() error {
	d.Stop(errors.New("the dispatcher is closed"))
	d.close()
	d.gate.wg.Wait()
	d.transport.CloseIdleConnections()
	return nil
}
