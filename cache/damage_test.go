package cache

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// journalOf is a journal as a killed process leaves it.
func journalOf(t *testing.T, es ...*Entry) []byte {
	t.Helper()
	dir := t.TempDir()
	s := open(t, dir, Options{})
	put(t, s, es...)
	paths, _ := filepath.Glob(filepath.Join(dir, "journal", "*"))
	if len(paths) != 1 {
		t.Fatalf("journals %v", paths)
	}
	b, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	return bytes.TrimRight(b, "\x00")
}

func dirWithJournal(t *testing.T, journal []byte) string {
	t.Helper()
	dir := t.TempDir()
	writeJournal(t, dir, journal)
	return dir
}

func writeJournal(t *testing.T, dir string, journal []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, "journal"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "journal", "1-dead"), journal, 0o600); err != nil {
		t.Fatal(err)
	}
}

// ends are the offsets behind the frames of a journal.
func ends(t *testing.T, journal []byte) (all []int) {
	t.Helper()
	for off := 0; off < len(journal); {
		f, err := readFrame(journal[off:])
		if err != nil {
			t.Fatal(err)
		}
		off += f.size()
		all = append(all, off)
	}
	return all
}

func TestAJournalMayEndAnywhere(t *testing.T) {
	es := numberedTo(3)
	whole := journalOf(t, es...) // a blob and three entries
	bounds := ends(t, whole)
	dir := t.TempDir()
	for n := range len(whole) + 1 {
		for _, zeros := range []int{0, 100} {
			writeJournal(t, dir, append(bytes.Clone(whole[:n]), make([]byte, zeros)...))
			s, err := Open(dir, Options{ReadOnly: true})
			if err != nil {
				t.Fatal(err)
			}
			for i, e := range es {
				want := n >= bounds[i+1]
				if ok, err := s.Has(e.Key(), 100); err != nil || ok != want {
					t.Fatalf("%d of %d bytes: Has(%s) = %t, %v, want %t", n, len(whole), e.Text, ok, err, want)
				}
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// A flipped bit costs the frame it is in, also when the journal is folded.
func TestAFlippedBitInAJournalCostsOneFrame(t *testing.T) {
	es := numberedTo(8)
	whole := journalOf(t, es...)
	bounds := ends(t, whole)
	for seed := range uint64(offsets()) {
		r := rand.New(rand.NewPCG(seed, 2))
		b := bytes.Clone(whole)
		at := r.IntN(len(b))
		b[at] ^= 1 << r.IntN(8)
		s := open(t, dirWithJournal(t, b), Options{})
		for _, folded := range []bool{false, true} {
			if folded {
				if err := s.Fold(); err != nil {
					t.Fatal(err)
				}
			}
			s.recent.Purge()
			for i, e := range es {
				want := at >= bounds[0] && (at < bounds[i] || at >= bounds[i+1]) // all need the blob in front
				if ok, err := s.Has(e.Key(), 100); err != nil || ok != want {
					t.Fatalf("seed %d, folded %t: Has(%s) = %t, %v, want %t", seed, folded, e.Text, ok, err, want)
				}
			}
		}
	}
}

func TestAnyoneFoldsTheJournalOfTheDead(t *testing.T) {
	es := numberedTo(10)
	dir := dirWithJournal(t, append(journalOf(t, es...), make([]byte, 4096)...))
	s := open(t, dir, Options{})
	wantAll(t, s, es)
	if err := s.Fold(); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "journal")); len(left) != 0 {
		t.Errorf("left %v", left)
	}
	s.recent.Purge()
	wantAll(t, s, es)
}

func TestNobodyFoldsTheJournalOfTheLiving(t *testing.T) {
	dir := t.TempDir()
	a, b := open(t, dir, Options{}), open(t, dir, Options{})
	put(t, a, numberedTo(3)...)
	if err := b.Fold(); err != nil {
		t.Fatal(err)
	}
	if n, _ := a.journal.waiting(); n != 4 {
		t.Errorf("%d frames wait, want 4", n)
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "journal")); len(left) != 1 {
		t.Errorf("journals %v, want one", left)
	}
	wantAll(t, b, numberedTo(3))
}

// folded makes a folder with a cache.db of n answers, some of them long enough
// to lie on several pages.
func folded(t *testing.T, n int) (dir string, es []*Entry) {
	t.Helper()
	dir, es = t.TempDir(), numberedTo(n)
	for i, e := range es {
		if i%10 == 0 {
			e.Raw = noise(uint64(i), 20_000)
		}
	}
	s := open(t, dir, Options{})
	put(t, s, es...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, es
}

func noise(seed uint64, n int) []byte {
	b, r := make([]byte, n), rand.New(rand.NewPCG(seed, 3))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// survivors counts the answers that a store still has, and checks that none of
// them is another than the one that was stored. It can only fail to find those
// whose frame, or whose prompt, was hit.
func survivors(t *testing.T, s *Store, es []*Entry) (n int) {
	t.Helper()
	for _, e := range es {
		got, err := s.Get(e.Key(), 100)
		if errors.Is(err, ErrMiss) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if got.Text != e.Text || !bytes.Equal(got.Raw, e.Raw) {
			t.Fatalf("got %s, want %s", got.Text, e.Text)
		}
		n++
	}
	return n
}

func TestADamagedDatabaseIsSalvaged(t *testing.T) {
	dir, es := folded(t, 60)
	path := filepath.Join(dir, "cache.db")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	clear := func(from, to int) []byte {
		b := bytes.Clone(whole)
		for i := from; i < min(to, len(b)); i++ {
			b[i] = 0
		}
		return b
	}
	tests := []struct {
		name string
		b    []byte
		lost int // at most
	}{
		{"both meta pages", clear(0, 8192), 0},
		{"all page headers", headless(whole), 0},
		{"cut to a third", whole[:len(whole)/3], len(es)},
		{"cut to a page", whole[:4096], len(es)},
		{"no database at all", bytes.Repeat([]byte("not bbolt "), 2000), len(es)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, f := range mustGlob(t, path+".damaged-*") {
				os.Remove(f)
			}
			if err := os.WriteFile(path, tt.b, 0o600); err != nil {
				t.Fatal(err)
			}
			var said []string
			s := open(t, dir, Options{Warn: func(w string) { said = append(said, w) }})
			if n := survivors(t, s, es); n < len(es)-tt.lost {
				t.Errorf("%d of %d answers survive, want %d", n, len(es), len(es)-tt.lost)
			}
			if err := s.Fold(); err != nil {
				t.Fatal(err)
			}
			if aside := mustGlob(t, path+".damaged-*"); len(aside) != 1 || len(said) == 0 || !strings.Contains(said[0], aside[0]) {
				t.Errorf("moved aside %v, said %q", aside, said)
			}
			putTogether(t, s, es...)
			if err := s.Fold(); err != nil {
				t.Fatal(err)
			}
			s.recent.Purge()
			wantAll(t, s, es)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			wantAll(t, open(t, dir, Options{}), es)
		})
	}
}

// Damage that would not only panic: a tree without end, a page without end.
func TestDamageThatBboltDoesNotSurvive(t *testing.T) {
	dir, es := folded(t, 60)
	path := filepath.Join(dir, "cache.db")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for off := 2 * 4096; off < len(whole); off += 4096 {
		if overflowed(whole, off) {
			continue
		}
		loop, long := bytes.Clone(whole), bytes.Clone(whole)
		binary.NativeEndian.PutUint64(loop[off+16+8:], uint64(off/4096)) // if it is a branch
		long[off+15] ^= 0x40
		for _, b := range [][]byte{loop, long} {
			fresh := t.TempDir()
			if err := os.WriteFile(filepath.Join(fresh, "cache.db"), b, 0o600); err != nil {
				t.Fatal(err)
			}
			s := open(t, fresh, Options{})
			survivors(t, s, es)
			putTogether(t, s, es...)
			if err := s.Fold(); err != nil {
				t.Fatal(err)
			}
			s.recent.Purge()
			wantAll(t, s, es)
		}
	}
}

// headless has every page header overwritten with ones.
func headless(db []byte) []byte {
	b := bytes.Clone(db)
	for off := 0; off < len(b); off += 4096 {
		for i := range 16 {
			if !overflowed(db, off) {
				b[off+i] = 0xff
			}
		}
	}
	return b
}

// overflowed says that the page at off goes on with a value of the one before.
func overflowed(db []byte, off int) bool {
	return !bytes.Equal(db[off:off+8], []byte{byte(off >> 12), byte(off >> 20), byte(off >> 28), 0, 0, 0, 0, 0})
}

func mustGlob(t *testing.T, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// Wherever bits flip, the store opens, answers what it can, and never answers
// wrongly; and what it asks again it keeps.
func TestRandomFlipsInTheDatabase(t *testing.T) {
	dir, es := folded(t, 60)
	path := filepath.Join(dir, "cache.db")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	const rounds = 60
	for seed := range uint64(rounds) {
		b, r := bytes.Clone(whole), rand.New(rand.NewPCG(seed, 4))
		for range 1 + r.IntN(8) {
			at := r.IntN(len(b))
			if r.IntN(2) == 0 {
				at = at&^4095 + r.IntN(200) // where the structure is
			}
			b[at] ^= 1 << r.IntN(8)
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(dir, Options{})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		total += survivors(t, s, es)
		putTogether(t, s, es...)
		if err := s.Fold(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		s.recent.Purge()
		if n := survivors(t, s, es); n != len(es) {
			t.Fatalf("seed %d: %d of %d after asking again", seed, n, len(es))
		}
		if err := s.Close(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for _, f := range mustGlob(t, filepath.Join(dir, "*", "*")) {
			os.Remove(f)
		}
		for _, f := range mustGlob(t, path+".damaged-*") {
			os.Remove(f)
		}
	}
	t.Logf("%.1f%% of the answers survived", 100*float64(total)/float64(rounds*len(es)))
}

func TestAReaderDoesNotRepair(t *testing.T) {
	dir, es := folded(t, 10)
	path := filepath.Join(dir, "cache.db")
	if err := os.WriteFile(path, bytes.Repeat([]byte("x"), 50_000), 0o600); err != nil {
		t.Fatal(err)
	}
	var said []string
	s := open(t, dir, Options{ReadOnly: true, Warn: func(w string) { said = append(said, w) }})
	if n := survivors(t, s, es); n != 0 || len(said) != 1 {
		t.Errorf("%d answers, said %q", n, said)
	}
	if aside := mustGlob(t, path+".damaged-*"); len(aside) != 0 {
		t.Errorf("moved aside %v", aside)
	}
}
