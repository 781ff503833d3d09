package dispatch

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestARunningDispatcherIsSteered changes its mind three times: at 10 s, 20 s and 30 s.
func TestARunningDispatcherIsSteered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{d: time.Second}
		f := simulated(t, s, 2)
		start := time.Now()
		done := make(chan struct{})
		go func() {
			defer close(done)
			askMany(t, f, sim, 200, nil)
		}()
		time.Sleep(9500 * time.Millisecond)
		if got := f.Status(); got.Busy != 2 || got.Workers != 2 || got.Waiting != 200-2*10 || got.Requests != 18 {
			t.Errorf("status is %+v", got)
		}
		f.SetWorkers(10)
		time.Sleep(10 * time.Second)
		if got := s.most.Load(); got != 10 {
			t.Errorf("%d at once after the change, want 10", got)
		}
		f.Pause(true)
		time.Sleep(10 * time.Second)
		if got := f.Status(); got.Busy != 0 || !got.Paused || got.Waiting == 0 {
			t.Errorf("while paused: %+v", got)
		}
		f.SetWorkers(1)
		s.most.Store(0)
		f.Pause(false)
		<-done
		if took := time.Since(start); s.most.Load() != 1 || took < 60*time.Second {
			t.Errorf("took %s with %d at once at the end, want one at once", took, s.most.Load())
		}
	})
}

func TestABudgetMayChangeAndAModelMayBeDropped(t *testing.T) {
	m := serve(t, replyWith(200, completion("Hi")))
	m.Price = testPrice
	f := open(t, nil)
	if _, err := ask(f, m, "first"); err != nil {
		t.Fatal(err)
	}
	f.SetBudget(10 * testCost)
	if got := f.Status(); got.LimitNano != 10*testCost || got.SpentNano != testCost || len(got.Lanes) != 1 || got.Lanes[0].Model != "org/m" || got.Lanes[0].Host == "" {
		t.Errorf("status is %+v", got)
	}
	if _, err := ask(f, m, "second"); err != nil {
		t.Errorf("within the budget: %v", err)
	}
	f.Drop("m")
	_, err := ask(f, m, "third")
	var paused *Paused
	if !errors.As(err, &paused) || paused.Error() != `model "m" was dropped from this build` || len(f.Status().Dropped) != 1 {
		t.Errorf("dropped: %v", err)
	}
	other := *m
	other.Name = "other"
	f.SetBudget(1)
	_, err = ask(f, &other, "fourth")
	var over *Over
	if !errors.As(err, &over) || over.Spent.CostNano != 2*testCost {
		t.Errorf("got %v, want the lowered budget", err)
	}
}
