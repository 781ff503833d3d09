package cache

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// A lease is the right of one process to ask a request; others wait for its
// answer, or for its end. It is a lock of the operating system on one byte of a
// file, whose place is made of the request's key, so it dies with its owner.
// Two requests of one place only wait for each other.
//
// What cannot be locked (a folder that cannot be written, a file system without
// locks) is asked without a lease, at worst twice.
type leases struct {
	dir string
	off atomic.Bool // there are no leases here, or no longer

	mu    sync.RWMutex // held for reading while a file is in use, else while they are opened or closed
	files []*os.File   // nil until they are needed
	news  *news        // nil where others cannot be told

	heard atomic.Pointer[cells] // before the last look
}

// leaseFiles is how many files the locks are spread over. The system keeps the
// locks of a file in a list: with 2,000 held, taking one and giving it back is
// 34 µs in one file, and 2 µs in 64, as with a few.
const leaseFiles = 64

// ErrStopWaiting ended a wait for another process.
var ErrStopWaiting = errors.New("the wait for another process was stopped")

const (
	firstGlance = 2 * time.Millisecond   // a waiter looks again after this, then after twice that …
	lastGlance  = 250 * time.Millisecond // up to this
	longWait    = 5 * time.Second        // a person is told
)

// place is a byte below 2^62, the same in all processes.
func (r Ref) place() int64 {
	var n uint64
	for _, b := range r.Key[:8] {
		n = n<<8 | uint64(b)
	}
	return int64((n ^ uint64(r.Limit)*0x9e3779b97f4a7c15) >> 2)
}

// use makes sure that the files stay open until mu is let go of. It is false
// where there are no leases.
func (l *leases) use() bool {
	for !l.off.Load() {
		if l.mu.RLock(); l.files != nil {
			return true
		}
		l.mu.RUnlock()
		l.open()
	}
	return false
}

func (l *leases) open() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.files != nil || l.off.Load() {
		return
	}
	err := os.MkdirAll(l.dir, 0o700)
	var files []*os.File
	for i := int64(0); i < leaseFiles && err == nil; i++ {
		var f *os.File
		if f, err = os.OpenFile(filepath.Join(l.dir, strconv.FormatInt(i, 16)), os.O_RDWR|os.O_CREATE, 0o600); err == nil {
			files = append(files, f)
		}
	}
	if err != nil {
		l.off.Store(true)
		closeAll(files)
		return
	}
	l.files = files
	l.news, _ = openNews(filepath.Join(l.dir, "news"))
}

func closeAll(files []*os.File) {
	for _, f := range files {
		_ = f.Close() // nothing was written
	}
}

// try takes a lease unless another process has it.
func (l *leases) try(r Ref) bool {
	if !l.use() {
		return true
	}
	defer l.mu.RUnlock()
	at := r.place()
	got, err := tryLockByte(l.files[at%leaseFiles], at)
	if err != nil {
		l.off.Store(true)
		return true
	}
	return got
}

func (l *leases) give(r Ref) {
	if !l.use() {
		return // closed, which unlocks too
	}
	defer l.mu.RUnlock()
	at := r.place()
	_ = unlockByte(l.files[at%leaseFiles], at)
}

// tell lets others know of new answers. If it cannot, they see them at their
// next look.
func (l *leases) tell() {
	if l.use() {
		defer l.mu.RUnlock()
		if l.news != nil {
			_ = l.news.tell()
		}
	}
}

// hear is what others have told; not if that cannot be known.
func (l *leases) hear() (told cells, ok bool) {
	if !l.use() {
		return told, false
	}
	defer l.mu.RUnlock()
	if l.news == nil {
		return told, false
	}
	told, err := l.news.heard()
	return told, err == nil
}

func (l *leases) close() {
	l.off.Store(true)
	l.mu.Lock()
	defer l.mu.Unlock()
	closeAll(l.files)
	l.files = nil
	if l.news != nil {
		_ = l.news.f.Close()
	}
}

// lease waits until no other process asks r, and sees what they have answered.
func (s *Store) lease(ctx, stop context.Context, r Ref) error {
	var waited time.Duration
	for pause := firstGlance; !s.leases.try(r); pause = min(2*pause, lastGlance) {
		if waited += pause; waited > longWait {
			s.warn("another isf process asks the same requests; this one waits for its answers")
		}
		t := time.NewTimer(pause)
		select {
		case <-t.C:
			continue
		case <-ctx.Done():
			t.Stop()
			return context.Cause(ctx)
		case <-stop.Done():
			t.Stop()
			return ErrStopWaiting
		}
	}
	if err := s.lookForNews(); err != nil {
		s.leases.give(r)
		return err
	}
	return nil
}

// lookForNews sees every answer that others had when it was called.
func (s *Store) lookForNews() error {
	told, ok := s.leases.hear()
	if last := s.leases.heard.Load(); ok && last != nil && *last == told {
		return nil
	}
	if err := s.lookNow(); err != nil {
		return err
	}
	if ok {
		kept := told // a copy, so that the other one need not be on the heap
		s.leases.heard.Store(&kept)
	}
	return nil
}

// lookNow sees every answer that others had when it was called. Callers at one
// moment share a look.
func (s *Store) lookNow() error {
	n := s.looks.Load()
	s.looking.Lock()
	defer s.looking.Unlock()
	if s.looks.Load() > n {
		return nil // it began after the call
	}
	s.looks.Add(1)
	return s.look()
}
