package cache

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

func asking(e *Entry, asked *atomic.Int64) func(context.Context, Key) (*Entry, error) {
	return func(context.Context, Key) (*Entry, error) {
		asked.Add(1)
		return e, nil
	}
}

func TestDoAsksOnce(t *testing.T) {
	s, e := open(t, t.TempDir(), Options{}), numbered(1)
	var asked, hits atomic.Int64
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			got, hit, err := s.Do(t.Context(), t.Context(), e.Fields, asking(e, &asked))
			if err != nil || got.Text != e.Text {
				t.Errorf("got %v, %v", got, err)
			}
			if hit {
				hits.Add(1)
			}
		})
	}
	wg.Wait()
	if asked.Load() != 1 || hits.Load() != 49 {
		t.Errorf("asked %d times with %d hits, want 1 and 49", asked.Load(), hits.Load())
	}
	if n := len(s.flights.open); n != 0 {
		t.Errorf("%d flights are left", n)
	}
}

func TestAnotherLimitIsAnotherFlight(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	var asked atomic.Int64
	for _, e := range []*Entry{variant(100, "length", 100), variant(200, "length", 200), variant(0, "stop", 500)} {
		if _, hit, err := s.Do(t.Context(), t.Context(), e.Fields, asking(e, &asked)); hit || err != nil {
			t.Errorf("limit %d: hit %t, %v", e.Limit(), hit, err)
		}
	}
	if asked.Load() != 3 {
		t.Errorf("asked %d times, want 3", asked.Load())
	}
}

func TestNobodySeesAnAnswerBeforeItIsStored(t *testing.T) {
	dir := t.TempDir()
	s, e := open(t, dir, Options{}), numbered(1)
	var asked atomic.Int64
	if _, _, err := s.Do(t.Context(), t.Context(), e.Fields, asking(e, &asked)); err != nil {
		t.Fatal(err)
	}
	wantAll(t, open(t, dir, Options{ReadOnly: true}), []*Entry{e})
}

func TestAnErrorIsSharedAndNotKept(t *testing.T) {
	s, e := open(t, t.TempDir(), Options{}), numbered(1)
	refused := errors.New("refused")
	if _, hit, err := s.Do(t.Context(), t.Context(), e.Fields, func(context.Context, Key) (*Entry, error) { return nil, refused }); hit || !errors.Is(err, refused) {
		t.Errorf("hit %t, %v", hit, err)
	}
	var asked atomic.Int64
	if _, hit, err := s.Do(t.Context(), t.Context(), e.Fields, asking(e, &asked)); hit || err != nil || asked.Load() != 1 {
		t.Errorf("after an error: hit %t, %v, asked %d", hit, err, asked.Load())
	}
}

// Whatever ends the one who asks, the next one asks.
func TestWhoWaitsAsksWhenTheFirstGivesUp(t *testing.T) {
	ends := map[string]func(ctx context.Context, cancel context.CancelFunc) (*Entry, error){
		"cancelled": func(ctx context.Context, cancel context.CancelFunc) (*Entry, error) { cancel(); return nil, ctx.Err() },
		"goexit":    func(context.Context, context.CancelFunc) (*Entry, error) { runtime.Goexit(); return nil, nil },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			s, e := open(t, t.TempDir(), Options{}), numbered(1)
			var asked atomic.Int64
			began, more := make(chan bool), make(chan bool)
			var wg sync.WaitGroup
			wg.Go(func() {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				s.Do(ctx, ctx, e.Fields, func(ctx context.Context, _ Key) (*Entry, error) {
					close(began)
					<-more
					return end(ctx, cancel)
				})
			})
			<-began
			for range 5 {
				wg.Go(func() {
					if got, _, err := s.Do(t.Context(), t.Context(), e.Fields, asking(e, &asked)); err != nil || got.Text != e.Text {
						t.Errorf("got %v, %v", got, err)
					}
				})
			}
			close(more)
			wg.Wait()
			if asked.Load() != 1 {
				t.Errorf("asked %d times, want 1", asked.Load())
			}
		})
	}
}

func TestWhoWaitsCanBeCancelled(t *testing.T) {
	s, e := open(t, t.TempDir(), Options{}), numbered(1)
	began, more := make(chan bool), make(chan bool)
	var wg sync.WaitGroup
	wg.Go(func() {
		s.Do(t.Context(), t.Context(), e.Fields, func(context.Context, Key) (*Entry, error) {
			close(began)
			<-more
			return e, nil
		})
	})
	<-began
	ctx, cancel := context.WithCancelCause(t.Context())
	stopped := errors.New("stopped")
	cancel(stopped)
	if _, hit, err := s.Do(ctx, ctx, e.Fields, nil); hit || !errors.Is(err, stopped) {
		t.Errorf("hit %t, %v, want %v", hit, err, stopped)
	}
	close(more)
	wg.Wait()
}

func TestAnAnswerToAnotherRequestIsRefused(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	var asked atomic.Int64
	if _, _, err := s.Do(t.Context(), t.Context(), numbered(1).Fields, asking(numbered(2), &asked)); err == nil {
		t.Error("an answer to another request was stored")
	}
}
