package cache

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
)

// An index finds every frame that waits, and hardly any other, whatever their
// number; and it forgets those that are in cache.db.
func TestTheIndexKnowsWhatWaits(t *testing.T) {
	x, g, random := newIndex(), &segment{}, rand.New(rand.NewPCG(3, 4))
	where := map[Key][]int64{}
	off := int64(0)
	for range 20_000 {
		k := Key(DigestOf([]byte{byte(random.IntN(50)), byte(random.IntN(200))}))
		x.add(g, frameEntry, Ref{k, int64(random.IntN(3))}.name(), off)
		where[k] = append(where[k], off)
		off += headSize + random.Int64N(5000)
	}
	check := func(from int64) {
		t.Helper()
		others := 0
		for k, all := range where {
			waiting := slices.DeleteFunc(slices.Clone(all), func(off int64) bool { return off < from })
			var found []int64
			for _, s := range x.spots(k) {
				if s.off < from {
					t.Fatalf("the frame at %d is in cache.db", s.off)
				}
				if slices.Contains(waiting, s.off) {
					found = append(found, s.off)
				} else {
					others++
				}
			}
			if !slices.Equal(found, waiting) {
				t.Fatalf("found %v, want %v", found, waiting)
			}
		}
		if others > len(where)/100 {
			t.Errorf("%d spots of other names for %d", others, len(where))
		}
	}
	check(0)
	x.drop(g, off/2)
	check(off / 2)
	x.dropSegment(g)
	check(off)
}

// What waits takes no more than 19 bytes of memory for each frame.
func TestTheIndexIsSmall(t *testing.T) {
	x, g := newIndex(), &segment{}
	for i := range mostWaiting {
		k := Key(DigestOf(binary.BigEndian.AppendUint32(nil, uint32(i))))
		x.add(g, frameEntry, Ref{Key: k}.name(), int64(i)*2000)
		if bytes := 8 * len(g.places.slots); i > leastPlaces && bytes > 19*i {
			t.Fatalf("%d frames take %d bytes", i, bytes)
		}
	}
}
