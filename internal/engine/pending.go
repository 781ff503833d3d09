package engine

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/identity-shaping/isf/graph"
)

// A pending file is written beside the place it may get later. Until Commit
// nothing with a name that anybody reads has changed; a kill leaves a file
// that Sweep removes.
type pending struct {
	root *os.Root
	name string
	file *os.File
}

// create opens a pending file in the folder of target.
func create(root *os.Root, target string) (*pending, error) {
	dir := path.Dir(target)
	if err := root.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	name := path.Join(dir, "."+path.Base(target)+".isf-"+rand.Text()[:8])
	f, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	return &pending{root, name, f}, nil
}

func (p *pending) Write(b []byte) (int, error) { return p.file.Write(b) }

// seal makes the bytes durable under the pending name.
func (p *pending) seal() error {
	if err := p.file.Sync(); err != nil {
		return err
	}
	return p.file.Close()
}

// commit gives a sealed file its place, in which it replaces what was there.
func (p *pending) commit(target string) error {
	if err := p.root.Rename(p.name, target); err != nil {
		return fmt.Errorf("%s could not be put in place: %w", target, err)
	}
	return syncDir(p.root, path.Dir(target))
}

// copyTo puts a copy of a sealed file at an absolute path outside the pending
// file's reach, by the same rules: written beside, synced, renamed.
func (p *pending) copyTo(to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	dir, err := os.OpenRoot(filepath.Dir(to))
	if err != nil {
		return err
	}
	defer dir.Close()
	in, err := p.root.Open(p.name)
	if err != nil {
		return err
	}
	defer in.Close()
	return graph.WriteFile(dir, filepath.Base(to), func(w io.Writer) error {
		_, err := io.Copy(w, in)
		return err
	})
}

// discard removes a file that was not committed.
func (p *pending) discard() {
	_ = p.file.Close()
	if err := p.root.Remove(p.name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return // it is swept up by a later build
	}
}

func syncDir(root *os.Root, dir string) error {
	d, err := root.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !isBadSync(err) {
		return err
	}
	return nil
}
