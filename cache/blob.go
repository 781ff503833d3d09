package cache

import (
	"bytes"
	"errors"
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
		return s.search(func(n *snapshot) error {
			if n.blobs.cursor == nil {
				return nil
			}
			key, value := n.blobs.cursor.Seek(d[:])
			if v, err = foldedBlob(d, key, value); !errors.Is(err, ErrMiss) {
				return nil
			}
			return s.misfiled(n, n.blobs, d[:], key, value)
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

// foldedBlob reads what a search for d in cache.db came upon.
func foldedBlob(d Digest, key, value []byte) (string, error) {
	if !bytes.Equal(key, d[:]) {
		return "", ErrMiss
	}
	f, err := readFrame(value)
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
	err := s.search(func(n *snapshot) error {
		if c := n.blobs.cursor; c != nil {
			key, value := c.Seek(d[:])
			_, err := foldedBlob(d, key, value)
			has = err == nil
		}
		return nil
	})
	return err == nil && has
}
