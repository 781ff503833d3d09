package cache

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Folding takes processor time from a build that has none to spare, also from
// one whose answers come in waves.
func TestWavesOfAnswersLeaveNoTimeToFold(t *testing.T) {
	start := time.Unix(1_000_000, 0)
	p := pace{marks: []mark{{0, start}}}
	for now := breath; now < 10*time.Second; now += breath {
		answered := 2000 * int64(now/(1100*time.Millisecond))
		if !p.busy(answered, start.Add(now)) && now > 1200*time.Millisecond {
			t.Errorf("after %v and %d answers it folds, amid waves of 2,000", now, answered)
		}
	}
}

func TestARestAfterWavesIsTimeToFold(t *testing.T) {
	start := time.Unix(1_000_000, 0)
	p := pace{marks: []mark{{0, start}}}
	for now := breath; now <= busyOver+2*breath; now += breath {
		busy := p.busy(4000, start.Add(now))
		if want := now <= busyOver; busy != want {
			t.Errorf("%v after the last answer busy is %v, want %v", now, busy, want)
		}
	}
}

// Answers that come faster than they are folded wait, so that neither memory nor
// the journal grow with their number.
func TestWhoBringsTooMuchWaits(t *testing.T) {
	const most, callers, each = 2 * foldBatch, 50, 200
	s := open(t, t.TempDir(), Options{})
	s.mostWaiting = most
	s.ceiling.Store(most)
	var peak atomic.Int64
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for i := range each {
				if err := s.Put(numbered(c*each + i)); err != nil {
					t.Error(err)
				}
				n, _ := s.journal.waiting()
				for old := peak.Load(); int64(n) > old && !peak.CompareAndSwap(old, int64(n)); old = peak.Load() {
				}
			}
		})
	}
	wg.Wait()
	if p := peak.Load(); p > most+callers {
		t.Errorf("of %d answers %d waited at a time, want at most %d and those of %d callers", callers*each, p, most, callers)
	}
}

// Where others hold cache.db nothing can be folded, and nobody waits for it.
func TestNobodyWaitsForAFoldThatCannotBe(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	put(t, s, numbered(0))
	if err := s.Fold(); err != nil {
		t.Fatal(err)
	}
	open(t, dir, Options{ReadOnly: true})
	s.mostWaiting = foldBatch
	s.ceiling.Store(foldBatch)
	var wg sync.WaitGroup
	for c := range 20 {
		wg.Go(func() {
			for i := range 2 * foldBatch / 20 {
				if err := s.Put(numbered(1 + c*foldBatch + i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n, _ := s.journal.waiting(); n != 2*foldBatch {
		t.Errorf("%d answers wait, want all %d", n, 2*foldBatch)
	}
}

// Once it can be folded, what has come meanwhile becomes less, and nobody waits
// for that either.
func TestWhatCouldNotBeFoldedIsWorkedOff(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	next := 0
	bring := func(n int) {
		t.Helper()
		var frames []framed
		for range n {
			frames = append(frames, framesOf(t, numbered(next))...)
			next++
		}
		if err := s.journal.write(frames); err != nil {
			t.Fatal(err)
		}
	}
	s.mostWaiting = foldBatch
	s.raise(false)
	bring(4 * foldBatch)
	rounds := 0
	for n := next; n > foldBatch; n, _ = s.journal.waiting() {
		if _, more := s.foldOnce(breath); !more {
			t.Fatal("nothing was folded")
		}
		if s.full() {
			t.Fatalf("nobody may come where %d waited", n)
		}
		bring(foldBatch / 2)
		if n > 2*foldBatch && !s.full() {
			t.Fatalf("more may come than goes where %d waited", n)
		}
		if rounds++; rounds > 20 {
			t.Fatalf("%d still wait after %d batches", n, rounds)
		}
	}
}
