package engine

import (
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// A set says of each digest whether it was added, in memory or in its file; and
// memory holds no more than it may.
func TestASetOfDigestsKnowsThemAllAndHoldsFew(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	const most = 8
	s := newSumSet(most)
	defer s.close()
	random := rand.New(rand.NewPCG(1, 2))
	added := map[sum16]bool{}
	for i := range 20_000 {
		sum := sumOf(binary.BigEndian.AppendUint64(nil, random.Uint64N(10_000)))
		if i%3 == 0 {
			copy(sum[:], "\xff\xff\xff\xff\xff\xff\xff\xff") // in the last place, and behind it
		}
		if got, err := s.has(sum); err != nil || got != added[sum] {
			t.Fatalf("digest %d: %v, %v; want %v", i, got, err, added[sum])
		}
		if !added[sum] && (i%3 != 0 || i < 1000) {
			s.add(sum)
			added[sum] = true
		}
		if len(s.held) >= most {
			t.Fatalf("%d digests in memory, want fewer than %d", len(s.held), most)
		}
	}
	if s.file.used+len(s.held) != len(added) {
		t.Errorf("%d digests in the file and %d in memory, want %d", s.file.used, len(s.held), len(added))
	}
}

func TestASetOfDigestsNeedsNoFile(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "nowhere"))
	if f, err := os.CreateTemp("", "isf-"); err == nil {
		f.Close()
		t.Skip("this system keeps temporary files elsewhere than TMPDIR says")
	}
	s := newSumSet(8)
	defer s.close()
	for i := range 100 {
		sum := sumOf([]byte{byte(i)})
		if had, err := s.has(sum); had || err != nil {
			t.Fatalf("digest %d: %v, %v before it was added", i, had, err)
		}
		s.add(sum)
		if has, err := s.has(sum); !has || err != nil {
			t.Fatalf("digest %d: %v, %v", i, has, err)
		}
	}
}

func BenchmarkSumSet(b *testing.B) {
	s := newSumSet(heldSums)
	defer s.close()
	for i := 0; b.Loop(); i++ {
		sum := sumOf(binary.BigEndian.AppendUint64(nil, uint64(i)))
		if _, err := s.has(sum); err != nil {
			b.Fatal(err)
		}
		s.add(sum)
	}
}
