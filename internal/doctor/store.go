package doctor

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/internal/term"
)

// stateDir is where answers are.
const stateDir = ".isf"

// cache looks whether the answers can be read.
func (f Folder) cache(context.Context) []Finding {
	dir := filepath.Join(f.Root, stateDir)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return []Finding{ok("cache", "no answers yet")}
	}
	var all []Finding
	warn := func(text string) {
		all = append(all, Finding{"cache", Look, text, "the next `isf build` repairs what can be repaired, and asks again for the rest"})
	}
	store, err := cache.Open(dir, cache.Options{ReadOnly: true, Warn: warn})
	if err != nil {
		return append(all, Finding{"cache", Bad, err.Error(), "see that you may read and write the folder .isf"})
	}
	defer store.Close()
	s, err := store.Stats()
	if err != nil {
		return append(all, Finding{"cache", Bad, err.Error(), "see that you may read and write the folder .isf"})
	}
	all = append(all, ok("cache", "%s, %s", term.Plural(int64(s.Entries+s.Pending), "answer"), term.Bytes(s.Bytes)))
	damaged, _ := filepath.Glob(filepath.Join(dir, "cache.db.damaged-*"))
	if len(damaged) > 0 {
		all = append(all, Finding{"cache", Look, "a damaged cache.db was put aside, and what could be read of it is in the new one", "if nothing is missing, delete .isf/" + filepath.Base(damaged[0])})
	}
	if info, err := os.Stat(dir); err == nil && filepath.Separator == '/' && info.Mode().Perm()&0o077 != 0 {
		all = append(all, Finding{"cache", Look, "other people of this machine can read .isf, where all requests are", "chmod 700 .isf"})
	}
	return all
}
