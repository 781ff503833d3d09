package graph

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// A Pending file is written beside the place it may get later. Until Commit
// nothing has changed under a name that anybody reads; a kill leaves a file
// that Sweep removes.
type Pending struct {
	root *os.Root
	temp string // "" once it has its place
	file *os.File
	care care
	shut bool
}

// Create opens a pending file that may replace the file at path below root.
// Folders are made as needed.
func Create(root *os.Root, path string) (*Pending, error) {
	if err := makeFolders(root, filepath.Dir(filepath.FromSlash(path))); err != nil {
		return nil, err
	}
	return create(root, path, durable)
}

func create(root *os.Root, name string, c care) (*Pending, error) {
	dir, base := filepath.Split(filepath.FromSlash(name))
	temp := filepath.Join(dir, "."+base+"."+rand.Text()[:8]+tempSuffix)
	f, err := root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return nil, fmt.Errorf("no file can be made in %s: %w", path.Dir(filepath.ToSlash(temp)), pe.Err) // the temporary name says nothing to anybody
	}
	if err != nil {
		return nil, err
	}
	return &Pending{root: root, temp: temp, file: f, care: c}, nil
}

// Write appends to the file.
func (p *Pending) Write(b []byte) (int, error) { return p.file.Write(b) }

// Seal ends writing and makes the bytes durable.
func (p *Pending) Seal() error {
	if p.shut {
		return nil
	}
	p.shut = true
	if p.care == durable {
		if err := p.file.Sync(); err != nil {
			p.file.Close()
			return err
		}
	}
	return p.file.Close()
}

// Open opens a sealed file to read what was written.
func (p *Pending) Open() (*os.File, error) { return p.root.Open(p.temp) }

// Commit seals the file and puts it at path, in the folder it was created for.
// When it returns nil, path holds the new bytes, durably.
func (p *Pending) Commit(path string) error {
	if err := p.Seal(); err != nil {
		return err
	}
	path = filepath.FromSlash(path)
	if err := rename(p.root, p.temp, path); err != nil {
		return err
	}
	p.temp = ""
	if p.care == hasty {
		return nil
	}
	return syncFolder(p.root, filepath.Dir(path))
}

// Discard removes the file unless it has got its place.
func (p *Pending) Discard() {
	if p.temp == "" {
		return
	}
	if !p.shut {
		p.shut = true
		p.file.Close()
	}
	p.root.Remove(p.temp) // what stays is swept up later
	p.temp = ""
}
