package cache

import (
	"cmp"
	"encoding/binary"
	"slices"
	"sync"
	"sync/atomic"
)

// An index says where in journals the frames are that are not in cache.db yet.
// It knows the first bytes of their names only: who follows a spot compares the
// name that is there.
//
// Each segment has a table of its own, which goes with it. A table holds no
// pointers, and takes 16 bytes for each frame and at most as much again as room
// to grow, so what waits takes little memory and none of the collector's time.
type index struct {
	mu       sync.RWMutex
	segments []*segment // oldest first; mu guards their places too

	added atomic.Uint64 // how many frames there have been
}

// A spot is where a frame is, or may be.
type spot struct {
	g    *segment
	off  int64
	size int // of the frame, or a few bytes more
}

func newIndex() *index { return &index{} }

// add notes a frame. What only a newer isf reads is not looked for.
func (x *index) add(g *segment, f frameKind, n name, off int64, size int) {
	if !f.known() {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if g.places.used == 0 {
		x.segments = append(x.segments, g)
	}
	x.added.Add(1)
	g.places.add(newPlace(f, n.ref().Key, off, size))
}

// spots are where frames of a key or digest may be, whatever their limit, oldest
// first.
func (x *index) spots(f frameKind, k Key) []spot {
	x.mu.RLock()
	defer x.mu.RUnlock()
	var all []spot
	for _, g := range x.segments {
		all = g.places.appendSpots(all, g, partOf(f, k))
	}
	return all
}

// drop forgets the frames of g in front of an offset, which are in cache.db now.
func (x *index) drop(g *segment, before int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	g.places.gone = before
}

// dropSegment forgets everything that is in g.
func (x *index) dropSegment(g *segment) {
	x.mu.Lock()
	defer x.mu.Unlock()
	g.places = places{}
	x.segments = slices.DeleteFunc(x.segments, func(o *segment) bool { return o == g })
}

// refs are the names of all entries that wait.
func (x *index) refs() []Ref {
	var all []Ref
	for n := range x.names(frameEntry) {
		all = append(all, n.ref())
	}
	return all
}

// names are what waits of a kind, read from where it is.
func (x *index) names(k frameKind) map[name]bool {
	all := map[name]bool{}
	for _, p := range x.all() {
		if f, err := p.g.headAt(p.off); err == nil && f.kind == k {
			all[f.name] = true
		}
	}
	return all
}

func (x *index) all() (all []spot) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	for _, g := range x.segments {
		all = g.places.appendSpots(all, g, anyPart)
	}
	return all
}

// places are where the frames of a segment are: a hash table that is probed one
// slot after the other. Nothing is taken out of it.
type places struct {
	slots []place // a power of two of them
	used  int
	gone  int64 // frames in front of this offset are in cache.db
}

// A place is a slot: a part of a name, and the frame that has it. Frames of one
// name have a slot each.
type place struct {
	part uint64
	at   uint64 // the offset, then in sizeBits the size in steps of sizeStep; 0 in a free slot
}

const (
	sizeBits = 24 // holds maxBody, and leaves a terabyte for the offset
	sizeStep = 8

	leastPlaces = 64

	// anyPart is that of no name.
	anyPart = 0
)

// partOf is the first bytes of a hash, and no other kind's for the same.
func partOf(f frameKind, k Key) uint64 {
	return max(anyPart+1, binary.BigEndian.Uint64(k[:])+uint64(f))
}

func newPlace(f frameKind, k Key, off int64, size int) place {
	return place{partOf(f, k), uint64(off)<<sizeBits | uint64(size+sizeStep-1)/sizeStep}
}

func (p place) spot(g *segment) spot {
	return spot{g, int64(p.at >> sizeBits), int(p.at&(1<<sizeBits-1)) * sizeStep}
}

// add grows a table that is seven eighths full.
func (t *places) add(p place) {
	if 8*t.used >= 7*len(t.slots) {
		old := t.slots
		t.slots = make([]place, max(leastPlaces, 2*len(old)))
		for _, o := range old {
			if o.at != 0 {
				t.put(o)
			}
		}
	}
	t.put(p)
	t.used++
}

func (t *places) put(p place) {
	i := t.home(p.part)
	for t.slots[i].at != 0 {
		i = t.next(i)
	}
	t.slots[i] = p
}

func (t *places) home(part uint64) int { return int(part & uint64(len(t.slots)-1)) }
func (t *places) next(i int) int       { return (i + 1) & (len(t.slots) - 1) }

// appendSpots adds the spots of a part, in their order, or all of them.
func (t *places) appendSpots(all []spot, g *segment, part uint64) []spot {
	if t.used == 0 {
		return all
	}
	first := len(all)
	take := func(p place) {
		if s := p.spot(g); s.off >= t.gone {
			all = append(all, s)
		}
	}
	if part == anyPart {
		for _, p := range t.slots {
			if p.at != 0 {
				take(p)
			}
		}
	} else {
		for i := t.home(part); t.slots[i].at != 0; i = t.next(i) {
			if t.slots[i].part == part {
				take(t.slots[i])
			}
		}
	}
	slices.SortFunc(all[first:], func(a, b spot) int { return cmp.Compare(a.off, b.off) })
	return all
}
