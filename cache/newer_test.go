package cache

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"
)

// ofNewer is what a newer isf may have written: the answer to a request in a
// format of its own, a long text packed in a way of its own, and something that
// is neither.
func ofNewer(e *Entry) []frame {
	return []frame{
		{frameEntry, e.Ref().name(), []byte("\x03\x00what only it can read")},
		{frameBlob, DigestOf([]byte("a text")).name(), []byte("\x05" + strings.Repeat("packed anew", 40))},
		{9, DigestOf([]byte("a thing")).name(), []byte("\x00" + strings.Repeat("a thing", 60))},
	}
}

func bytesOf(fs []frame) (b []byte) {
	for _, f := range fs {
		b = f.append(b)
	}
	return b
}

func wantNewer(t *testing.T, what string, err error) {
	t.Helper()
	if !isNewer(err) || !strings.Contains(err.Error(), "written by a newer isf") || !strings.Contains(err.Error(), "update isf") {
		t.Errorf("%s: %v, want that a newer isf wrote it", what, err)
	}
}

// inDatabase is what lies in cache.db, by bucket and key.
func inDatabase(t *testing.T, dir string) map[string]string {
	t.Helper()
	db, err := bolt.Open(filepath.Join(dir, "cache.db"), 0o600, &bolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	all := map[string]string{}
	err = db.View(func(tx *bolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bolt.Bucket) error {
			return b.ForEach(func(k, v []byte) error {
				all[string(name)+"/"+string(k)] = string(v)
				return nil
			})
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// An answer that a newer isf wrote is no miss, so nobody pays for it again; and
// whatever an older isf does, it is there for the newer one as it was.
func TestWhatANewerIsfWroteIsToldAndStays(t *testing.T) {
	ours, theirs := numbered(1), numbered(2)
	later := ofNewer(theirs)
	dir := dirWithJournal(t, append(journalOf(t, ours), bytesOf(later)...))
	s := open(t, dir, Options{})
	ask := func(context.Context, Key) (*Entry, error) {
		t.Error("what a newer isf knows was asked again")
		return theirs, nil
	}
	for _, folded := range []bool{false, true} {
		if folded {
			if err := s.Fold(); err != nil {
				t.Fatal(err)
			}
		}
		_, err := s.Get(theirs.Key(), 100)
		wantNewer(t, "Get", err)
		_, err = s.Lookup(theirs.Ref())
		wantNewer(t, "Lookup", err)
		_, _, err = s.Do(t.Context(), t.Context(), theirs.Fields, ask)
		wantNewer(t, "Do", err)
		_, err = s.readBlob(DigestOf([]byte("a text")))
		wantNewer(t, "readBlob", err)
		wantAll(t, s, []*Entry{ours})
	}
	put(t, s, theirs) // as if it had been asked with the cache out of sight
	if err := s.Fold(); err != nil {
		t.Fatal(err)
	}
	_, err := s.Weigh(func(Summary) bool { return false })
	wantNewer(t, "Weigh", err)
	_, err = s.Compact(keeping(func(Summary) bool { return false }))
	wantNewer(t, "Compact", err)
	v, err := s.Verify(func(f Finding) { t.Errorf("found %+v", f) })
	if err != nil || v.Newer != 1 || v.Entries != 1 || v.Orphans != 0 {
		t.Errorf("verified %+v, %v", v, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	all := inDatabase(t, dir)
	for _, f := range later {
		key := (&framed{kind: f.kind, name: f.name}).key()
		if got := all[string(f.kind.bucket())+"/"+string(key)]; got != string(f.append(nil)) {
			t.Errorf("a frame of kind %d is %q, want it as it was", f.kind, got)
		}
	}
}

// It survives damage of cache.db like answers do.
func TestSalvageKeepsWhatANewerIsfWrote(t *testing.T) {
	later := ofNewer(numbered(2))
	dir := dirWithJournal(t, append(journalOf(t, numbered(1)), bytesOf(later)...))
	s := open(t, dir, Options{})
	if err := errors.Join(s.Fold(), s.Close()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "cache.db")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copy(b, make([]byte, 8192)) // both meta pages
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, Options{})
	wantAll(t, s, []*Entry{numbered(1)})
	if err := errors.Join(s.Fold(), s.Close()); err != nil {
		t.Fatal(err)
	}
	all := inDatabase(t, dir)
	for _, f := range later {
		key := (&framed{kind: f.kind, name: f.name}).key()
		if got := all[string(f.kind.bucket())+"/"+string(key)]; got != string(f.append(nil)) {
			t.Errorf("a frame of kind %d is %q after a salvage, want it as it was", f.kind, got)
		}
	}
}

func TestAPackOfANewerIsfIsTold(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	put(t, s, numbered(1), numbered(2))
	p := export(t, dir, s, all)
	b, err := os.ReadFile(p.path)
	if err != nil {
		t.Fatal(err)
	}
	b[len("isf pack ")] = '2'
	d := DigestOf(b[:len(b)-len(Digest{})])
	share := t.TempDir()
	path := filepath.Join(share, "theirs"+PackSuffix)
	if err := os.WriteFile(path, append(b[:len(b)-len(d)], d[:]...), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = OpenPack(path)
	wantNewer(t, "OpenPack", err)
	var warned []string
	other := open(t, t.TempDir(), Options{Share: share, Warn: func(text string) { warned = append(warned, text) }})
	if _, err := other.Get(numbered(1).Key(), 100); !errors.Is(err, ErrMiss) || !slices.ContainsFunc(warned, func(w string) bool { return strings.Contains(w, "newer isf (format 2)") }) {
		t.Errorf("a share with it: %v, warned %q", err, warned)
	}
}

// A pack may hold an answer in a newer format, too.
func TestAnAnswerOfANewerIsfInAPackIsNoMiss(t *testing.T) {
	share := t.TempDir()
	var b bytes.Buffer
	w := newPackWriter(&b)
	w.add(ofNewer(numbered(2))[0])
	if _, err := w.close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(share, "theirs"+PackSuffix)
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, t.TempDir(), Options{Share: share})
	_, err := s.Get(numbered(2).Key(), 100)
	wantNewer(t, "Get through the share", err)
	p, err := OpenPack(path)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	i, err := s.Import(p)
	if err != nil || i.New != 0 || i.Refused != 1 {
		t.Errorf("imported %+v, %v", i, err)
	}
	wantNewer(t, "Import", i.Why)
}
