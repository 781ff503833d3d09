package cache

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// flights are the requests that are being asked right now.
type flights struct {
	mu   sync.Mutex
	open map[Ref]*flight
}

// A flight is one request that is being asked. When landed is closed the other
// fields are final.
type flight struct {
	landed chan struct{}
	e      *Entry
	err    error
	again  bool // it was given up; whoever waited has to ask
}

// Do returns the stored answer to a request, or asks for it and stores it before
// anybody sees it. Of several callers with the same key and limit one asks and
// the others wait; they have a hit if it succeeds and share its error if not.
// If the one that asks is cancelled, or ends its goroutine, the next one asks.
// Where another process asks it, Do waits for that one's answer or its end; stop
// ends this wait, and nothing else, with ErrStopWaiting.
//
// Do does not ask when it could not keep the answer: it then returns ErrFull or
// what else is wrong with the folder.
func (s *Store) Do(ctx, stop context.Context, fs Fields, ask func(context.Context, Key) (*Entry, error)) (e *Entry, hit bool, err error) {
	q := question{fs: fs, parts: fs.parts()}
	q.ref = Ref{keyOf(q.parts), fs.Limit()}
	for {
		q.seen = s.sight()
		if e, err := s.get(q.ref.Key, q.ref.Limit, q.atHand); !errors.Is(err, ErrMiss) {
			return e, err == nil, err
		}
		f, mine := s.flights.join(q.ref)
		if mine {
			return s.fly(ctx, stop, f, &q, ask)
		}
		select {
		case <-f.landed:
		case <-ctx.Done():
			return nil, false, context.Cause(ctx)
		}
		if !f.again {
			return f.e, f.err == nil, f.err
		}
	}
}

// fly asks. Another flight may have landed since the caller found nothing, here
// or in another process: if there is anything new, it looks once more first.
func (s *Store) fly(ctx, stop context.Context, f *flight, q *question, ask func(context.Context, Key) (*Entry, error)) (*Entry, bool, error) {
	f.again = true // unless all goes well, also if ask never returns
	defer s.flights.land(q.ref, f)
	if !s.o.ReadOnly {
		if err := s.lease(ctx, stop, q.ref); err != nil {
			return nil, false, err
		}
		defer s.leases.give(q.ref)
	}
	if s.sight() != q.seen {
		if e, err := s.get(q.ref.Key, q.ref.Limit, q.atHand); !errors.Is(err, ErrMiss) {
			f.e, f.err, f.again = e, err, false
			return e, err == nil, err
		}
	}
	e, err := s.askAndPut(ctx, q, ask)
	f.e, f.err, f.again = e, err, err != nil && ctx.Err() != nil
	return e, false, err
}

func (s *Store) askAndPut(ctx context.Context, q *question, ask func(context.Context, Key) (*Entry, error)) (*Entry, error) {
	if !s.o.ReadOnly {
		if err := s.journal.room(); err != nil {
			return nil, err
		}
	}
	e, err := ask(ctx, q.ref.Key)
	if err != nil {
		return nil, err
	}
	if e.Fields == nil {
		e.Fields = q.fs
	}
	if q.isOf(e) {
		return e, s.put(e, q)
	}
	if got := e.Ref(); got != q.ref {
		return nil, fmt.Errorf("the answer is to request %s with limit %d, not to %s with limit %d", got.Key, got.Limit, q.ref.Key, q.ref.Limit)
	}
	return e, s.Put(e)
}

// join returns the flight for r, which is the caller's own if there was none.
func (fl *flights) join(r Ref) (f *flight, mine bool) {
	fl.mu.Lock()
	defer fl.mu.Unlock()
	if f := fl.open[r]; f != nil {
		return f, false
	}
	if fl.open == nil {
		fl.open = map[Ref]*flight{}
	}
	f = &flight{landed: make(chan struct{})}
	fl.open[r] = f
	return f, true
}

func (fl *flights) land(r Ref, f *flight) {
	fl.mu.Lock()
	delete(fl.open, r)
	fl.mu.Unlock()
	close(f.landed)
}

func (fl *flights) count() int {
	fl.mu.Lock()
	defer fl.mu.Unlock()
	return len(fl.open)
}

// A question is a request whose key is known, so that it is computed once.
type question struct {
	fs    Fields
	parts []part // of fs
	ref   Ref
	seen  sight // before it was looked for
}

// A sight is what can be found: frames that were added to the index, and the
// handle of cache.db. As long as it is the same, what was a miss is one.
type sight struct {
	added uint64
	age   int
}

func (s *Store) sight() sight { return sight{s.journal.index.added.Load(), s.db.currentAge()} }

// isOf says that e has the very fields of the question.
func (q *question) isOf(e *Entry) bool {
	return len(q.fs) > 0 && len(e.Fields) == len(q.fs) && &e.Fields[0] == &q.fs[0]
}

// atHand finds the long values of a request in the request itself, so that an
// answer to it is completed without reading them.
func (q *question) atHand(d Digest) (string, bool) {
	for i, p := range q.parts {
		if p.long() && p.value == string(d[:]) {
			return q.fs[i].Value, true
		}
	}
	return "", false
}
