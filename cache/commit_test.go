package cache

import (
	"bytes"
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Where many requests are under way their answers come one after the other, and the first, however long after the
// last sync, waits a little for the next ones; where there are few, none waits.
func TestInACrowdAnswersShareSyncs(t *testing.T) {
	pack(nil, bytes.Repeat([]byte("once "), 1000)) // makes the encoders that other tests use too
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, dir, Options{})
		told := func() (n uint64) {
			s.leases.use(func(t *lockTable) { n = t.word(newsAt + t.cell).Load() })
			return n
		}
		var callers sync.WaitGroup
		ask := func(i int, takes time.Duration) {
			callers.Go(func() {
				if _, _, err := s.Do(t.Context(), t.Context(), numbered(i).Fields, func(context.Context, Key) (*Entry, error) {
					time.Sleep(takes)
					return numbered(i), nil
				}); err != nil {
					t.Error(err)
				}
			})
		}
		for i := range 900 {
			ask(i, time.Second)
		}
		before := told()
		for i := range 100 {
			ask(1000+i, time.Duration(1+i)*100*time.Microsecond)
		}
		time.Sleep(500 * time.Millisecond)
		if syncs := told() - before; syncs != 4 {
			t.Errorf("100 answers within 10 ms, while a thousand requests are under way, took %d syncs, want one in 3 ms", syncs)
		}
		callers.Wait()

		const few = 20
		before = told()
		for i := range few {
			ask(2000+i, time.Duration(1+i)*100*time.Microsecond)
		}
		callers.Wait()
		if syncs := told() - before; syncs != few {
			t.Errorf("%d answers, one after the other, took %d syncs, want one each", few, syncs)
		}
		s.Close()
	})
}
