package cache

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Two stores over one folder stand for two processes: the locks belong to open
// files. The e2e tests do the same with real ones.

func TestTwoStoresAskOnce(t *testing.T) {
	dir := t.TempDir()
	stores := []*Store{open(t, dir, Options{}), open(t, dir, Options{})}
	const requests = 40
	var asked, hits atomic.Int64
	var wg sync.WaitGroup
	for i := range requests {
		for _, s := range stores {
			e := numbered(i)
			wg.Go(func() {
				got, hit, err := s.Do(t.Context(), t.Context(), e.Fields, func(context.Context, Key) (*Entry, error) {
					asked.Add(1)
					time.Sleep(time.Millisecond) // on the wire
					return e, nil
				})
				if err != nil || got.Text != e.Text {
					t.Errorf("got %v, %v", got, err)
				}
				if hit {
					hits.Add(1)
				}
			})
		}
	}
	wg.Wait()
	if asked.Load() != requests || hits.Load() != requests {
		t.Errorf("asked %d times with %d hits, want %d and %d", asked.Load(), hits.Load(), requests, requests)
	}
}

// A fast answer is there before the other process has looked: it must look
// after it has the lease, not just wait for it.
func TestAnAnswerOfAMomentAgoIsSeen(t *testing.T) {
	dir := t.TempDir()
	a, b := open(t, dir, Options{}), open(t, dir, Options{})
	var asked atomic.Int64
	for i := range 20 {
		for _, s := range []*Store{a, b} {
			if _, _, err := s.Do(t.Context(), t.Context(), numbered(i).Fields, asking(numbered(i), &asked)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if asked.Load() != 20 {
		t.Errorf("asked %d times, want 20", asked.Load())
	}
}

// asksUntil has s ask a request until the returned function ends it with err.
func asksUntil(s *Store, e *Entry) (end func(error)) {
	asks, result, done := make(chan struct{}), make(chan error), make(chan struct{})
	go func() {
		defer close(done)
		_, _, _ = s.Do(context.Background(), context.Background(), e.Fields, func(context.Context, Key) (*Entry, error) {
			close(asks)
			if err := <-result; err != nil {
				return nil, err
			}
			return e, nil
		})
	}()
	<-asks
	return func(err error) { result <- err; <-done }
}

func TestTheNextProcessAsksWhereTheFirstFailed(t *testing.T) {
	dir, e := t.TempDir(), numbered(1)
	a, b := open(t, dir, Options{}), open(t, dir, Options{})
	end := asksUntil(a, e)
	var asked atomic.Int64
	done := make(chan error)
	go func() {
		_, hit, err := b.Do(t.Context(), t.Context(), e.Fields, asking(e, &asked))
		if hit {
			err = errors.Join(err, errors.New("a hit"))
		}
		done <- err
	}()
	end(errors.New("no answer"))
	if err := <-done; err != nil || asked.Load() != 1 {
		t.Errorf("asked %d times, %v; want once", asked.Load(), err)
	}
}

func TestAWaitForAnotherProcessCanBeStopped(t *testing.T) {
	dir, e := t.TempDir(), numbered(1)
	a, b := open(t, dir, Options{}), open(t, dir, Options{})
	end := asksUntil(a, e)
	defer end(nil)
	stop, halt := context.WithCancel(t.Context())
	halt()
	if _, _, err := b.Do(t.Context(), stop, e.Fields, nil); !errors.Is(err, ErrStopWaiting) {
		t.Errorf("got %v, want ErrStopWaiting", err)
	}
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	if _, _, err := b.Do(ctx, t.Context(), e.Fields, nil); !errors.Is(err, cause) {
		t.Errorf("got %v, want the cause", err)
	}
}

// A store that may not lock asks all the same.
func TestWithoutAFolderForLeasesRequestsAreAsked(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/leases", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int64
	if _, _, err := open(t, dir, Options{}).Do(t.Context(), t.Context(), numbered(1).Fields, asking(numbered(1), &asked)); err != nil || asked.Load() != 1 {
		t.Errorf("asked %d times, %v; want once", asked.Load(), err)
	}
}

// BenchmarkLease takes a lease, looks for others' answers and gives it back,
// with so many leases held and other processes writing.
func BenchmarkLease(b *testing.B) {
	for _, bm := range []struct{ held, others int }{{50, 0}, {2000, 0}, {2000, 3}} {
		b.Run(fmt.Sprintf("held=%d/others=%d", bm.held, bm.others), func(b *testing.B) {
			dir := b.TempDir()
			s := open(b, dir, Options{})
			for i := range bm.others {
				if err := open(b, dir, Options{}).Put(numbered(i)); err != nil {
					b.Fatal(err)
				}
			}
			ref := func(i int) Ref { return Ref{Fields{Int(TagSeed, int64(i))}.Key(), 0} }
			for i := range bm.held {
				if !s.leases.try(ref(-1 - i)) {
					b.Fatal("a place was taken")
				}
			}
			r := ref(1)
			for b.Loop() {
				if err := s.lease(b.Context(), b.Context(), r); err != nil {
					b.Fatal(err)
				}
				s.leases.give(r)
			}
		})
	}
}
