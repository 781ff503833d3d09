package dispatch

import (
	"context"
	"errors"
	"time"

	"github.com/identity-shaping/isf/cache"
)

// Ask answers from the cache, or sends the request and stores the answer. It blocks while others have
// the wire. If ctx ends, the try on the wire is broken off; a Stop lets it come home.
//
// The error is a *Failed, a *Paused, a *Fatal or an *Over (which stop the dispatcher), ErrStopped, a *Miss, ctx's, the
// store's (which stops as well: an answer that cannot be kept must not be paid for), or says what
// is wrong with the request itself.
func (d *Dispatcher) Ask(ctx context.Context, r *Request) (*Reply, error) {
	fs, err := r.Fields()
	if err != nil {
		return nil, err
	}
	return d.AskFields(ctx, r.Model, fs, r.Tally)
}

// A Reply is an answer and how it came.
type Reply struct {
	Entry *cache.Entry // shared with others: not to be changed
	Hit   bool         // nothing was sent for it
	Tries int
}

// asking is a request on its way to an answer.
type asking struct {
	d     *Dispatcher
	fs    cache.Fields
	model *Model
	tally *Tally
	key   cache.Key // known once it has to be sent
	body  body

	began   time.Time // when the first try left
	tries   int
	charged int  // tries that count against MaxTries
	undialt bool // no try has had a connection
	pages   bool // every try has met a web page
	err     error
}

func (a *asking) answer(ctx context.Context) (*cache.Entry, bool, error) {
	if a.d.o.Offline {
		ref := cache.Ref{Key: a.fs.Key(), Limit: a.fs.Limit()}
		e, err := a.d.o.Store.Get(ref.Key, ref.Limit)
		if errors.Is(err, cache.ErrMiss) {
			err = &Miss{ref}
		}
		return e, true, err
	}
	e, hit, err := a.d.o.Store.Do(ctx, a.d.stop, a.fs, a.ask)
	if errors.Is(err, cache.ErrStopWaiting) {
		return nil, false, a.d.stopped()
	}
	if err != nil && !errors.Is(err, a.err) && isStoreTrouble(ctx, err) {
		a.d.Stop(err)
	}
	return e, hit, err
}

// isStoreTrouble tells the store's own errors from those of an asking that this one waited for.
func isStoreTrouble(ctx context.Context, err error) bool {
	var failed *Failed
	var fatal *Fatal
	var over *Over
	var paused *Paused
	return !errors.As(err, &failed) && !errors.As(err, &paused) && !errors.As(err, &fatal) && !errors.As(err, &over) && !errors.Is(err, ErrStopped) &&
		ctx.Err() == nil && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
}

// ask sends until there is an answer, or no hope of one.
func (a *asking) ask(ctx context.Context, key cache.Key) (*cache.Entry, error) {
	a.key, a.undialt, a.pages = key, true, true
	a.body.model, a.body.fs, a.body.prompts = a.model, a.fs, a.d.prompts
	places, fatal := a.d.placesOf(a.model)
	if fatal != nil {
		return nil, a.fail(a.end(fatal))
	}
	for {
		if err := a.d.troubles.of(a.model); err != nil {
			return nil, a.fail(err)
		}
		e, wait, err := a.try(ctx, a.d.gate.least(places))
		var failed *Failed
		if e != nil || errors.As(err, &failed) {
			a.d.troubles.see(a.model, failed)
		}
		if e != nil || err != nil {
			return e, a.fail(err)
		}
		if err := a.sleep(ctx, wait); err != nil {
			return nil, a.fail(err)
		}
	}
}

// fail remembers which error is ours, not the store's.
func (a *asking) fail(err error) error {
	a.err = err
	return err
}

// end stops everything.
func (a *asking) end(cause error) error {
	a.d.Stop(cause)
	return cause
}

// sleep waits, unless ctx or the dispatcher ends first. No place on the wire is held meanwhile.
func (a *asking) sleep(ctx context.Context, wait time.Duration) error {
	both, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(a.d.stop, cancel)()
	if a.d.o.Clock.Sleep(both, wait) == nil {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return a.d.stopped()
}
