package cache

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	bolt "go.etcd.io/bbolt"
)

// Stats says what a store holds.
type Stats struct {
	Entries  int   // answers in cache.db
	Blobs    int   // long values in cache.db
	Pending  int   // answers in journals that are not in cache.db yet
	Journals int   // journal files
	Bytes    int64 // of cache.db and journals on disk
}

// Stats counts what is on disk.
func (s *Store) Stats() (Stats, error) {
	if err := s.look(); err != nil {
		return Stats{}, err
	}
	var st Stats
	err := again(func() error {
		return s.view(func(tx *bolt.Tx) error {
			st.Entries, st.Blobs = count(tx, entriesBucket), count(tx, blobsBucket)
			return nil
		})
	})
	if err != nil {
		return Stats{}, err
	}
	st.Pending = len(s.journal.index.refs())
	return st, s.measure(&st)
}

func count(tx *bolt.Tx, bucket []byte) int {
	b := tx.Bucket(bucket)
	if b == nil {
		return 0
	}
	return b.Stats().KeyN
}

// measure adds up files. One that is folded meanwhile does not count.
func (s *Store) measure(st *Stats) error {
	journals, err := filepath.Glob(filepath.Join(s.journal.dir, "*"))
	if err != nil {
		return err
	}
	st.Journals = len(journals)
	for _, path := range append(journals, s.db.path) {
		info, err := os.Stat(path)
		if err == nil {
			st.Bytes += info.Size()
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// page is how many entries All reads before it lets others change cache.db.
const page = 64

// All calls fn with every entry that can be read, each once, in no order that
// means anything, until fn returns an error. The store may be used meanwhile.
func (s *Store) All(fn func(*Entry) error) error {
	if err := s.look(); err != nil {
		return err
	}
	waiting := map[Ref]bool{}
	for _, r := range s.journal.index.refs() {
		waiting[r] = true
	}
	if err := s.allFolded(waiting, fn); err != nil {
		return err
	}
	for r := range waiting {
		e, err := s.Lookup(r)
		if errors.Is(err, ErrMiss) {
			continue
		}
		if err != nil {
			return err
		}
		if err := fn(e); err != nil {
			return err
		}
	}
	return nil
}

// allFolded leaves out what was waiting when All began, wherever it is now.
func (s *Store) allFolded(waiting map[Ref]bool, fn func(*Entry) error) error {
	var from []byte
	for {
		refs, err := s.page(from)
		if err != nil || len(refs) == 0 {
			return err
		}
		for _, n := range refs {
			if waiting[n.ref()] {
				continue
			}
			e, err := s.Lookup(n.ref())
			if errors.Is(err, ErrMiss) {
				continue
			}
			if err != nil {
				return err
			}
			if err := fn(e); err != nil {
				return err
			}
		}
		last := refs[len(refs)-1]
		from = append(last[:], 0) // the first key that sorts behind it
	}
}

// page lists the names of the next entries.
func (s *Store) page(from []byte) ([]name, error) {
	var names []name
	err := again(func() error {
		return s.view(func(tx *bolt.Tx) error {
			names = namesFrom(tx, from)
			return nil
		})
	})
	return names, err
}

func namesFrom(tx *bolt.Tx, from []byte) []name {
	b := tx.Bucket(entriesBucket)
	if b == nil {
		return nil
	}
	var names []name
	c := b.Cursor()
	for k, _ := c.Seek(from); k != nil && len(names) < page; k, _ = c.Next() {
		if len(k) == len(name{}) {
			names = append(names, name(k))
		}
	}
	return names
}
