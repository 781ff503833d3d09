package cache

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// repair saves what can be read of a damaged cache.db into a segment of this
// process, from where it is folded into a new one, and moves the damaged file
// aside. Until a process has the file for itself, what cannot be read is a miss.
// age is of the handle that found the damage; a newer one has been repaired.
func (s *Store) repair(cause error, age int) error {
	s.db.mu.Lock()
	defer s.db.mu.Unlock()
	if s.db.age != age {
		return nil
	}
	s.db.abandon()
	s.db.age++
	if s.o.ReadOnly {
		s.warn(fmt.Sprintf("%v; answers in it are missing until the next build repairs it", cause))
		s.db.broken = true
		return nil
	}
	if err := s.salvage(cause); err != nil {
		return fmt.Errorf("%w; it could not be repaired: %w", cause, err)
	}
	return nil
}

func (s *Store) salvage(cause error) error {
	f, err := os.OpenFile(s.db.path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	locked, err := tryLock(f)
	if err != nil {
		return err
	}
	if !locked {
		s.warn(fmt.Sprintf("%v; it is repaired once no other command uses it", cause))
		return nil
	}
	if !isAt(f, s.db.path) {
		return nil
	}
	n, err := s.journal.save(f)
	if err != nil {
		return err
	}
	s.leases.tell()
	aside, err := moveAside(f, s.db.path)
	if err != nil {
		return err
	}
	s.warn(fmt.Sprintf("%v; %d answers were saved from it, and the damaged file is kept as %s", cause, n, aside))
	s.wakeFold()
	return nil
}

// moveAside renames a locked file to the first free name. Where open files
// cannot be renamed it closes it first.
func moveAside(f *os.File, path string) (string, error) {
	aside := ""
	for n := 1; ; n++ {
		aside = fmt.Sprintf("%s.damaged-%d", path, n)
		if _, err := os.Lstat(aside); errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	err := os.Rename(path, aside)
	if err != nil {
		err = errors.Join(f.Close(), os.Rename(path, aside))
	}
	if err != nil {
		return "", err
	}
	return aside, syncDir(filepath.Dir(path))
}

// save copies every frame of a damaged file into a new segment, once, and says
// how many answers there were. Pages that were given up long ago may hold
// frames too; they are as good as any.
func (j *journal) save(f *os.File) (entries int, err error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	g, err := createSegment(j.dir, processName())
	if err != nil {
		return 0, err
	}
	scan := newScanner(f, 0, info.Size())
	scan.thorough = true
	if entries, err = j.saveFrames(g, scan); err != nil || g.frames == 0 {
		j.index.dropSegment(g)
		return 0, errors.Join(err, g.remove())
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.sealed = append(j.sealed, g)
	return entries, nil
}

func (j *journal) saveFrames(g *segment, scan *scanner) (entries int, err error) {
	type filed struct {
		frameKind
		name
	}
	seen := map[filed]bool{}
	var group []framed
	size := 0
	for {
		f, _, err := scan.next()
		end := errors.Is(err, io.EOF)
		if err != nil && !end {
			return 0, err
		}
		if end || size > maxGroup {
			if err := j.saveGroup(g, group); err != nil {
				return 0, err
			}
			group, size = nil, 0
		}
		if end {
			return entries, nil
		}
		if as := (filed{f.kind, f.name}); !seen[as] {
			seen[as] = true
			group = append(group, framed{f.kind, f.name, f.append(nil)})
			size += f.size()
			if f.kind == frameEntry {
				entries++
			}
		}
	}
}

func (j *journal) saveGroup(g *segment, group []framed) error {
	var b []byte
	for _, f := range group {
		b = append(b, f.bytes...)
	}
	off := g.end
	if err := g.append(b, len(group)); err != nil {
		return err
	}
	j.indexGroup(g, group, off)
	return nil
}
