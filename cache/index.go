package cache

import (
	"cmp"
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"
)

// An index says where in journals the frames are that are not in cache.db yet.
// It knows the first bytes of their names only: who follows a spot compares the
// name that is there.
//
// Each segment has a table of its own, which goes with it. A table holds no
// pointers, and takes 8 bytes for each frame and at most as much again, and a
// little, as room to grow: what waits takes little memory, and none of the
// collector's time.
type index struct {
	mu       sync.RWMutex
	segments []*segment // oldest first; mu guards their places too

	added atomic.Uint64 // how many frames there have been
}

// A spot is where a frame is that may be the one that is looked for.
type spot struct {
	g   *segment
	off int64
}

func newIndex() *index { return &index{} }

// add notes a frame. What only a newer isf reads is not looked for.
func (x *index) add(g *segment, f frameKind, n name, off int64) {
	if !f.known() {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if g.places.used == 0 {
		x.segments = append(x.segments, g)
	}
	x.added.Add(1)
	g.places.add(newPlace(tagOf(n.ref().Key), off))
}

// spots are where frames of a key or digest may be, whatever their limit, oldest
// first.
func (x *index) spots(k Key) []spot {
	x.mu.RLock()
	defer x.mu.RUnlock()
	var all []spot
	for _, g := range x.segments {
		all = g.places.appendSpots(all, g, tagOf(k))
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
		for _, p := range g.places.slots {
			if p != 0 && p.off() >= g.places.gone {
				all = append(all, spot{g, p.off()})
			}
		}
	}
	return all
}

// places are where the frames of a segment are: a hash table that is probed one
// slot after the other. Nothing is taken out of it.
type places struct {
	slots []place // a power of two of them, at most seven eighths in use
	used  int
	gone  int64 // frames in front of this offset are in cache.db
}

// A place is a slot: the tag of a name, and behind it one more than the offset of
// a frame that has it. Zero is a free slot. Frames of one name have a slot each.
type place uint64

const (
	offBits     = 40 // a terabyte
	leastPlaces = 64
)

// tagOf is the first bits of a hash. Of a million others some have the same, which
// costs who looks a glance at the wrong frame.
func tagOf(k Key) uint64 { return uint64(k[0])<<16 | uint64(k[1])<<8 | uint64(k[2]) }

func newPlace(tag uint64, off int64) place { return place(tag<<offBits | uint64(off+1)) }

func (p place) tag() uint64 { return uint64(p) >> offBits }
func (p place) off() int64  { return int64(p&(1<<offBits-1)) - 1 }

func (t *places) add(p place) {
	if 8*t.used >= 7*len(t.slots) {
		old := t.slots
		t.slots = make([]place, max(leastPlaces, 2*len(old)))
		for _, o := range old {
			if o != 0 {
				t.put(o)
			}
		}
	}
	t.put(p)
	t.used++
}

func (t *places) put(p place) {
	i := t.home(p.tag())
	for t.slots[i] != 0 {
		i = t.next(i)
	}
	t.slots[i] = p
}

// home is where to begin to look for a tag: tags are spread over all slots in
// their order, which needs no more of the hash than there is.
func (t *places) home(tag uint64) int {
	slot, _ := bits.Mul64(tag<<offBits, uint64(len(t.slots)))
	return int(slot)
}

func (t *places) next(i int) int { return (i + 1) & (len(t.slots) - 1) }

// appendSpots adds the spots of a tag, in their order.
func (t *places) appendSpots(all []spot, g *segment, tag uint64) []spot {
	if t.used == 0 {
		return all
	}
	first := len(all)
	for i := t.home(tag); t.slots[i] != 0; i = t.next(i) {
		if p := t.slots[i]; p.tag() == tag && p.off() >= t.gone {
			all = append(all, spot{g, p.off()})
		}
	}
	slices.SortFunc(all[first:], func(a, b spot) int { return cmp.Compare(a.off, b.off) })
	return all
}
