package cache

import (
	"sync"

	lru "github.com/hashicorp/golang-lru/v2"
	bolt "go.etcd.io/bbolt"
)

// mostSound is how many pages are remembered to be in order: of the branches,
// which every miss passes, all in a store of half a million answers, in 16 MB.
const mostSound = 4096

// soundPages remembers which pages of cache.db have been found in order. A page
// stays as it is until a transaction changes the file; so a miss, which checks
// the way that led it nowhere, checks each page once.
type soundPages struct {
	mu    sync.Mutex
	as    fileState
	first *walk
}

// A fileState is a handle of the file, and its last transaction.
type fileState struct{ age, tx int }

// walk returns a walk over what tx sees, which knows the pages that are sound.
// It is called within a view of d.
func (s *soundPages) walk(tx *bolt.Tx, d *database) (*walk, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := (fileState{d.age, tx.ID()}); s.first == nil || s.as != now {
		w, err := newWalk(tx, d.file)
		if err != nil {
			return nil, err
		}
		if w.checked, err = lru.New[uint64, *pageView](mostSound); err != nil {
			return nil, err
		}
		s.as, s.first = now, w
	}
	w := *s.first
	w.seen = map[uint64]bool{}
	return &w, nil
}

func (w *walk) known(page uint64) (*pageView, bool) {
	if w.checked == nil {
		return nil, false
	}
	return w.checked.Get(page)
}

// know remembers a page: of a leaf that it is sound, of a branch all there is.
func (w *walk) know(p *pageView) {
	if w.checked == nil {
		return
	}
	if p.flags == leafFlag {
		p.body = nil
	}
	w.checked.Add(p.id, p)
}
