package cache

import (
	"bytes"
	"sync"
	"sync/atomic"

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
// are sound. It is called within a view or a search.
func (d *database) walk(tx *bolt.Tx) (*walk, error) {
	s := &d.sound
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := (fileState{d.age, tx.ID()}); s.first == nil || s.as != now {
		w, err := newWalk(tx, d.file)
		if err != nil {
			return nil, err
		}
		w.sound = &pages{leaves: newPageSet(w.high), branches: map[uint64]*pageView{}}
		s.as, s.first = now, w
	}
	w := *s.first
	w.seen, w.room = nil, nil
	return &w, nil
}

// mostBranches is how many branches are remembered with what is in them: all of a
// store of half a million answers, in 16 MB.
const mostBranches = 4096

// pages are sound. A nil one knows none.
type pages struct {
	leaves pageSet

	mu       sync.RWMutex
	branches map[uint64]*pageView
}

// leaf is any leaf that is sound: nothing is below it.
var leaf = &pageView{flags: leafFlag}

func (ps *pages) get(id uint64) (*pageView, bool) {
	if ps == nil {
		return nil, false
	}
	if ps.leaves.has(id) {
		return leaf, true
	}
	ps.mu.RLock()
	defer ps.mu.RUnlock()
	p, ok := ps.branches[id]
	return p, ok
}

// add remembers a page. Too many branches begin anew: those that are needed come
// again.
func (ps *pages) add(p *pageView) {
	if ps == nil {
		return
	}
	if p.flags == leafFlag {
		ps.leaves.set(p.id)
		return
	}
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if len(ps.branches) >= mostBranches {
		clear(ps.branches)
	}
	kept := *p
	kept.body = bytes.Clone(p.body)
	ps.branches[p.id] = &kept
}

// A pageSet has a bit for each page of a file: 8 KB for 256 MB.
type pageSet []atomic.Uint64

func newPageSet(pages uint64) pageSet { return make(pageSet, pages/64+1) }

func (b pageSet) has(page uint64) bool {
	at := page / 64
	return at < uint64(len(b)) && b[at].Load()&(1<<(page%64)) != 0
}

func (b pageSet) set(page uint64) { b[page/64].Or(1 << (page % 64)) }
