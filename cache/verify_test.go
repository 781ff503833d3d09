package cache

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// findings are what verify finds, by kind and by name.
func findings(t *testing.T, dir string) (v Verified, kinds, names map[string]int) {
	t.Helper()
	s, err := Open(dir, Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	kinds, names = map[string]int{}, map[string]int{}
	v, err = s.Verify(func(f Finding) { kinds[f.Kind]++; names[f.Name]++ })
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	return v, kinds, names
}

func TestAWholeStoreIsVerified(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	put(t, s, numberedTo(20)...)
	if err := s.Fold(); err != nil {
		t.Fatal(err)
	}
	put(t, s, numbered(20))
	v, kinds, _ := findings(t, dir)
	if len(kinds) > 0 || v.Entries != 21 || v.Blobs != 1 || v.Orphans != 0 {
		t.Errorf("verified %+v, found %v", v, kinds)
	}
}

// Whatever bit is flipped in cache.db, verify never calls more answers whole
// than can be read, says that something is wrong if one cannot, and storing
// the same answers again heals it.
func TestVerifySeesEveryLossAndStoringHeals(t *testing.T) {
	es := numberedTo(40)
	whole := t.TempDir()
	s := open(t, whole, Options{})
	put(t, s, es...)
	if err := s.Fold(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := os.ReadFile(filepath.Join(whole, "cache.db"))
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(8, 1))
	for range 25 {
		b := bytes.Clone(db)
		at := r.IntN(len(b))
		b[at] ^= 1 << r.IntN(8)
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "cache.db"), b, 0o600); err != nil {
			t.Fatal(err)
		}
		v, kinds, _ := findings(t, dir)
		lost := 0
		reading := open(t, dir, Options{ReadOnly: true})
		for _, e := range es {
			if _, err := reading.Get(e.Key(), e.Limit()); errors.Is(err, ErrMiss) {
				lost++
			}
		}
		if err := reading.Close(); err != nil {
			t.Fatal(err)
		}
		if v.Entries > len(es)-lost || lost > 0 && len(kinds) == 0 && v.Entries == len(es) {
			t.Errorf("flipped at %d: %d answers are lost, verified %+v, found %v", at, lost, v, kinds)
		}
		heal(t, dir, es)
		v, _, names := findings(t, dir)
		for _, e := range es { // what lies under a name that nobody asks for stays
			if names[e.Key().String()] > 0 {
				t.Errorf("flipped at %d and healed: found %v", at, names)
			}
		}
		if v.Entries != len(es) {
			t.Errorf("flipped at %d and healed: verified %+v, want %d answers", at, v, len(es))
		}
	}
}

// heal is a build: what it misses it asks and stores.
func heal(t *testing.T, dir string, es []*Entry) {
	t.Helper()
	s := open(t, dir, Options{})
	for _, e := range es {
		if _, err := s.Get(e.Key(), e.Limit()); errors.Is(err, ErrMiss) {
			put(t, s, e)
		}
	}
	if err := errors.Join(s.Fold(), s.Close()); err != nil {
		t.Fatal(err)
	}
}

// An answer that lies under another request's key, with every checksum right,
// is neither given to anybody nor left where it is.
func TestAnAnswerUnderAnotherKeyIsAMissAndIsReplaced(t *testing.T) {
	good, other := numbered(1), numbered(2)
	body, err := encodeEntry(other, other.Fields.parts())
	if err != nil {
		t.Fatal(err)
	}
	moved := frame{frameEntry, good.Ref().name(), body}
	dir := dirWithJournal(t, append(moved.append(nil), journalOf(t, other)...))
	s := open(t, dir, Options{})
	if err := s.Fold(); err != nil {
		t.Fatal(err)
	}
	if e, err := s.Get(good.Key(), good.Limit()); !errors.Is(err, ErrMiss) {
		t.Errorf("asked %s, got %v, %v", good.Key(), e, err)
	}
	if _, kinds, _ := findings(t, dir); kinds[WrongKey] != 1 {
		t.Errorf("found %v, want one wrong key", kinds)
	}
	put(t, s, good)
	if err := s.Fold(); err != nil {
		t.Fatal(err)
	}
	s.recent.Purge()
	wantAll(t, s, []*Entry{good, other})
	if _, kinds, _ := findings(t, dir); len(kinds) != 0 {
		t.Errorf("found %v after it was replaced", kinds)
	}
}
