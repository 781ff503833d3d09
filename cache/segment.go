package cache

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
)

// A segment is one file of a journal: frames, one after the other, then zeros
// that reserve space. Its owner holds the lock of the file from its creation
// until the frames are in cache.db; a segment that can be locked is ownerless.
type segment struct {
	path string
	f    *os.File
	own  bool

	end      int64 // behind the last frame that counts; what follows may be torn
	reserved int64 // size of the file, as its owner knows it
	zeroed   int64 // in front of it something has been written
	frames   int   // before end, found or written
	folded   int64 // frames before it are in cache.db

	places places // of the index
}

const (
	// spare is kept free behind what is written, for the answers that are in
	// flight when the disk fills up: 2,000 of them at 4 KB.
	spare = 8 << 20

	// growth is how much is reserved at a time.
	growth = 16 << 20

	// mostAhead is how far zeros are written ahead.
	mostAhead = 1 << 20
)

// createSegment makes an empty segment of this process, locked.
func createSegment(dir, owner string) (*segment, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	for {
		g, err := newSegment(dir, owner)
		if g != nil || err != nil {
			return g, err
		}
	}
}

// newSegment makes a file and locks it. It is nil if another process took the
// new file for an ownerless one before it was locked.
func newSegment(dir, owner string) (*segment, error) {
	var random [8]byte
	rand.Read(random[:]) // never returns an error
	path := filepath.Join(dir, owner+"-"+hex.EncodeToString(random[:]))
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	locked, err := tryLock(f)
	if err != nil || !locked || !isAt(f, path) {
		return nil, errors.Join(err, f.Close())
	}
	if err := syncDir(dir); err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(path))
	}
	return &segment{path: path, f: f, own: true}, nil
}

func processName() string { return strconv.Itoa(os.Getpid()) }

// isAt says that path still leads to the open file f.
func isAt(f *os.File, path string) bool {
	a, errA := f.Stat()
	b, errB := os.Stat(path)
	return errA == nil && errB == nil && os.SameFile(a, b)
}

// grow reserves room for n more bytes and the spare behind them.
func (g *segment) grow(n int64) error {
	want := g.end + n + spare
	if want <= g.reserved {
		return nil
	}
	more := want + growth
	err := reserve(g.f, g.reserved, more-g.reserved)
	if isFull(err) {
		more = want // the last of the disk is taken piece by piece
		err = reserve(g.f, g.reserved, more-g.reserved)
	}
	if err == nil {
		g.reserved = more
	}
	return err
}

// append writes frames and returns when they are durable. After an error g is
// as it was before.
func (g *segment) append(b []byte, frames int) error {
	g.zeroAhead(int64(len(b)))
	if _, err := g.f.WriteAt(b, g.end); err != nil {
		return err
	}
	if err := datasync(g.f); err != nil {
		return fmt.Errorf("sync %s: %w", g.path, err)
	}
	g.end += int64(len(b))
	g.frames += frames
	g.reserved = max(g.reserved, g.end)
	return nil
}

// zeroAhead writes zeros to where n bytes and the next ones will be. What is first
// written to space that was only reserved changes the file system's own books,
// which a sync then has to write as well: half as much work again, and twice the
// wait, for each. Where little is written, little is written ahead.
func (g *segment) zeroAhead(n int64) {
	if g.end+n <= g.zeroed {
		return
	}
	from := max(g.zeroed, g.end)
	to := min(g.end+n+min(g.end, mostAhead), g.reserved)
	if to > from && writeZeros(g.f, from, to-from) == nil { // else nothing is lost
		g.zeroed = to
	}
}

// seal gives back the space that nothing will be written to.
func (g *segment) seal() error {
	g.reserved = g.end
	return g.f.Truncate(g.end)
}

// remove closes g and deletes its file, whose frames are elsewhere by now. Where
// a file in use cannot be deleted it stays, and the next fold finds it.
func (g *segment) remove() error {
	err := g.f.Close()
	if rm := os.Remove(g.path); rm != nil && !errors.Is(rm, os.ErrNotExist) {
		err = errors.Join(err, rm)
	}
	return err
}

// glance is how much is read of a frame whose length nobody knows: most are no
// longer.
const glance = 4 << 10

// frameAt reads the frame that the index says is at off.
func (g *segment) frameAt(off int64) (frame, error) {
	b := make([]byte, glance)
	n, err := g.f.ReadAt(b, off)
	if err != nil && !errors.Is(err, io.EOF) {
		return frame{}, err
	}
	b = b[:n]
	if size, ok := frameSize(b); ok && size > glance {
		b = append(make([]byte, 0, size), b...)[:size]
		if _, err := g.f.ReadAt(b[n:], off+int64(n)); err != nil {
			return frame{}, err
		}
	}
	return readFrame(b)
}

// headAt reads what the head of a frame says.
func (g *segment) headAt(off int64) (f frame, err error) {
	var b [headSize]byte
	if _, err := g.f.ReadAt(b[:], off); err != nil {
		return frame{}, err
	}
	if _, ok := frameSize(b[:]); !ok {
		return frame{}, errFrame
	}
	return frame{kind: frameKind(b[4]), name: name(b[5:45])}, nil
}

var zeros [256 << 10]byte

func writeZeros(f *os.File, off, n int64) error {
	for n > 0 {
		z := zeros[:min(n, int64(len(zeros)))]
		if _, err := f.WriteAt(z, off); err != nil {
			return err
		}
		off, n = off+int64(len(z)), n-int64(len(z))
	}
	return nil
}
