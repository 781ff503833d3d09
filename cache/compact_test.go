package cache

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// keeping is a Compact that keeps what keep says.
func keeping(keep func(Summary) bool) func() (func(Summary) bool, error) {
	return func() (func(Summary) bool, error) { return keep, nil }
}

// Any sequence of puts, folds and compactions leaves what a map would hold, says
// before what it removes, and leaves no long value that nobody needs.
func TestCompactionAgreesWithAMap(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		d, err := os.MkdirTemp(dir, "store-")
		if err != nil {
			t.Fatal(err)
		}
		s, err := Open(d, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		oracle := map[Ref]Entry{}
		for range rapid.IntRange(1, 10).Draw(t, "steps") {
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0, 1:
				e := smallEntry().Draw(t, "entry")
				if _, there := oracle[e.Ref()]; there {
					continue
				}
				if err := s.Put(e); err != nil {
					t.Fatal(err)
				}
				oracle[e.Ref()] = *e
			case 2:
				if err := s.Fold(); err != nil {
					t.Fatal(err)
				}
			case 3:
				seed := rapid.Int64Range(0, 6).Draw(t, "from seed")
				keep := func(e Summary) bool { return oracle[e.Ref].Fields[1].Int() >= seed }
				foretold, err := s.Weigh(keep)
				if err != nil {
					t.Fatal(err)
				}
				freed, err := s.Compact(keeping(keep))
				if err != nil {
					t.Fatal(err)
				}
				want := Freed{Blobs: freed.Blobs}
				for ref, e := range oracle {
					if e.Fields[1].Int() >= seed {
						want.Kept++
						continue
					}
					want.remove(Summary{CostNano: e.CostNano, CostKnown: e.CostKnown})
					delete(oracle, ref)
				}
				freed.Bytes, foretold.Bytes = 0, 0
				if freed != want || foretold != freed {
					t.Fatalf("freed %+v, foretold %+v, want %+v", freed, foretold, want)
				}
				v, err := s.Verify(func(f Finding) { t.Fatalf("after a compaction: %+v", f) })
				if err != nil || v.Orphans != 0 || v.Entries != len(oracle) {
					t.Fatalf("after a compaction: %+v, %v", v, err)
				}
			}
		}
		if got := contents(t, s); !reflect.DeepEqual(got, oracle) {
			t.Fatalf("the store holds\n%+v\nwant\n%+v", got, oracle)
		}
	})
}

func TestCompactionMakesTheFileSmaller(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	for i := range 300 {
		e := numbered(i)
		noise := make([]byte, 4<<10)
		for j := range noise {
			noise[j] = byte(rand.Uint32())
		}
		e.Raw = noise
		put(t, s, e)
	}
	if err := s.Fold(); err != nil {
		t.Fatal(err)
	}
	size := func() int64 {
		info, err := os.Stat(filepath.Join(dir, "cache.db"))
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	before := size()
	kept := numbered(7).Ref()
	freed, err := s.Compact(keeping(func(e Summary) bool { return e.Ref == kept }))
	if err != nil || freed.Removed != 299 || before-size() != freed.Bytes || size() > before/10 {
		t.Errorf("freed %+v, %v: %d bytes became %d", freed, err, before, size())
	}
	put(t, s, numbered(8)) // its prompt is still there, and it goes on
	if err := s.Fold(); err != nil {
		t.Fatal(err)
	}
	wantAll(t, s, []*Entry{numbered(8)})
}

// A journal refers to long values that only cache.db holds. While its writer
// lives they stay.
func TestNothingIsRemovedUnderAnotherProcess(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir, Options{}) // before there is a cache.db that it could hold open
	put(t, a, numbered(1))
	b := open(t, dir, Options{})
	put(t, b, numbered(2))
	if err := b.Fold(); err != nil {
		t.Fatal(err)
	}
	none := keeping(func(Summary) bool { return false })
	if _, err := b.Compact(none); !errors.Is(err, ErrInUse) {
		t.Errorf("beside a living journal: %v, want ErrInUse", err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	reader := open(t, dir, Options{ReadOnly: true})
	if _, err := b.Compact(none); !errors.Is(err, ErrInUse) {
		t.Errorf("beside a reader: %v, want ErrInUse", err)
	}
	wantAll(t, reader, numberedTo(3)[1:])
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	if freed, err := b.Compact(none); err != nil || freed.Removed != 2 || freed.Blobs != 1 {
		t.Errorf("alone: %+v, %v, want 2 answers and their prompt removed", freed, err)
	}
}

// compactor is another process that compacts until it is killed.
func compactor(dir string) {
	for {
		s, err := Open(dir, Options{})
		if err != nil {
			panic(err)
		}
		if _, err := s.Compact(keeping(func(e Summary) bool { return e.Usage.Prompt == 1 })); err != nil {
			panic(err)
		}
		if err := s.Close(); err != nil {
			panic(err)
		}
	}
}

// A compaction that is killed at any moment leaves what was to be kept.
func TestACompactionIsKilled(t *testing.T) {
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(4, 4))
	var kept []*Entry
	for round := range 12 {
		s, err := Open(dir, Options{Warn: func(w string) { t.Error(w) }})
		if err != nil {
			t.Fatal(err)
		}
		wantAll(t, s, kept)
		for i := range 120 {
			e := numbered(round*1000 + i)
			e.Usage = Usage{Known: true, Prompt: int64(i % 2)}
			put(t, s, e)
			if i%2 == 1 {
				kept = append(kept, e)
			}
		}
		if err := errors.Join(s.Fold(), s.Close()); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), fmt.Sprintf("ISF_TEST_COMPACT=%s", dir))
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(20+r.IntN(120)) * time.Millisecond) // the moment is the test's input
		_ = cmd.Process.Kill()
		var killed *exec.ExitError
		if err := cmd.Wait(); !errors.As(err, &killed) || killed.Exited() {
			t.Fatalf("the compaction ended by itself: %v", err)
		}
	}
	s := open(t, dir, Options{})
	wantAll(t, s, kept)
	if _, err := s.Compact(keeping(all)); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.compact")); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}
