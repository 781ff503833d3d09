package graph

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Temporary files are hidden, lie beside what they will replace, and end so
// that nothing takes them for data.
const tempSuffix = ".isf-tmp"

// A care says how far a replaced file must be safe before it counts.
type care bool

const (
	durable care = true  // survives a power loss
	hasty   care = false // survives a crash of the process
)

// WriteFile replaces the file at path below root by what write writes, whole or
// not at all: whoever opens path sees the old bytes or the new ones, also after
// a power loss. When it returns nil the new bytes are durable. Folders are made
// as needed. If write fails, its error is returned and path is untouched.
func WriteFile(root *os.Root, path string, write func(io.Writer) error) error {
	if err := makeFolders(root, filepath.Dir(filepath.FromSlash(path))); err != nil {
		return err
	}
	return replace(root, path, durable, write)
}

// Sweep removes the temporary files that killed writers of path left behind.
// The caller holds the lock of whoever may write path.
func Sweep(root *os.Root, path string) error {
	dir, base := filepath.Split(filepath.FromSlash(path))
	entries, err := fs.ReadDir(root.FS(), filepath.ToSlash(filepath.Clean(dir)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "."+base+".") && strings.HasSuffix(e.Name(), tempSuffix) {
			if err := root.Remove(filepath.Join(dir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

func replace(root *os.Root, path string, c care, write func(io.Writer) error) error {
	p, err := create(root, path, c)
	if err != nil {
		return err
	}
	defer p.Discard()
	w := bufio.NewWriterSize(p, 64<<10)
	if err := write(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return p.Commit(path)
}

// makeFolders makes dir and what is above it, durably.
func makeFolders(root *os.Root, dir string) error {
	info, err := root.Stat(dir)
	switch {
	case err == nil && info.IsDir():
		return nil
	case err == nil:
		return fmt.Errorf("%s is a file where a folder is needed", filepath.ToSlash(dir))
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	above := filepath.Dir(dir)
	if err := makeFolders(root, above); err != nil {
		return err
	}
	if err := root.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(root, above)
}

// syncFolder makes the names in a folder durable, where the system can.
func syncFolder(root *os.Root, dir string) error {
	if dir == "" {
		dir = "."
	}
	f, err := root.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil && !unsyncable(err) {
		return fmt.Errorf("syncing folder %s: %w", filepath.ToSlash(dir), err)
	}
	return nil
}

// unsyncable reports that a file system has nothing to sync for a folder.
// Windows answers with permission errors.
func unsyncable(err error) bool {
	return errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrPermission)
}
