package cache

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	bolt "go.etcd.io/bbolt"
)

// ErrInUse says that another process has the store open.
var ErrInUse = errors.New("another isf uses the cache: wait until it is done, or stop it")

// Freed says what a compaction removes.
type Freed struct {
	Kept     int
	Removed  int   // answers
	Damaged  int   // frames that nobody could have read
	Blobs    int   // long values that no answer needs
	Bytes    int64 // on disk
	CostNano int64 // that the removed answers cost
	Unpriced int   // removed answers whose cost nobody said
}

func (f *Freed) remove(e Summary) {
	f.Removed++
	f.CostNano += e.CostNano
	if !e.CostKnown {
		f.Unpriced++
	}
}

// Weigh says what Compact would remove.
func (s *Store) Weigh(keep func(Summary) bool) (Freed, error) {
	var f Freed
	needed := map[Digest]bool{}
	if err := s.onlyOurs(); err != nil {
		return f, err
	}
	err := s.Summaries(func(e Summary) error {
		if !keep(e) {
			f.remove(e)
			f.Bytes += int64(e.Bytes)
			return nil
		}
		f.Kept++
		for _, d := range e.blobs {
			needed[d] = true
		}
		return nil
	})
	if err != nil {
		return f, err
	}
	return f, s.eachFrame(frameBlob, func(h held) error {
		if h.err == nil && !needed[h.name.digest()] {
			f.Blobs++
			f.Bytes += int64(h.frame.size())
		}
		return nil
	})
}

// Compact replaces cache.db by a smaller one with the answers that are kept, and
// the long values they need. Nobody else may have the store open, and nothing
// may be Put meanwhile; choose is called once that is sure. A journal refers to
// long values in cache.db, so while there is a journal that cannot be folded,
// because whoever writes it lives, nothing is removed. If the process is killed
// the old file is there, or the new one.
func (s *Store) Compact(choose func() (keep func(Summary) bool, err error)) (Freed, error) {
	if err := s.Fold(); err != nil {
		return Freed{}, err
	}
	s.folding.Lock()
	defer s.folding.Unlock()
	var f Freed
	busy, err := s.db.exclusive(func(db *bolt.DB, file *os.File) error {
		if err := s.journalsGone(); err != nil {
			return err
		}
		keep, err := choose()
		if err != nil {
			return err
		}
		return s.compact(db, file, keep, &f)
	})
	s.known.Purge()
	s.recent.Purge()
	s.blobs.Purge()
	if busy {
		return Freed{}, ErrInUse
	}
	if isDamage(err) {
		err = errors.Join(s.repair(err, s.db.currentAge()), errors.New("cache.db was damaged, and what could be read of it has been saved: run the same command again"))
	}
	return f, err
}

// journalsGone makes sure that everything is in cache.db.
func (s *Store) journalsGone() error {
	others, err := s.journal.paths()
	if err != nil {
		return err
	}
	if own, _ := s.journal.waiting(); len(others) > 0 || own > 0 {
		return ErrInUse
	}
	return nil
}

// compact writes the new file beside the old one and puts it in its place.
func (s *Store) compact(db *bolt.DB, file *os.File, keep func(Summary) bool, f *Freed) error {
	before, err := file.Stat()
	if err != nil {
		return err
	}
	path := s.db.path + ".compact" // left by a kill, if it is there: we alone have the store
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	err = db.View(func(tx *bolt.Tx) error {
		if err := walkAll(tx, file); err != nil {
			return err
		}
		if err := ours(tx); err != nil {
			return err
		}
		return copyKept(tx, path, keep, f)
	})
	after, serr := os.Stat(path)
	if err = errors.Join(err, serr); err == nil {
		err = swapIn(db, file, path, s.db.path)
	}
	if err != nil {
		_ = os.Remove(path) // the next compaction tries again
		return err
	}
	f.Bytes = before.Size() - after.Size()
	return syncDir(filepath.Dir(path))
}

