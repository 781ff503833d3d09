package cache

import (
	"errors"
	"runtime"
	"sync"
	"testing"
	"weak"
)

// What looks for answers keeps the pages that it found sound, megabytes of them in
// a large store. They go with the handle, however many looked at once.
func TestWhatASnapshotKnowsGoesWithItsHandle(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	put(t, s, numberedTo(100)...)
	if err := s.Fold(); err != nil {
		t.Fatal(err)
	}
	var first []weak.Pointer[walk]
	var mu sync.Mutex
	var all, over sync.WaitGroup
	const readers = 8
	all.Add(readers)
	for range readers {
		over.Go(func() {
			if _, err := s.db.search(func(n *snapshot) error {
				all.Done()
				all.Wait() // so that each has a snapshot of its own
				w, err := s.db.walk(n.tx)
				n.walk = w
				mu.Lock()
				defer mu.Unlock()
				first = append(first, weak.Make(w))
				return err
			}); err != nil {
				t.Error(err)
			}
		})
	}
	over.Wait()

	put(t, s, numbered(1000))
	if err := s.Fold(); err != nil { // with a handle of its own
		t.Fatal(err)
	}
	if _, err := s.Get(numbered(2000).Ref().Key, 0); !errors.Is(err, ErrMiss) {
		t.Fatal(err)
	}
	runtime.GC()
	for i, w := range first {
		if w.Value() != nil {
			t.Errorf("snapshot %d of %d is over, and what it knew is still kept", i+1, readers)
		}
	}
}
