// Package texts keeps the texts of inputs by the digests that manifests name
// them by, so that a change can be shown after it was made.
//
// Losing a text costs an explanation, never correctness: a text that is not
// there, was cut short or damaged is not found, because its digest is computed
// when it is read. The texts kept are bounded in bytes; those that were used
// least lately go first. Several processes may share a store.
package texts

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/identity-shaping/isf/graph"
)

const (
	// Most is how many bytes all texts may take: a thousand documents of a
	// novel's chapter each, with some versions of each.
	Most = 64 << 20
	// Longest is the longest text that is kept. What is longer is data, of which
	// nobody reads a comparison.
	Longest = 4 << 20

	// fresh is how long a text counts as used after it was: a build of a thousand
	// documents need not touch a thousand files.
	fresh = 24 * time.Hour

	pending = ".tmp"
)

// A Store is a folder of texts below a project's root.
type Store struct {
	root *os.Root
	dir  string
	now  func() time.Time // replaced in tests
	most int64            // bytes; replaced in tests

	known map[string]time.Time // digest → last use; nil until it is needed
}

// Open returns the store in a folder, which need not be there yet. It is used
// by one goroutine at a time.
func Open(root *os.Root, dir string) *Store {
	return &Store{root: root, dir: dir, now: time.Now, most: Most}
}

// Has reports whether a text is kept, and notes that it is in use.
func (s *Store) Has(digest string) bool {
	if s.known == nil {
		s.list()
	}
	used, has := s.known[digest]
	if now := s.now(); has && now.Sub(used) > fresh {
		s.known[digest] = now
		_ = s.root.Chtimes(s.path(digest), now, now)
	}
	return has
}

// Keep keeps a text by its digest, graph.ShortDigest. One that is no text, or
// too long, is not kept.
func (s *Store) Keep(digest string, text []byte) error {
	if len(text) > Longest || !utf8.Valid(text) || strings.IndexByte(string(text), 0) >= 0 || graph.ShortDigest(text) != digest || s.Has(digest) {
		return nil
	}
	if err := s.root.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	// Whoever writes the same file writes the same bytes, so a torn or doubled
	// write is mended by the next; nothing is synced, since a text that a power
	// loss cuts short is not found.
	name := s.path(digest)
	if err := s.root.WriteFile(name+pending, text, 0o600); err != nil {
		return err
	}
	if err := s.root.Rename(name+pending, name); err != nil && !errors.Is(err, fs.ErrNotExist) { // another process was faster
		return err
	}
	s.known[digest] = s.now()
	return nil
}

// Get returns a text that is kept.
func (s *Store) Get(digest string) (text string, kept bool) {
	if digest == "" || strings.ContainsAny(digest, `/\.`) {
		return "", false
	}
	b, err := s.root.ReadFile(s.path(digest))
	if err != nil || graph.ShortDigest(b) != digest {
		return "", false
	}
	return string(b), true
}

// Trim removes texts until what is left is within the bound.
func (s *Store) Trim() error {
	type text struct {
		name string
		size int64
		used time.Time
	}
	var all []text
	total := int64(0)
	entries, err := fs.ReadDir(s.root.FS(), s.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			all = append(all, text{e.Name(), info.Size(), info.ModTime()})
			total += info.Size()
		}
	}
	slices.SortFunc(all, func(a, b text) int { return cmp.Or(a.used.Compare(b.used), strings.Compare(a.name, b.name)) })
	for _, t := range all {
		if total <= s.most {
			return nil
		}
		if err := s.root.Remove(path.Join(s.dir, t.name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		delete(s.known, t.name)
		total -= t.size
	}
	return nil
}

func (s *Store) path(digest string) string { return path.Join(s.dir, digest) }

// list learns which texts are kept. What cannot be listed is kept anew.
func (s *Store) list() {
	s.known = map[string]time.Time{}
	entries, _ := fs.ReadDir(s.root.FS(), s.dir)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && !strings.HasSuffix(e.Name(), pending) {
			s.known[e.Name()] = info.ModTime()
		}
	}
}
