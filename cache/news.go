package cache

import (
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"sync/atomic"
)

// The news are how a process lets others know that there are new answers in its
// journal, before it gives their leases back: it writes a number that never was
// there into a cell of a file beside the locks. So who finds the cells of others
// as they were before it last looked need not look again.
//
// A process has a cell for itself as long as it holds the lock of its byte. If
// there are more processes than cells, or none can be locked, the last one is
// everybody's, and nobody's own.
type news struct {
	f    *os.File
	cell int
	last atomic.Uint64 // what was written
}

const (
	newsCells = 32
	cellSize  = 8
	lockCells = 1 << 20 // where their locks are: on some systems nobody reads what is locked
)

type cells [newsCells * cellSize]byte

// openNews finds a cell, and writes to it: now it has its place on disk, also
// when that fills up.
func openNews(path string) (*news, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	n := &news{f: f}
	for n.cell < newsCells-1 {
		if mine, err := tryLockByte(f, lockCells+int64(n.cell)); mine && err == nil {
			break
		}
		n.cell++
	}
	n.last.Store(rand.Uint64())
	if err := n.tell(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return n, nil
}

// tell says that there is something new.
func (n *news) tell() error {
	var b [cellSize]byte
	binary.BigEndian.PutUint64(b[:], n.last.Add(1))
	_, err := n.f.WriteAt(b[:], int64(n.cell*cellSize))
	return err
}

// heard is what others have told.
func (n *news) heard() (all cells, err error) {
	if _, err = n.f.ReadAt(all[:], 0); errors.Is(err, io.EOF) {
		err = nil
	}
	if n.cell < newsCells-1 {
		clear(all[n.cell*cellSize:][:cellSize])
	}
	return all, err
}