// walkAll makes sure that bbolt survives reading everything.
func walkAll(tx *bolt.Tx, file *os.File) error {
	w, err := newWalk(tx, file)
	for _, name := range [][]byte{entriesBucket, blobsBucket} {
		if err == nil {
			err = w.bucket(tx.Bucket(name), nil, math.MaxInt)
		}
	}
	return err
}

// onlyOurs is nil if everything in the store can be read by this isf. Nothing is
// thrown away where a newer one has put something: nobody here knows what that
// needs.
func (s *Store) onlyOurs() error {
	if err := again(func() error { return s.view(ours) }); err != nil {
		return err
	}
	return s.eachFrame(frameEntry, func(h held) error {
		if _, err := h.answer(); isNewer(err) {
			return err
		}
		return nil
	})
}

// ours is nil if there is nothing in cache.db but answers and their texts.
func ours(tx *bolt.Tx) error {
	return tx.ForEach(func(name []byte, _ *bolt.Bucket) error {
		if !bytes.Equal(name, entriesBucket) && !bytes.Equal(name, blobsBucket) {
			return &Newer{What: fmt.Sprintf("%q in cache.db", name)}
		}
		return nil
	})
}

func copyKept(tx *bolt.Tx, path string, keep func(Summary) bool, f *Freed) error {
	db, err := bolt.Open(path, 0o600, &bolt.Options{NoStatistics: true, NoSync: true, FreelistType: bolt.FreelistMapType})
	if err != nil {
		return err
	}
	c := &copying{db: db}
	needed := map[Digest]bool{}
	c.bucket(tx, frameEntry, func(h held) bool {
		e, err := h.answer()
		switch {
		case isNewer(err):
			c.newer = err
			return false
		case err != nil || e.ref() != h.name.ref():
			f.Damaged++
			return false
		case !keep(e.summary(h.frame)):
			f.remove(e.summary(h.frame))
			return false
		}
		f.Kept++
		for _, d := range e.summary(h.frame).blobs {
			needed[d] = true
		}
		return true
	})
	c.bucket(tx, frameBlob, func(h held) bool {
		if h.err != nil {
			f.Damaged++
			return false
		}
		if !needed[h.name.digest()] {
			f.Blobs++
		}
		return needed[h.name.digest()]
	})
	if c.err = cmp.Or(c.err, c.newer); c.err == nil {
		c.err = db.Sync()
	}
	return errors.Join(c.err, db.Close())
}

// copying fills a new cache.db. Its transactions are of the size of a fold's.
type copying struct {
	db    *bolt.DB
	batch []framed
	size  int
	newer error // says that there is an answer nobody here can judge
	err   error
}

// bucket copies the frames of a kind that take wants, in order.
func (c *copying) bucket(tx *bolt.Tx, kind frameKind, take func(held) bool) {
	from := tx.Bucket(kind.bucket())
	if from == nil || c.err != nil {
		return
	}
	c.err = from.ForEach(func(k, v []byte) error {
		if h := heldAt(kind, k, v); take(h) {
			c.batch = append(c.batch, framed{kind, h.name, v}) // v is valid as long as tx
			c.size += len(v)
		}
		if len(c.batch) < foldBatch && c.size < foldBytes {
			return nil
		}
		return c.flush()
	})
	if c.err == nil {
		c.err = c.flush()
	}
}

func (c *copying) flush() error {
	err := c.db.Update(func(tx *bolt.Tx) error {
		for _, name := range [][]byte{entriesBucket, blobsBucket} {
			b, err := tx.CreateBucketIfNotExists(name)
			if err != nil {
				return err
			}
			b.FillPercent = 0.9 // keys come in order
		}
		for _, f := range c.batch {
			if err := tx.Bucket(f.kind.bucket()).Put(f.key(), f.bytes); err != nil {
				return fmt.Errorf("copying the cache: %w", err)
			}
		}
		return nil
	})
	c.batch, c.size = c.batch[:0], 0
	return err
}
