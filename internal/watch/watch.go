// Package watch notices that files of a project were saved.
//
// It looks at the size and times of all files again and again. That needs nothing
// of the system and nothing beside the standard library, sees saves of every
// editor and on every file system (network folders, containers and Windows shares
// send no events), and costs little: a file takes some three microseconds, and
// the pause between two looks is twenty times as long as a look took.
//
// Left out are hidden files and folders (so .isf, .git, and what editors keep
// beside a file while it is open), and what builds write: a manifest and the files
// that have its name, but for the decisions and reviews of people.
package watch

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	// pause between two looks is short enough that nobody waits for it.
	pause = 300 * time.Millisecond
	// rest is how many times as long as a look the pause after it is at least.
	rest = 20
)

// A Watcher knows the files of a folder as they were when it last looked.
type Watcher struct {
	dir  string
	not  []fs.FileInfo                              // files that are no part of the project
	wait func(context.Context, time.Duration) error // replaced in tests
	last map[string]stamp
	took time.Duration
}

// A stamp changes when a file is saved.
type stamp struct {
	size  int64
	mtime time.Time
	mode  fs.FileMode
}

// New looks at a folder for the first time. The files in not are left out: what
// the caller itself writes.
func New(dir string, not ...fs.FileInfo) (*Watcher, error) {
	w := &Watcher{dir: dir, not: not, wait: sleep}
	var err error
	w.last, err = w.look()
	return w, err
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}

// Files is how many files are watched.
func (w *Watcher) Files() int { return len(w.last) }

// Next waits until files were saved, and then until nothing more is for the
// length of a pause: an editor may write a file in several steps, and a checkout
// many. It returns their paths, relative to the folder. Files that changed since
// Next last returned count.
func (w *Watcher) Next(ctx context.Context) ([]string, error) {
	before := w.last
	for {
		if err := w.wait(ctx, max(pause, rest*w.took)); err != nil {
			return nil, err
		}
		now, err := w.look()
		if err != nil {
			return nil, err
		}
		settled := len(differ(w.last, now)) == 0
		w.last = now
		if changed := differ(before, now); settled && len(changed) > 0 {
			return changed, nil
		}
	}
}

// look reads the stamps of all files. What goes away meanwhile is not there.
func (w *Watcher) look() (map[string]stamp, error) {
	start := time.Now()
	found := map[string]stamp{}
	err := filepath.WalkDir(w.dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
			return nil
		case err != nil:
			return err
		case name != w.dir && skipped(d):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			return nil
		}
		info, err := os.Stat(name) // what a link leads to
		if err != nil || slices.ContainsFunc(w.not, func(f fs.FileInfo) bool { return os.SameFile(f, info) }) {
			return nil
		}
		rel, err := filepath.Rel(w.dir, name)
		found[filepath.ToSlash(rel)] = stamp{info.Size(), info.ModTime(), info.Mode()}
		return err
	})
	dropMade(found)
	w.took = time.Since(start)
	return found, err
}

const manifest = ".manifest.json"

// dropMade leaves out what builds have written.
func dropMade(found map[string]stamp) {
	made := map[string]bool{}
	for name := range found {
		if stem, is := strings.CutSuffix(name, manifest); is {
			made[stem] = true
		}
	}
	for name := range found {
		dir, base := path.Split(name)
		stem, end, _ := strings.Cut(base, ".")
		for ; end != "" && !made[dir+stem]; stem += "." + next(&end) {
		}
		if made[dir+stem] && end != "decisions.jsonl" && end != "reviews.jsonl" {
			delete(found, name)
		}
	}
}

// next takes the first part off an ending.
func next(end *string) string {
	first, rest, _ := strings.Cut(*end, ".")
	*end = rest
	return first
}

func skipped(d fs.DirEntry) bool {
	name := d.Name()
	return strings.HasPrefix(name, ".") && name != ".env" || strings.HasSuffix(name, "~") || (d.IsDir() && name == "node_modules")
}

// differ returns the names that are not the same in both, sorted.
func differ(a, b map[string]stamp) []string {
	var names []string
	for name, s := range a {
		if t, ok := b[name]; !ok || t != s {
			names = append(names, name)
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
