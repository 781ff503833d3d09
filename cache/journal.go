package cache

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
)

// A journal is the folder of segments: those of this process, which it writes,
// and those of others, which it reads in place.
type journal struct {
	dir   string
	index *index

	mu     sync.Mutex
	active *segment   // written to; nil before the first answer
	group  []byte     // what is written at once, kept for the next time
	sealed []*segment // of this process too, waiting to be folded

	ready atomic.Bool // space has been reserved, so full says how it is
	full  atomic.Bool // the disk gave no space when it was last asked

	others sync.Mutex
	theirs map[string]*segment // by path
}

// mostGroup is how much is kept in memory for the next group: 500 answers are
// half of it.
const mostGroup = 4 << 20

func newJournal(dir string) *journal {
	return &journal{dir: dir, index: newIndex(), theirs: map[string]*segment{}}
}

// write makes frames durable and then findable. It is called by one goroutine.
func (j *journal) write(fs []framed) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.prepare(fs); err != nil {
		return err
	}
	g := j.active
	b := j.group[:0]
	for _, f := range fs {
		b = append(b, f.bytes...)
	}
	if cap(b) <= mostGroup {
		j.group = b
	}
	off := g.end
	if err := g.append(b, len(fs)); err != nil {
		if !isFull(err) {
			// What the system could not write it may have forgotten: nothing
			// is ever written behind it.
			j.sealed, j.active = append(j.sealed, g), nil
		}
		return j.failed(err)
	}
	j.indexGroup(g, fs, off)
	return nil
}

// indexGroup makes frames findable that lie in g one behind the other.
func (j *journal) indexGroup(g *segment, fs []framed, off int64) {
	for _, f := range fs {
		j.index.add(g, f.kind, f.name, off)
		off += int64(len(f.bytes))
	}
}

// prepare makes room for frames. Without space for the spare they are still
// written as long as they fit.
func (j *journal) prepare(fs []framed) error {
	if err := j.open(); err != nil {
		return err
	}
	var n int64
	for _, f := range fs {
		n += int64(len(f.bytes))
	}
	j.reserve(n)
	return nil
}

// reserve makes room for n more bytes and the spare behind them, and notes
// whether there was space for it.
func (j *journal) reserve(n int64) error {
	err := j.active.grow(n)
	j.full.Store(isFull(err))
	j.ready.Store(true) // last: whoever sees it must not go by what full was before
	return err
}

// failed words an error for the person who has to make room or give leave.
func (j *journal) failed(err error) error {
	if isFull(err) {
		j.full.Store(true)
		return fmt.Errorf("%w: make room and go on, what was answered is kept: %w", ErrFull, err)
	}
	return fmt.Errorf("the cache cannot be written: %w", err)
}

// room makes sure that an answer can be stored, before it is asked for: that the
// journal can be written and has space to spare.
func (j *journal) room() error {
	if j.ready.Load() && !j.full.Load() {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.open(); err != nil {
		return err
	}
	if err := j.reserve(0); isFull(err) {
		return j.failed(err)
	}
	return nil
}

// open makes the segment that is written to, if there is none.
func (j *journal) open() error {
	if j.active != nil {
		return nil
	}
	g, err := createSegment(j.dir, processName())
	if err != nil {
		return j.failed(err)
	}
	j.active = g
	return nil
}

// waiting is how many frames of this process are not folded, and in how many
// segments.
func (j *journal) waiting() (frames, segments int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, g := range append(slices.Clip(j.sealed), j.active) {
		if g != nil && g.frames > 0 {
			frames, segments = frames+g.frames, segments+1
		}
	}
	return frames, segments
}

// nextSealed is the oldest segment of this process that is no longer written
// to. If there is none, and the one that is holds at least atLeast frames, it is
// sealed. The next one is made first: on a full disk the spare of the old one
// is all that there is, and stays.
func (j *journal) nextSealed(atLeast int) (*segment, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.sealed) > 0 {
		return j.sealed[0], nil
	}
	g := j.active
	if g == nil || g.frames < max(1, atLeast) || j.full.Load() {
		return nil, nil
	}
	next, err := createSegment(j.dir, processName())
	if err != nil {
		return nil, err
	}
	if err := next.grow(0); isFull(err) {
		return nil, next.remove()
	}
	j.active, j.sealed = next, append(j.sealed, g)
	return g, g.seal()
}

