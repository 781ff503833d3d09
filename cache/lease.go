package cache

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// A lease is the right of one process to ask a request; others wait for its
// answer, or for its end. It is a word in a table that all processes share, at a
// place made of the request's key, and counts as long as its owner lives: see
// lockTable.
//
// Where there can be no table (a folder that cannot be written, a file system
// without locks or shared memory, too many processes) requests are asked without
// a lease, at worst twice.
type leases struct {
	dir string
	off atomic.Bool // there are no leases here, or no longer

	mu    sync.RWMutex // held for reading while the table is in use, else while it is opened or closed
	table *lockTable   // nil until it is needed

	heard atomic.Pointer[uint64] // what others had told before the last look
}

// ErrStopWaiting ended a wait for another process.
var ErrStopWaiting = errors.New("the wait for another process was stopped")

const (
	firstGlance = 2 * time.Millisecond   // a waiter looks again after this, then after twice that …
	lastGlance  = 250 * time.Millisecond // up to this
	longWait    = 5 * time.Second        // a person is told
)

// hash is the same in all processes.
func (r Ref) hash() uint64 {
	return binary.BigEndian.Uint64(r.Key[:]) ^ uint64(r.Limit)*0x9e3779b97f4a7c15
}

// use calls fn with the table. It is false where there is none, or where its
// file was cut off under our hands.
func (l *leases) use(fn func(*lockTable)) bool {
	if !l.hold() {
		return false
	}
	defer l.mu.RUnlock()
	if err := guard(func() error { fn(l.table); return nil }); err != nil {
		l.off.Store(true)
		return false
	}
	return true
}

// hold makes sure that the table stays open until mu is let go of. It is false
// where there is none.
func (l *leases) hold() bool {
	for !l.off.Load() {
		if l.mu.RLock(); l.table != nil {
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
	if l.table != nil || l.off.Load() {
		return
	}
	err := os.MkdirAll(l.dir, 0o700)
	if err == nil {
		l.table, err = openLockTable(filepath.Join(l.dir, "table"))
	}
	if err != nil {
		l.off.Store(true)
	}
}

// try takes a lease unless another process has it.
func (l *leases) try(r Ref) bool {
	got := true
	l.use(func(t *lockTable) { got = t.take(r.hash()) })
	return got
}

func (l *leases) give(r Ref) { l.use(func(t *lockTable) { t.give(r.hash()) }) }

// tell lets others know of new answers. If it cannot, they see them at their
// next look.
func (l *leases) tell() { l.use((*lockTable).tell) }

// hear changes when others have told something; not if that cannot be known.
func (l *leases) hear() (told uint64, ok bool) {
	ok = l.use(func(t *lockTable) { told = t.heard() })
	return told, ok
}

func (l *leases) close() {
	l.off.Store(true)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.table != nil {
		l.table.close()
		l.table = nil
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
