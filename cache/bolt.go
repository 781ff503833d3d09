package cache

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"runtime/debug"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// A database is this process's hold on cache.db. Most of the time it is open
// read-only, which any number of processes may do at once; for a fold it is
// open for writing, which excludes all others. Readers of this process do not
// notice which.
type database struct {
	path   string
	strict bool // it is ours to repair

	mu   sync.RWMutex // held for writing only while the handle changes
	db   *bolt.DB     // nil while there is no file
	file *os.File     // the file of db
	age  int          // counts the handles there were

	broken bool // damaged, and not ours to repair

	snapshots snapshots // of db
	sound     soundPages
}

var (
	entriesBucket = []byte("entries")
	blobsBucket   = []byte("blobs")
)

// patience is how long to wait for a process that folds. It lets go after 0.2 s;
// only one that has been stopped in the middle takes longer.
const patience = 30 * time.Second

// atOnce is the shortest time-out that bbolt knows: it tries once.
const atOnce = time.Nanosecond

// damage says that cache.db is not what was written. What was in it can be
// salvaged.
type damage struct{ cause any }

func (d *damage) Error() string { return fmt.Sprintf("cache.db is damaged: %v", d.cause) }

func isDamage(err error) bool {
	var d *damage
	return errors.As(err, &d)
}

// guard turns what reading a damaged file does to bbolt, from failed assertions
// to faults in the mapped memory, into an error.
func guard(fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = &damage{p}
		}
	}()
	return fn()
}

// openShared opens cache.db for reading, if there is one. The caller holds mu.
func (d *database) openShared() error {
	if d.db != nil || d.broken {
		return nil
	}
	err := d.open(true, patience)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.Is(err, bolterrors.ErrTimeout):
		return fmt.Errorf("%s has been held by another process for %s: %w", d.path, patience, err)
	}
	return err
}

// open opens the file that is at path once its lock is taken: while waiting for
// it, a damaged one may have been moved away.
func (d *database) open(readOnly bool, timeout time.Duration) error {
	for {
		db, file, err := d.openBolt(readOnly, timeout)
		if err != nil {
			return err
		}
		if isAt(file, d.path) {
			d.db, d.file = db, file
			d.age++
			return nil
		}
		if err := db.Close(); err != nil {
			return err
		}
	}
}

func (d *database) openBolt(readOnly bool, timeout time.Duration) (db *bolt.DB, file *os.File, err error) {
	o := &bolt.Options{
		ReadOnly: readOnly, Timeout: timeout, NoStatistics: true, FreelistType: bolt.FreelistMapType,
		OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
			f, err := os.OpenFile(name, flag, mode)
			file = f
			return f, err
		},
	}
	err = guard(func() (err error) {
		if db, err = bolt.Open(d.path, 0o600, o); err != nil {
			return err
		}
		if d.strict {
			if err := wholeMetas(file, int64(db.Info().PageSize)); err != nil {
				return err
			}
		}
		return db.View(func(tx *bolt.Tx) error { return sound(tx, file) })
	})
	if err == nil {
		return db, file, nil
	}
	if file == nil {
		return nil, nil, err
	}
	release(file) // bbolt has done so, unless it panicked
	return nil, nil, openError(d.path, err)
}

// wholeMetas checks both meta pages. With one of them bbolt goes back, silently,
// to how the file was before its last change, and what that brought is no longer
// in any journal. A power cut while one was written looks the same, and then
// nothing is lost but the time to look for frames.
func wholeMetas(file *os.File, pageSize int64) error {
	const sumAt = 56 // the checksum is over all before
	for page := range int64(2) {
		b := make([]byte, sumAt+8)
		if _, err := file.ReadAt(b, page*pageSize+pageHead); err != nil {
			return err
		}
		h := fnv.New64a()
		_, _ = h.Write(b[:sumAt])
		if h.Sum64() != binary.NativeEndian.Uint64(b[sumAt:]) {
			return &damage{fmt.Errorf("meta page %d has a wrong checksum", page)}
		}
	}
	return nil
}