// sealAll ends writing. An empty segment goes.
func (j *journal) sealAll() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	g := j.active
	j.active = nil
	if g == nil {
		return nil
	}
	if g.end == 0 {
		return g.remove()
	}
	j.sealed = append(j.sealed, g)
	return g.seal()
}

// folded forgets where frames were that are in cache.db now.
func (j *journal) folded(g *segment, b *batch) {
	j.index.drop(g, b.end)
	j.mu.Lock()
	defer j.mu.Unlock()
	g.folded = b.end
	g.frames -= len(b.frames)
}

// done removes a segment whose frames are all in cache.db.
func (j *journal) done(g *segment) error {
	j.others.Lock()
	delete(j.theirs, g.path)
	j.others.Unlock()
	j.mu.Lock()
	j.sealed = slices.DeleteFunc(j.sealed, func(s *segment) bool { return s == g })
	j.mu.Unlock()
	j.index.dropSegment(g)
	return g.remove()
}

// look reads what other processes have written since it was last called. When
// segments have gone, their frames are in cache.db: opened makes sure that it
// is open before they are forgotten here.
func (j *journal) look(opened func() error) error {
	j.others.Lock()
	defer j.others.Unlock()
	paths, err := j.paths()
	if err != nil {
		return err
	}
	for _, path := range paths {
		if err := j.lookAt(path); err != nil {
			return err
		}
	}
	if err := opened(); err != nil {
		return err
	}
	for path, g := range j.theirs {
		if !slices.Contains(paths, path) {
			delete(j.theirs, path)
			j.index.dropSegment(g)
			g.f.Close()
		}
	}
	return nil
}

// paths are the segments of other processes.
func (j *journal) paths() ([]string, error) {
	names, err := os.ReadDir(j.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the cache cannot be read: %w", err)
	}
	own := j.ownPaths()
	var paths []string
	for _, n := range names {
		path := filepath.Join(j.dir, n.Name())
		if n.Type().IsRegular() && !own[path] {
			paths = append(paths, path)
		}
	}
	return paths, nil
}

func (j *journal) ownPaths() map[string]bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	own := map[string]bool{}
	for _, g := range append(slices.Clip(j.sealed), j.active) {
		if g != nil {
			own[g.path] = true
		}
	}
	return own
}

func (j *journal) lookAt(path string) error {
	g := j.theirs[path]
	if g == nil {
		f, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // folded since the folder was read
		}
		if err != nil {
			return fmt.Errorf("the cache cannot be read: %w", err)
		}
		g = &segment{path: path, f: f}
		j.theirs[path] = g
	}
	return j.scan(g)
}

// scan adds to the index what g holds behind its end.
func (j *journal) scan(g *segment) error {
	info, err := g.f.Stat()
	if err != nil {
		return fmt.Errorf("the cache cannot be read: %w", err)
	}
	if nothingAt(g.f, g.end) {
		return nil
	}
	s := newScanner(g.f, g.end, info.Size())
	for {
		f, off, err := s.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("the cache cannot be read: %w", err)
		}
		j.index.add(g, f.kind, f.name, off)
		g.end = off + int64(f.size())
		g.frames++
	}
}

// nothingAt says that no frame begins at off: the file ends there, or space is
// reserved. It is what a look costs where nothing is new.
func nothingAt(f io.ReaderAt, off int64) bool {
	var head [headSize]byte
	n, err := f.ReadAt(head[:], off)
	return (err == nil || errors.Is(err, io.EOF)) && (n < headSize || head == [headSize]byte{})
}

// claim takes a segment whose owner has died, until it is folded or given back.
// It is nil if every other segment has a living owner.
func (j *journal) claim() (*segment, error) {
	j.others.Lock()
	defer j.others.Unlock()
	for path, g := range j.theirs {
		locked, err := tryLock(g.f)
		if err != nil {
			return nil, err
		}
		if !locked {
			continue
		}
		if isAt(g.f, path) {
			return g, nil
		}
		if err := unlock(g.f); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// close lets go of everything; what has not been folded stays for others.
func (j *journal) close() error {
	err := j.sealAll()
	j.others.Lock()
	defer j.others.Unlock()
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, g := range j.sealed {
		err = errors.Join(err, g.f.Close())
	}
	for _, g := range j.theirs {
		err = errors.Join(err, g.f.Close())
	}
	return err
}
