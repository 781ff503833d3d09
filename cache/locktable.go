package cache

import (
	"errors"
	"os"
	"sync/atomic"
	"time"
	"unsafe"
)

// A lockTable is memory that all processes of a store share, a mapped file: in
// it they see which requests are being asked, and whether others have new
// answers, without a call of the system.
//
// A process has a cell for itself as long as it holds the lock of the cell's
// byte, which dies with it. A lease is a word that says which request it is for,
// in which cell its owner is, and which generation of that cell's owners the
// owner is. It holds as long as its owner does: what the dead leave behind is
// taken away by whoever comes upon it.
//
// The words are in the byte order of the machine, whose memory they are.
type lockTable struct {
	f     *os.File
	mem   []byte
	cell  uint64
	owner uint64 // of all leases of this process: its generation and cell
}

const (
	tableCells  = 64
	bucketSlots = 8 // a cache line
	buckets     = 4 << 10

	generationsAt = 0              // words: of each cell, how many owners it has had
	newsAt        = tableCells     // of each cell, how often its owners have told something
	bucketsAt     = 2 * tableCells // leases; 0 is none
	tableWords    = bucketsAt + buckets*bucketSlots
	tableSize     = tableWords * wordSize
	wordSize      = 8

	cellBits  = 6
	ownerBits = 30
	ownerMask = 1<<ownerBits - 1

	cellLocks  = 1 << 30 // where the locks of the cells are: on some systems nobody reads what is locked
	formatLock = cellLocks - 1
)

// errCrowded says that every cell has an owner.
var errCrowded = errors.New("more processes share the cache than can take leases from each other")

// openLockTable maps the table at path, which it makes if need be, and finds a
// cell.
func openLockTable(path string) (_ *lockTable, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	t := &lockTable{f: f}
	defer func() {
		if err != nil {
			t.close()
		}
	}()
	if err := makeTable(f); err != nil {
		return nil, err
	}
	if t.mem, err = mapShared(f, tableSize); err != nil {
		return nil, err
	}
	for ; t.cell < tableCells; t.cell++ {
		mine, err := tryLockByte(f, cellLocks+int64(t.cell))
		if err != nil {
			return nil, err
		}
		if mine {
			return t, t.settle()
		}
	}
	return nil, errCrowded
}

// makeTable gives the file its size, once: all of it exists on disk before
// anybody writes to the mapped memory, which no error would tell of a full disk.
func makeTable(f *os.File) error {
	for {
		info, err := f.Stat()
		if err != nil || info.Size() >= tableSize {
			return err
		}
		mine, err := tryLockByte(f, formatLock)
		if err != nil {
			return err
		}
		if !mine {
			time.Sleep(firstGlance) // another process does it
			continue
		}
		if info, err = f.Stat(); err == nil && info.Size() < tableSize {
			err = reserve(f, info.Size(), tableSize-info.Size())
		}
		return errors.Join(err, unlockByte(f, formatLock))
	}
}

// settle makes the cell that of a new owner, whose answers others have not seen.
func (t *lockTable) settle() error {
	return guard(func() error {
		generation := t.word(generationsAt + t.cell)
		generation.Add(1)
		t.owner = generation.Load()<<cellBits&ownerMask | t.cell
		t.tell()
		return nil
	})
}

// close ends the leases of this process: as long as the memory is mapped its locks
// stay.
func (t *lockTable) close() {
	if t.mem != nil {
		_ = unmap(t.mem)
		t.mem = nil
	}
	_ = t.f.Close() // nothing was written to it
}

func (t *lockTable) word(i uint64) *atomic.Uint64 {
	return (*atomic.Uint64)(unsafe.Pointer(&t.mem[i*wordSize]))
}

// slots are where leases are noted whose hash is h.
func (t *lockTable) slots(h uint64) *[bucketSlots]atomic.Uint64 {
	first := bucketsAt + h%buckets*bucketSlots
	return (*[bucketSlots]atomic.Uint64)(unsafe.Pointer(&t.mem[first*wordSize]))
}

// take takes the lease for h, unless another living process has it.
func (t *lockTable) take(h uint64) bool {
	slots, mine := t.slots(h), h&^ownerMask|t.owner
	for {
		free, taken := t.survey(slots, mine)
		if taken || free < 0 {
			return false
		}
		if !slots[free].CompareAndSwap(0, mine) {
			continue
		}
		// Another process may have taken another slot for the same request meanwhile. Each
		// looks again once its own lease can be seen, so that one of them at least sees the
		// other's; who does gives way.
		for i := range slots {
			if i != free && slots[i].Load()&^ownerMask == mine&^ownerMask {
				slots[free].Store(0)
				return false
			}
		}
		return true
	}
}

// survey finds a free slot, -1 if there is none, and whether somebody has the
// lease already. It takes away what dead processes have left there, if it is in
// the way.
func (t *lockTable) survey(slots *[bucketSlots]atomic.Uint64, mine uint64) (free int, taken bool) {
	free = -1
	for i := range slots {
		w := slots[i].Load()
		if w != 0 && w&^ownerMask == mine&^ownerMask {
			if t.lives(w) {
				return -1, true
			}
			slots[i].CompareAndSwap(w, 0)
			w = slots[i].Load()
		}
		if w == 0 && free < 0 {
			free = i
		}
	}
	for i := 0; i < len(slots) && free < 0; i++ {
		if w := slots[i].Load(); w == 0 || !t.lives(w) && slots[i].CompareAndSwap(w, 0) {
			free = i
		}
	}
	return free, false
}

// lives says whether the owner of a lease does.
func (t *lockTable) lives(w uint64) bool {
	cell := w % tableCells
	if w&ownerMask>>cellBits != t.word(generationsAt+cell).Load()&(ownerMask>>cellBits) {
		return false
	}
	if cell == t.cell {
		return true
	}
	ended, err := tryLockByte(t.f, cellLocks+int64(cell))
	if ended {
		_ = unlockByte(t.f, cellLocks+int64(cell))
	}
	return !ended || err != nil
}

// give gives back the lease for h.
func (t *lockTable) give(h uint64) {
	slots, mine := t.slots(h), h&^ownerMask|t.owner
	for i := range slots {
		if slots[i].CompareAndSwap(mine, 0) {
			return
		}
	}
}

// tell says that this process has new answers.
func (t *lockTable) tell() { t.word(newsAt + t.cell).Add(1) }

// heard changes when another process has told something, and only then.
func (t *lockTable) heard() (sum uint64) {
	for cell := uint64(0); cell < tableCells; cell++ {
		if cell != t.cell {
			sum += t.word(newsAt + cell).Load()
		}
	}
	return sum
}
