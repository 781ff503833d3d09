package dispatch

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// slow is a simulated model that takes d and counts how many it answers at once.
type slow struct {
	d          time.Duration
	now, most  atomic.Int64
	capacity   int64 // refuses above it; 0 is no bound
	refusals   atomic.Int64
	retryAfter string
	seen       sync.Map
}

func (s *slow) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := s.now.Add(1)
	defer s.now.Add(-1)
	for most := s.most.Load(); n > most && !s.most.CompareAndSwap(most, n); most = s.most.Load() {
	}
	if s.capacity > 0 && n > s.capacity {
		s.refusals.Add(1)
		time.Sleep(s.d / 20) // a refusal takes its time, and a place of ours
		if s.retryAfter != "" {
			w.Header().Set("Retry-After", s.retryAfter)
		}
		w.WriteHeader(429)
		return
	}
	s.seen.Store(r.Header.Get("Idempotency-Key"), true)
	select {
	case <-time.After(s.d):
		replyWith(200, completion("Hi"))(w, r)
	case <-r.Context().Done():
	}
}

// simulated makes a dispatcher in a bubble of synctest, where the real clock is a fake one.
func simulated(t *testing.T, h http.Handler, workers int) *fixture {
	return open(t, func(o *Options) { o.Sim, o.Workers, o.Clock, o.Rand = h, workers, nil, nil })
}

var sim = &Model{Name: "sim", Provider: "sim", ID: "m"}

// askMany asks n different questions at once and returns when all are answered.
func askMany(t *testing.T, f *fixture, m *Model, n int, tally *Tally) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			if _, err := f.Ask(context.Background(), &Request{Model: m, Messages: user("Hi"), Draw: i, Tally: tally}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// durable is how long the last answers may wait to be on disk: where many requests are under way they share syncs.
const durable = 10 * time.Millisecond

func TestWorkersBoundWhatIsOnTheWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{d: time.Second}
		f := simulated(t, s, 100)
		askMany(t, f, sim, 1, nil)
		start := time.Now()
		askMany(t, f, sim, 2001, nil)
		if took := time.Since(start); took < 20*time.Second || took > 20*time.Second+durable || s.most.Load() != 100 {
			t.Errorf("took %s with %d at once, want 20s with 100", took, s.most.Load())
		}
	})
}

func TestTwoThousandAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{d: time.Second}
		f := simulated(t, s, 2000)
		askMany(t, f, sim, 1, nil)
		start := time.Now()
		askMany(t, f, sim, 2001, nil)
		if took := time.Since(start); took < time.Second || took > time.Second+durable {
			t.Errorf("took %s, want 1s", took)
		}
	})
}

// Before its first answer a lane sends one try, then twice as many with each step; the answer opens it.
func TestALaneRampsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{d: 10 * time.Second}
		f := simulated(t, s, 1000)
		go askMany(t, f, sim, 1000, nil)
		for i, want := range []int64{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000} {
			time.Sleep(time.Duration(min(i, 1)) * rampStep)
			synctest.Wait()
			if got := s.now.Load(); got != want {
				t.Errorf("after %s: %d on the wire, want %d", time.Duration(i)*rampStep, got, want)
			}
		}
		time.Sleep(time.Minute)
	})
	synctest.Test(t, func(t *testing.T) {
		s := &slow{d: rampStep / 2}
		f := simulated(t, s, 1000)
		go askMany(t, f, sim, 1000, nil)
		time.Sleep(rampStep * 3 / 4)
		synctest.Wait()
		if got := s.now.Load(); got != 999 {
			t.Errorf("after the first answer %d are on the wire, want all the others", got)
		}
		time.Sleep(time.Minute)
	})
}

// A key that is refused after a quarter of a second costs four requests, and not as many as there are workers.
func TestAWrongKeyIsFoundByFewRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var came atomic.Int64
		f := simulated(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			came.Add(1)
			time.Sleep(rampStep * 5 / 2)
			replyWith(401, `{"error":{"message":"no"}}`)(w, r)
		}), 1000)
		_, errs := askEach(f, sim, 1000)
		if came.Load() != 4 || len(errs) != 1000 {
			t.Errorf("%d requests were sent, %d failed, want 4 and all", came.Load(), len(errs))
		}
	})
}

func TestTargetsTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := simulated(t, &slow{d: time.Second}, 10)
		var big, small Tally
		var wg sync.WaitGroup
		start := time.Now()
		wg.Go(func() { askMany(t, f, sim, 1000, &big) })
		synctest.Wait()
		var took time.Duration
		wg.Go(func() {
			askMany(t, f, &Model{Provider: "sim", ID: "other"}, 20, &small)
			took = time.Since(start)
		})
		wg.Wait()
		// Ten of the thousand are on the wire; after that every second place is the small target's.
		if took > 6*time.Second {
			t.Errorf("20 requests beside 1000 took %s, want at most 6s", took)
		}
	})
}

func TestTheLimitFindsAHiddenCapacity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{d: time.Second, capacity: 40}
		f := simulated(t, s, 200)
		start := time.Now()
		askMany(t, f, sim, 4000, nil)
		took, ideal := time.Since(start), 100*time.Second
		if took > ideal*13/10 {
			t.Errorf("took %s, want at most 30%% over %s", took, ideal)
		}
		t.Logf("took %s (ideal %s), %d refusals", took, ideal, s.refusals.Load())
	})
}

func TestALaneKeepsQuietUntilRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{d: time.Second, capacity: 1, retryAfter: "30"}
		f := simulated(t, s, 2)
		start := time.Now()
		askMany(t, f, sim, 3, nil)
		// One is answered, one refused; the lane then sends nothing for 30 s, and one at a time.
		if took := time.Since(start); took < 32*time.Second || took > 33*time.Second || s.refusals.Load() != 1 {
			t.Errorf("took %s with %d refusals, want 32s and little more with 1", took, s.refusals.Load())
		}
	})
}

func TestLimits(t *testing.T) {
	now := time.Now()
	l := &lane{limit: 100, most: 100, busy: 100}
	for range 60 {
		l.refuse(0, now) // a whole flight of refusals
	}
	if l.limit != 90 {
		t.Errorf("after a flight of refusals the limit is %d, want 90", l.limit)
	}
	for range 100 * 100 {
		l.answer(now.Add(9 * time.Second))
	}
	if l.limit != 99 {
		t.Errorf("while it holds, the limit grows to %d, want 99, below what was refused", l.limit)
	}
	for range 99 {
		l.answer(now.Add(11 * time.Second))
	}
	if l.limit != 100 {
		t.Errorf("after it held, the limit is %d, want 100", l.limit)
	}
	l.busy = 10
	l.refuse(1, now)
	if l.limit != 9 {
		t.Errorf("refused with 10 on the wire, the limit is %d, want 9", l.limit)
	}
	l.busy = 1
	l.refuse(2, now)
	if l.limit != 1 {
		t.Errorf("the limit is %d, want 1 at least", l.limit)
	}
}

func TestStopLetsWhatIsOnTheWireComeHome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{d: time.Second}
		f := simulated(t, s, 3)
		cause := errors.New("interrupted")
		var answered, late atomic.Int64
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				_, err := f.Ask(context.Background(), &Request{Model: sim, Messages: user("Hi"), Draw: i})
				switch {
				case err == nil:
					answered.Add(1)
				case errors.Is(err, ErrStopped) && errors.Is(err, cause):
					late.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		time.Sleep(500 * time.Millisecond)
		f.Stop(cause)
		f.Stop(errors.New("a later cause"))
		wg.Wait()
		if answered.Load() != 3 || late.Load() != 7 || count(t, f.store) != 3 {
			t.Errorf("%d answered, %d late, %d stored, want 3, 7, 3", answered.Load(), late.Load(), count(t, f.store))
		}
	})
}

func TestStopEndsAWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := simulated(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "600")
			w.WriteHeader(429)
		}), 1)
		time.AfterFunc(time.Second, func() { f.Stop(nil) })
		start := time.Now()
		_, err := ask(f, sim, "Hi")
		if !errors.Is(err, ErrStopped) || time.Since(start) != time.Second {
			t.Errorf("got %v after %s, want ErrStopped after 1s", err, time.Since(start))
		}
	})
}

func TestAnEndedContextBreaksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{d: time.Hour}
		f := simulated(t, s, 1)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		var wg sync.WaitGroup
		for i := range 3 { // one on the wire, two in line
			wg.Go(func() {
				_, err := f.Ask(ctx, &Request{Model: sim, Messages: user("Hi"), Draw: i})
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v, want the context's error", err)
				}
			})
		}
		wg.Wait()
		if f.gate.busy != 0 || len(f.gate.turns) != 0 {
			t.Errorf("%d places are taken and %d tallies wait, want none", f.gate.busy, len(f.gate.turns))
		}
	})
}

func TestAHangTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := simulated(t, &slow{d: 24 * time.Hour}, 1)
		start := time.Now()
		_, err := ask(f, &Model{Provider: "sim", ID: "m", Timeouts: Timeouts{Total: time.Minute}}, "Hi")
		var failed *Failed
		if !errors.As(err, &failed) || failed.Type != "timeout" || failed.Tries != DefaultMaxTries {
			t.Errorf("got %v, want a timeout", err)
		}
		if took := time.Since(start); took < 6*time.Minute || took > 7*time.Minute {
			t.Errorf("took %s, want six minutes and the waits between", took)
		}
	})
}

func TestEqualRequestsAreSentOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{d: time.Second}
		f := simulated(t, s, 50)
		var tally Tally
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if _, err := f.Ask(context.Background(), &Request{Model: sim, Messages: user("Hi"), Tally: &tally}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if tally.Sent.Load() != 1 || tally.Hits.Load() != 49 {
			t.Errorf("%d sent, %d hits, want 1 and 49", tally.Sent.Load(), tally.Hits.Load())
		}
	})
}

func TestAPoolIsFilledEvenly(t *testing.T) {
	var a, b slow
	a.d, b.d = 20*time.Millisecond, 20*time.Millisecond
	m := serve(t, a.ServeHTTP)
	m.BaseURLs = append(m.BaseURLs, serve(t, b.ServeHTTP).BaseURLs...)
	f := open(t, func(o *Options) { o.Workers = 8 })
	askMany(t, f, m, 40, nil)
	if a.most.Load() < 2 || b.most.Load() < 2 {
		t.Errorf("at most %d and %d at once, want both used", a.most.Load(), b.most.Load())
	}
}

// TestADeadEndpointOfAPoolIsLeftOut would send everything there: nothing is ever on the wire to it.
func TestADeadEndpointOfAPoolIsLeftOut(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead := "http://" + l.Addr().String() + "/v1"
	l.Close()
	m := serve(t, replyWith(200, completion("Hi")))
	m.BaseURLs = append([]string{dead}, m.BaseURLs...)
	var tally Tally
	f := open(t, func(o *Options) { o.Workers = 4 })
	for i := range 100 {
		if _, err := f.Ask(context.Background(), &Request{Model: m, Messages: user("Hi"), Draw: i, Tally: &tally}); err != nil {
			t.Fatal(err)
		}
	}
	if again := tally.Retries.Load(); again != 1 {
		t.Errorf("%d of 100 requests were sent again, want only the one that found nobody there", again)
	}
}

// A lane where nobody was is looked at again by one try, and taken like others once that is answered.
func TestALaneIsLookedAtAgain(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	l, other := &lane{limit: 4, most: 4}, &lane{limit: 4, most: 4, busy: 3}
	l.hear(true, now)
	if l.load(now) < other.load(now) {
		t.Error("a lane where nobody was is taken at once")
	}
	now = now.Add(holdFor)
	if l.load(now) > other.load(now) {
		t.Error("nobody looks again")
	}
	if l.busy = 1; l.load(now) < other.load(now) {
		t.Error("a second one looks as well")
	}
	if l.hear(false, now); l.load(now) > other.load(now) {
		t.Error("it answers, and is not taken")
	}
}
