package cache

import (
	"bytes"
	"sync"

	bolt "go.etcd.io/bbolt"
)

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

// walk returns a walk over what tx sees, for paths, which knows the pages that
// are sound. It is called within a view of d.
func (s *soundPages) walk(tx *bolt.Tx, d *database) (*walk, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := (fileState{d.age, tx.ID()}); s.first == nil || s.as != now {
		w, err := newWalk(tx, d.file)
		if err != nil {
			return nil, err
		}
		w.sound = &pages{branches: map[uint64]*pageView{}, leaves: map[uint64]bool{}}
		s.as, s.first = now, w
	}
	w := *s.first
	w.seen, w.room = nil, nil
	return &w, nil
}

const (
	// mostBranches is how many branches are remembered with what is in them:
	// all of a store of half a million answers, in 16 MB.
	mostBranches = 4096
	// mostLeaves is how many leaves are remembered, of which only the number is.
	mostLeaves = 64 << 10
)

// pages are sound. A nil one knows none.
type pages struct {
	mu       sync.RWMutex
	branches map[uint64]*pageView
	leaves   map[uint64]bool
}

// leaf is any leaf that is sound: nothing is below it.
var leaf = &pageView{flags: leafFlag}

func (ps *pages) get(id uint64) (*pageView, bool) {
	if ps == nil {
		return nil, false
	}
	ps.mu.RLock()
	defer ps.mu.RUnlock()
	if ps.leaves[id] {
		return leaf, true
	}
	p, ok := ps.branches[id]
	return p, ok
}

// add remembers a page. What is full begins anew: pages that are needed come
// again.
func (ps *pages) add(p *pageView) {
	if ps == nil {
		return
	}
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if p.flags == leafFlag {
		if len(ps.leaves) >= mostLeaves {
			clear(ps.leaves)
		}
		ps.leaves[p.id] = true
		return
	}
	if len(ps.branches) >= mostBranches {
		clear(ps.branches)
	}
	kept := *p
	kept.body = bytes.Clone(p.body)
	ps.branches[p.id] = &kept
}
