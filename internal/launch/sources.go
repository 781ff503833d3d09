package launch

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zeebo/blake3"
)

// format begins every digest, so that another way of hashing gives another one.
const format = "isf sources 2\n"

// Sources are the files that decide what a build makes: Go and assembly files
// without tests, embedded files, go.mod, go.sum and go.work, and the same of
// every local folder that go.mod or go.work puts in a module's place; and
// GOFLAGS, which may choose files by tags.
type sources struct {
	root      string   // of the project; names in the digest are relative to it
	moduleDir string   // the folder of go.mod, root or above it
	module    string   // the module's path
	dirs      []string // module folders to walk, moduleDir first
	files     []string // go.mod, go.sum, go.work and go.work.sum
	cache     *statCache
}

// openSources finds the module that root belongs to. cache is the file that
// remembers digests; it may be missing.
func openSources(root, cache string) (*sources, error) {
	dir, ok := above(root, "go.mod")
	if !ok {
		return nil, fmt.Errorf("%s has a cmd/isf but no go.mod; run 'go mod init' there", root)
	}
	s := &sources{root: root, moduleDir: dir, cache: readStatCache(cache)}
	return s, s.plan()
}

// above returns the nearest folder, from dir upwards, that holds name.
func above(dir, name string) (string, bool) {
	for {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return dir, true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", false
		}
		dir = parent
	}
}

// plan reads go.mod and go.work for the folders that take part.
func (s *sources) plan() error {
	mod := filepath.Join(s.moduleDir, "go.mod")
	m, err := readModFile(mod)
	if err != nil {
		return err
	}
	s.module = m.module
	s.dirs = append([]string{s.moduleDir}, m.local...)
	s.files = []string{mod, filepath.Join(s.moduleDir, "go.sum")}
	if work := workFile(s.moduleDir); work != "" {
		w, err := readModFile(work)
		if err != nil {
			return err
		}
		s.dirs = append(s.dirs, w.local...)
		s.files = append(s.files, work, work+".sum")
	}
	slices.Sort(s.dirs[1:])
	s.dirs = slices.Compact(s.dirs)
	return nil
}

// digest hashes the sources as they are now.
func (s *sources) digest() (string, error) {
	if err := s.plan(); err != nil { // again: an edit of go.mod may add folders
		return "", err
	}
	w := &walk{cache: s.cache, seen: map[string]string{}, linked: map[string]bool{}}
	for _, f := range s.files {
		if err := w.file(f, nil); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", unreadable(f, err)
		}
	}
	for _, d := range s.dirs {
		// A folder that is not there is for Go to judge: with vendored modules it
		// need not be.
		if err := w.module(d); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", unreadable(d, err)
		}
	}
	s.cache.save(w.seen)
	return s.sum(w.seen), nil
}

// sum hashes names and digests in the order of the names.
func (s *sources) sum(digests map[string]string) string {
	lines := make([]string, 0, len(digests))
	for path, d := range digests {
		name, err := filepath.Rel(s.root, path)
		if err != nil {
			name = path // another drive on Windows
		}
		lines = append(lines, filepath.ToSlash(name)+"\x00"+d+"\n")
	}
	slices.Sort(lines)
	h := blake3.Sum256([]byte(format + "GOFLAGS " + os.Getenv("GOFLAGS") + "\n" + strings.Join(lines, "")))
	return hex.EncodeToString(h[:16])
}