// sound checks what bbolt would not survive, as far as that goes at every start,
// and that a file that holds anything has both buckets: one with a damaged name
// would be replaced by an empty one.
func sound(tx *bolt.Tx, file *os.File) error {
	w, err := newWalk(tx, file)
	if err != nil {
		return err
	}
	if err := w.bucket(tx.Cursor().Bucket(), [][]byte{entriesBucket}, openBudget); err != nil {
		return err
	}
	if k, _ := tx.Cursor().First(); k == nil {
		return nil
	}
	for _, name := range [][]byte{entriesBucket, blobsBucket} {
		b := tx.Bucket(name)
		if b == nil {
			return &damage{errors.New("a bucket is missing")}
		}
		if err := w.bucket(b, nil, openBudget); err != nil {
			return err
		}
	}
	return nil
}

// openError tells damage from everything else that keeps cache.db from opening.
// An empty file is none: its creator died before it wrote anything.
func openError(path string, err error) error {
	info, statErr := os.Stat(path)
	if statErr != nil {
		return err
	}
	short := info.Size() < 2*int64(os.Getpagesize())
	switch {
	case info.Size() == 0 && !errors.Is(err, bolterrors.ErrTimeout):
		return fs.ErrNotExist
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum),
		errors.Is(err, bolterrors.ErrVersionMismatch), short && !errors.Is(err, bolterrors.ErrTimeout):
		return &damage{err}
	}
	return err
}

// view reads from cache.db, and says which handle it did that with. Without a
// file, fn is not called.
func (d *database) view(fn func(*bolt.Tx) error) (age int, err error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.db == nil {
		return d.age, nil
	}
	return d.age, guard(func() error { return d.db.View(fn) })
}

// exclusive opens cache.db for writing, creating it if need be, and calls fn,
// while this process can go on reading. It is busy, without waiting, if any
// other process has the file open.
func (d *database) exclusive(fn func(*bolt.DB, *os.File) error) (busy bool, err error) {
	d.mu.Lock()
	d.letGo()
	if err = d.open(false, atOnce); err != nil {
		busy = errors.Is(err, bolterrors.ErrTimeout)
		if busy {
			err = nil
		}
		err = errors.Join(err, d.openSharedUnless(err))
		d.mu.Unlock()
		return busy, err
	}
	db, file := d.db, d.file
	d.mu.Unlock()

	err = guard(func() error { return fn(db, file) })
	if errors.Is(err, bolterrors.ErrIncompatibleValue) {
		err = &damage{err}
	}

	d.mu.Lock()
	defer d.mu.Unlock()
	if isDamage(err) {
		d.abandon()
		return false, err
	}
	d.letGo()
	return false, errors.Join(err, d.openShared())
}

// openSharedUnless does not open again what was just found to be damaged.
func (d *database) openSharedUnless(err error) error {
	if isDamage(err) {
		return nil
	}
	return d.openShared()
}

// letGo closes the handle. The caller holds mu, so nobody is reading.
func (d *database) letGo() {
	if d.db == nil {
		return
	}
	d.snapshots.end()
	if err := guard(d.db.Close); err != nil {
		release(d.file)
	}
	d.db, d.file = nil, nil
}

// abandon drops the handle of a damaged file and with it the lock, but leaves
// its memory mapped: after a panic bbolt may hold locks of its own for ever.
func (d *database) abandon() {
	d.snapshots.drop()
	if d.db != nil {
		release(d.file)
	}
	d.db, d.file = nil, nil
}

// release gives up the lock of a file that stays mapped: a mapping keeps the
// lock alive even after the file is closed.
func release(f *os.File) {
	unlock(f) // fails only where there is none
	f.Close()
}

func (d *database) currentAge() int {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.age
}

func (d *database) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.letGo()
}
