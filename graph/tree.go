package graph

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// A tree is what is known of several files taken as one input. Its digest is
// SHA-256 over, for each file in order of its name, the name and then the
// bytes. Names are relative to the folder, with slashes; their order is that
// of their bytes.
//
// Hashing all bytes again for each lstat would be slow, so the digest is
// remembered by the tree's composition: names and digests of the files.
type tree struct {
	digest string
	fields []PartField // the files, if they are few
}

// maxTreeFields bounds the files of a tree that a manifest names one by one.
const maxTreeFields = 256

// worthSharing is how many files make it worth looking at them in parallel.
const worthSharing = 256

// tree describes the files at base/name for each of names, which are sorted.
func (r *Reader) tree(base string, names []string) (tree, error) {
	entries := make([]entry, len(names))
	err := inParallel(len(names), worthSharing, func(i int) (err error) {
		entries[i], err = r.file(path.Join(base, names[i]))
		return err
	})
	if err != nil {
		return tree{}, err
	}
	k := compose(names, entries)
	digest, ok := r.cache.tree(k)
	if !ok {
		if k, digest, err = r.hashTree(base, names); err != nil {
			return tree{}, err
		}
		r.cache.putTree(k, digest)
	}
	return tree{hex.EncodeToString(digest[:]), treeFields(names, entries)}, nil
}

// hashTree reads every file once, for the digest and the composition it belongs to.
func (r *Reader) hashTree(base string, names []string) (k composition, digest [8]byte, err error) {
	h := sha256.New()
	entries := make([]entry, len(names))
	for i, name := range names {
		io.WriteString(h, name)
		if entries[i], _, err = r.hashOnce(path.Join(base, name), h); err != nil {
			return k, digest, err
		}
	}
	copy(digest[:], h.Sum(nil))
	return compose(names, entries), digest, nil
}

func compose(names []string, entries []entry) composition {
	h := sha256.New()
	for i, name := range names {
		hashStrings(h, name)
		h.Write(entries[i].digest[:])
	}
	return composition(h.Sum(nil))
}

func treeFields(names []string, entries []entry) []PartField {
	if len(names) > maxTreeFields {
		return nil
	}
	fields := make([]PartField, len(names))
	for i, name := range names {
		fields[i] = PartField{Name: name, Digest: entries[i].short()}
	}
	return fields
}

// walk lists the files below a folder, relative to it, sorted. Links to files
// inside the root count; links to folders, and what git and isf keep, do not.
func (r *Reader) walk(dir string) ([]string, error) {
	var names []string
	err := fs.WalkDir(r.root.FS(), path.Clean(dir), func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == ".git" || d.Name() == ".isf" {
				return fs.SkipDir
			}
			return nil
		}
		file, err := r.isFile(name, d)
		if file {
			names = append(names, within(dir, name))
		}
		return err
	})
	slices.Sort(names)
	return names, err
}

func (r *Reader) isFile(name string, d fs.DirEntry) (bool, error) {
	if d.Type()&fs.ModeSymlink == 0 {
		return d.Type().IsRegular(), nil
	}
	info, err := r.root.Stat(filepath.FromSlash(name))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && info.Mode().IsRegular(), err
}

// within makes name relative to dir, which it lies below.
func within(dir, name string) string {
	dir = path.Clean(dir)
	if dir == "." {
		return name
	}
	return strings.TrimPrefix(name, dir+"/")
}

// folder describes all files below a folder.
func (r *Reader) folder(dir string) (tree, error) {
	return r.once("dir "+dir, func() (tree, error) {
		names, err := r.walk(dir)
		if err != nil {
			return tree{}, err
		}
		return r.tree(dir, names)
	})
}

// matches describes the files that a pattern matches, named from the root.
func (r *Reader) matches(pattern string) (tree, error) {
	return r.once("glob "+pattern, func() (tree, error) {
		names, err := r.glob(pattern)
		if err != nil {
			return tree{}, err
		}
		return r.tree(".", names)
	})
}

// glob lists the files that a pattern matches. None is not an error.
func (r *Reader) glob(pattern string) ([]string, error) {
	if err := checkGlob(pattern); err != nil {
		return nil, err
	}
	base := globBase(pattern)
	names, err := r.walk(base)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking for %s: %w", pattern, err)
	}
	var found []string
	for _, name := range names {
		if full := path.Join(base, name); matchGlob(pattern, full) {
			found = append(found, full)
		}
	}
	slices.Sort(found)
	return found, nil
}

func (r *Reader) once(name string, look func() (tree, error)) (tree, error) {
	if r.seen == nil {
		return look()
	}
	return r.seen.tree(name, func(string) (tree, error) { return look() })
}

// inParallel calls do for 0 to n-1, on all processors if n is at least worth
// it, and returns the first error.
func inParallel(n, worth int, do func(i int) error) error {
	workers := min(runtime.GOMAXPROCS(0), 8)
	if n < worth || workers == 1 {
		for i := range n {
			if err := do(i); err != nil {
				return err
			}
		}
		return nil
	}
	var g errgroup.Group
	var next atomic.Int64
	for range workers {
		g.Go(func() error {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if err := do(i); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}
