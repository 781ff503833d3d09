package cache

import (
	"errors"

	bolt "go.etcd.io/bbolt"
)

// blob is the long value with this digest, or ErrMiss.
func (s *Store) blob(d Digest) (string, error) {
	if v, ok := s.blobs.Get(d); ok {
		return v, nil
	}
	v, err := s.readBlob(d)
	if err != nil {
		s.known.Remove(d) // so that it is written again with the next entry
		return "", err
	}
	if len(v) <= maxMemo {
		s.blobs.Add(d, v)
	}
	return v, nil
}

// readBlob looks at journals first: what is folded meanwhile is then found in
// cache.db.
func (s *Store) readBlob(d Digest) (v string, err error) {
	viewErr := again(func() error {
		if v, err = s.waitingBlob(d); err == nil {
			return nil
		}
		return s.view(func(tx *bolt.Tx) error {
			if v, err = foldedBlob(tx, d); !errors.Is(err, ErrMiss) {
				return nil
			}
			if b := tx.Bucket(blobsBucket); b != nil {
				c := b.Cursor()
				key, value := c.Seek(d[:])
				return s.misfiled(tx, b, d[:], c, key, value)
			}
			return nil
		})
	})
	if viewErr != nil {
		return "", viewErr
	}
	return v, err
}

func (s *Store) waitingBlob(d Digest) (string, error) {
	for _, p := range s.journal.index.spots(Key(d)) {
		if f, err := p.g.frameAt(p.off); err == nil && f.name == d.name() {
			if v, err := unpack(f.body); err == nil || isNewer(err) {
				return string(v), err
			}
		}
	}
	return "", ErrMiss
}

func foldedBlob(tx *bolt.Tx, d Digest) (string, error) {
	b := tx.Bucket(blobsBucket)
	if b == nil {
		return "", ErrMiss
	}
	f, err := readFrame(b.Get(d[:]))
	if err != nil || f.name != d.name() {
		return "", ErrMiss
	}
	v, err := unpack(f.body)
	if err != nil && !isNewer(err) {
		err = ErrMiss
	}
	return string(v), err
}

// hasBlob says that a blob is durable and readable. One in the journal of
// another process may not have been synced yet.
func (s *Store) hasBlob(d Digest) bool {
	if s.known.Contains(d) {
		return true
	}
	if !s.hasOwnBlob(d) && !s.hasFoldedBlob(d) {
		return false
	}
	s.known.Add(d, struct{}{})
	return true
}

func (s *Store) hasOwnBlob(d Digest) bool {
	for _, p := range s.journal.index.spots(Key(d)) {
		if f, err := p.g.frameAt(p.off); p.g.own && err == nil && f.name == d.name() {
			return true
		}
	}
	return false
}

func (s *Store) hasFoldedBlob(d Digest) (has bool) {
	// Whatever goes wrong, writing it once more is never wrong.
	err := s.view(func(tx *bolt.Tx) error {
		_, err := foldedBlob(tx, d)
		has = err == nil
		return nil
	})
	return err == nil && has
}
