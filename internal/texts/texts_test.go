package texts

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/identity-shaping/isf/graph"
)

func store(t *testing.T) (*Store, string) {
	t.Helper()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return Open(root, ".isf/texts"), filepath.Join(dir, ".isf", "texts")
}

func keep(t *testing.T, s *Store, text string) (digest string) {
	t.Helper()
	digest = graph.ShortDigest([]byte(text))
	if err := s.Keep(digest, []byte(text)); err != nil {
		t.Fatal(err)
	}
	return digest
}

func TestATextIsFoundByItsDigest(t *testing.T) {
	s, dir := store(t)
	if s.Has("0123456789abcdef") {
		t.Error("an empty store has a text")
	}
	digest := keep(t, s, "The mill is old.\n")
	if got, ok := s.Get(digest); !ok || got != "The mill is old.\n" {
		t.Errorf("got %q, %v", got, ok)
	}
	info, err := os.Stat(filepath.Join(dir, digest))
	if err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others may read it: %v, %v", info.Mode(), err)
	}
}

func TestWhatIsNoTextOfItsDigestIsNotKept(t *testing.T) {
	s, _ := store(t)
	for name, text := range map[string]string{"bytes": "\xff\xfe", "a nought": "a\x00b", "too long": strings.Repeat("a", Longest+1)} {
		if digest := keep(t, s, text); s.Has(digest) {
			t.Errorf("%s: kept", name)
		}
	}
	if err := s.Keep("0123456789abcdef", []byte("something else")); err != nil || s.Has("0123456789abcdef") {
		t.Errorf("a text was kept by another's digest: %v", err)
	}
}

func TestADamagedTextIsNotFound(t *testing.T) {
	s, dir := store(t)
	digest := keep(t, s, "The mill is old.\n")
	for _, damaged := range []string{"", "The mill", "The mill is odd.\n"} {
		if err := os.WriteFile(filepath.Join(dir, digest), []byte(damaged), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, ok := s.Get(digest); ok {
			t.Errorf("got %q", got)
		}
	}
	if got, ok := s.Get("../texts/" + digest); ok {
		t.Errorf("a path is no digest, and gave %q", got)
	}
}

func TestWhatWasUsedLeastLatelyGoesFirst(t *testing.T) {
	s, _ := store(t)
	now := time.Now()
	s.now = func() time.Time { return now }
	var digests []string
	for _, text := range []string{"one", "two", "six"} {
		d := keep(t, s, text)
		digests = append(digests, d)
		if err := s.root.Chtimes(s.path(d), now, now); err != nil {
			t.Fatal(err)
		}
		now = now.Add(2 * fresh)
	}
	s.known = nil // as in another process
	if !s.Has(digests[0]) {
		t.Fatal("the first is gone")
	}
	s.most = 6
	if err := s.Trim(); err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, false, true} { // the first was used again
		if got := s.Has(digests[i]); got != want {
			t.Errorf("text %d: kept %v, want %v", i, got, want)
		}
	}
}
