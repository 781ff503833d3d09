package cache

import (
	"sync"

	bolt "go.etcd.io/bbolt"
)

// A snapshot is a read transaction over cache.db with a place in each bucket.
// Making one costs as much as looking something up, so it is used again for as
// long as the handle is one that only reads: nobody can change the file meanwhile.
// One goroutine has it at a time.
type snapshot struct {
	tx             *bolt.Tx
	entries, blobs shelf
	walk           *walk // nil before a miss was looked into
}

// A shelf is a bucket and a place in it. Both are nil in a file that holds
// nothing yet.
type shelf struct {
	bucket *bolt.Bucket
	cursor *bolt.Cursor
}

func (s *snapshot) shelf(name []byte) (h shelf) {
	if h.bucket = s.tx.Bucket(name); h.bucket != nil {
		h.cursor = h.bucket.Cursor()
	}
	return h
}

// snapshots are those that nobody has at the moment.
type snapshots struct {
	mu   sync.Mutex
	idle []*snapshot
}

func (ss *snapshots) take() *snapshot {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	n := len(ss.idle)
	if n == 0 {
		return nil
	}
	s := ss.idle[n-1]
	ss.idle = ss.idle[:n-1]
	return s
}

func (ss *snapshots) give(s *snapshot) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	ss.idle = append(ss.idle, s)
}

// end ends all of them, before their handle closes. The caller holds mu of the
// database, so that nobody has one.
func (ss *snapshots) end() {
	for _, s := range ss.drop() {
		_ = s.tx.Rollback() // fails only where it is over
	}
}

// drop forgets those of a handle that is not to be touched again, and the memory
// they were listed in: each knows all the pages that it found sound.
func (ss *snapshots) drop() []*snapshot {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	all := ss.idle
	ss.idle = nil
	return all
}

// search is view for those who look something up.
func (d *database) search(fn func(*snapshot) error) (age int, err error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.db == nil {
		return d.age, nil
	}
	return d.age, guard(func() error {
		if s := d.snapshots.take(); s != nil {
			return d.use(s, fn)
		}
		tx, err := d.db.Begin(false)
		if err != nil {
			return err
		}
		return d.use(&snapshot{tx: tx}, func(s *snapshot) error {
			s.entries, s.blobs = s.shelf(entriesBucket), s.shelf(blobsBucket)
			return fn(s)
		})
	})
}

// use keeps s for the next one, unless the file may change or is damaged.
func (d *database) use(s *snapshot, fn func(*snapshot) error) error {
	keep := false
	defer func() {
		if keep {
			d.snapshots.give(s)
		} else {
			_ = s.tx.Rollback()
		}
	}()
	err := fn(s)
	keep = err == nil && d.db.IsReadOnly()
	return err
}
