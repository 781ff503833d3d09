package cache

import (
	"sync"
	"sync/atomic"
)

// An index says where in journals the frames are that are not in cache.db yet.
// Folding takes them out again, so it is as large as what waits.
type index struct {
	mu      sync.RWMutex
	entries map[Key]*spot
	blobs   map[Key]*spot // a digest in the place of a key

	added atomic.Uint64 // how many frames there have been
}

// A spot is where a frame is. Frames of one key are a list, oldest first.
type spot struct {
	g     *segment
	off   int64
	limit int64
	size  int
	next  *spot
}

func newIndex() *index {
	return &index{entries: map[Key]*spot{}, blobs: map[Key]*spot{}}
}

func (x *index) of(k frameKind) map[Key]*spot {
	if k == frameBlob {
		return x.blobs
	}
	return x.entries
}

// add notes a frame. What only a newer isf reads is not looked for.
func (x *index) add(g *segment, f frameKind, n name, off int64, size int) {
	if !f.known() {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.added.Add(1)
	ref := n.ref()
	p := &spot{g: g, off: off, limit: ref.Limit, size: size}
	first := x.of(f)[ref.Key]
	if first == nil {
		x.of(f)[ref.Key] = p
		return
	}
	for first.next != nil {
		first = first.next
	}
	first.next = p
}

// spots are where the frames of a key or digest are, whatever their limit.
func (x *index) spots(f frameKind, k Key) []spot {
	x.mu.RLock()
	defer x.mu.RUnlock()
	var all []spot
	for p := x.of(f)[k]; p != nil; p = p.next {
		all = append(all, *p)
	}
	return all
}

// drop forgets the frame at off of g, and lets go of the memory of the maps
// when nothing is left to wait for: maps never shrink.
func (x *index) drop(g *segment, f frameKind, n name, off int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	m, k := x.of(f), n.ref().Key
	m[k] = without(m[k], func(p *spot) bool { return p.g == g && p.off == off })
	if m[k] == nil {
		delete(m, k)
	}
	x.shrink()
}

// dropSegment forgets everything that is in g.
func (x *index) dropSegment(g *segment) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, m := range []map[Key]*spot{x.entries, x.blobs} {
		for k, p := range m {
			if m[k] = without(p, func(p *spot) bool { return p.g == g }); m[k] == nil {
				delete(m, k)
			}
		}
	}
	x.shrink()
}

func (x *index) shrink() {
	if len(x.entries) == 0 && len(x.blobs) == 0 {
		x.entries, x.blobs = map[Key]*spot{}, map[Key]*spot{}
	}
}

// without is the list p without what match finds.
func without(p *spot, match func(*spot) bool) *spot {
	if p == nil {
		return nil
	}
	p.next = without(p.next, match)
	if match(p) {
		return p.next
	}
	return p
}

// refs are the names of all entries that wait.
func (x *index) refs() []Ref {
	var all []Ref
	for n := range x.names(frameEntry) {
		all = append(all, n.ref())
	}
	return all
}

// names are what waits of a kind.
func (x *index) names(f frameKind) map[name]bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	all := map[name]bool{}
	for k, p := range x.of(f) {
		for ; p != nil; p = p.next {
			all[Ref{k, p.limit}.name()] = true
		}
	}
	return all
}
