package cache

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// An index finds every frame that waits where it is, of any number, and forgets
// those that are in cache.db.
func TestTheIndexKnowsWhatWaits(t *testing.T) {
	type frame struct {
		off  int64
		size int
	}
	x, g, random := newIndex(), &segment{}, rand.New(rand.NewPCG(3, 4))
	where := map[Key][]frame{}
	off := int64(0)
	for range 20_000 {
		k, size := Key(DigestOf([]byte{byte(random.IntN(50)), byte(random.IntN(200))})), headSize+random.IntN(5000)
		x.add(g, frameEntry, Ref{k, int64(random.IntN(3))}.name(), off, size)
		where[k] = append(where[k], frame{off, size})
		off += int64(size)
	}
	check := func(from int64) {
		t.Helper()
		for k, frames := range where {
			frames = slices.DeleteFunc(slices.Clone(frames), func(f frame) bool { return f.off < from })
			spots := x.spots(frameEntry, k)
			if len(spots) != len(frames) {
				t.Fatalf("%d spots for %d frames", len(spots), len(frames))
			}
			for i, s := range spots {
				if s.g != g || s.off != frames[i].off || s.size < frames[i].size || s.size > frames[i].size+sizeStep {
					t.Fatalf("the frame at %d of %d bytes is said to be at %d, of %d", frames[i].off, frames[i].size, s.off, s.size)
				}
			}
			if n := len(x.spots(frameBlob, k)); n != 0 {
				t.Fatalf("%d values under the key of an answer", n)
			}
		}
	}
	check(0)
	x.drop(g, off/2)
	check(off / 2)
	x.dropSegment(g)
	check(off)
}

// What waits takes 37 bytes a frame in memory at most.
func TestTheIndexIsSmall(t *testing.T) {
	x, g := newIndex(), &segment{}
	const frames = mostWaiting
	for i := range frames {
		x.add(g, frameEntry, Ref{Key: Key(DigestOf([]byte{byte(i), byte(i >> 8), byte(i >> 16)}))}.name(), int64(i)*2000, 2000)
		if bytes := 16 * len(g.places.slots); i > leastPlaces && bytes > 37*i {
			t.Fatalf("%d frames take %d bytes", i, bytes)
		}
	}
}
