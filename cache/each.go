package cache

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"
)

// A held frame is what lies under a name; err says that it cannot be read.
type held struct {
	name  name
	frame frame
	err   error
}

// eachFrame calls fn with every frame of a kind, each name once: those of
// cache.db in the order of their names, then those that wait in journals. The
// store may be used meanwhile; fn may keep what it is given.
func (s *Store) eachFrame(kind frameKind, fn func(held) error) error {
	if err := s.look(); err != nil {
		return err
	}
	waiting := s.journal.index.names(kind)
	for from := []byte(nil); ; {
		some, err := s.heldFrom(kind, from)
		if err != nil {
			return err
		}
		if len(some) == 0 {
			break
		}
		for _, h := range some {
			if waiting[h.name] && h.err != nil {
				continue // the journal has it whole
			}
			delete(waiting, h.name)
			if err := fn(h); err != nil {
				return err
			}
		}
		last := framed{kind: kind, name: some[len(some)-1].name}
		from = append(slices.Clone(last.key()), 0) // the first key that sorts behind it
	}
	byName := func(a, b name) int { return bytes.Compare(a[:], b[:]) }
	for _, n := range slices.SortedFunc(maps.Keys(waiting), byName) {
		f, err := s.frameOf(kind, n)
		if err := fn(held{n, f, err}); err != nil {
			return err
		}
	}
	return nil
}

// heldFrom copies the next frames of cache.db.
func (s *Store) heldFrom(kind frameKind, from []byte) (some []held, err error) {
	err = again(func() error {
		return s.view(func(tx *bolt.Tx) error {
			some = nil
			b := tx.Bucket(kind.bucket())
			if b == nil {
				return nil
			}
			c := b.Cursor()
			for k, v := c.Seek(from); k != nil && len(some) < page; k, v = c.Next() {
				some = append(some, heldAt(kind, k, bytes.Clone(v)))
			}
			return nil
		})
	})
	return some, err
}

// heldAt reads what is filed under a key.
func heldAt(kind frameKind, key, value []byte) held {
	h := held{}
	copy(h.name[:], key)
	h.frame, h.err = readFrame(value)
	as := framed{kind: kind, name: h.frame.name}
	if h.err == nil && (h.frame.kind != kind || !bytes.Equal(as.key(), key)) {
		h.err = errFrame
	}
	return h
}

// frameOf returns the frame of this name, or ErrMiss. What is in cache.db comes
// before what waits.
func (s *Store) frameOf(kind frameKind, n name) (f frame, err error) {
	viewErr := again(func() error {
		waiting, waitErr := s.waitingFrame(kind, n)
		f, err = waiting, waitErr
		return s.view(func(tx *bolt.Tx) error {
			b := tx.Bucket(kind.bucket())
			if b == nil {
				return nil
			}
			as := framed{kind: kind, name: n}
			if h := heldAt(kind, as.key(), bytes.Clone(b.Get(as.key()))); h.err == nil {
				f, err = h.frame, nil
			}
			return nil
		})
	})
	return f, errors.Join(viewErr, err)
}

func (s *Store) waitingFrame(kind frameKind, n name) (frame, error) {
	for _, p := range s.journal.index.spots(n.ref().Key) {
		f, err := p.g.frameAt(p.off)
		if err == nil && f.kind == kind && f.name == n {
			return f, nil
		}
	}
	return frame{}, ErrMiss
}

// A Summary is what an entry stands for, without its texts.
type Summary struct {
	Ref       Ref
	Origin    string // provider and model that were asked
	Bytes     int    // on disk, without its long values
	Usage     Usage
	CostKnown bool
	CostNano  int64
	Start     time.Time
	End       time.Time

	blobs []Digest // its long values
}

// Summaries calls fn with a summary of every entry that can be read, each once,
// until fn returns an error. Entries that only a newer isf can read are warned
// of. The store may be used meanwhile.
func (s *Store) Summaries(fn func(Summary) error) error {
	return s.eachFrame(frameEntry, func(h held) error {
		if h.err != nil {
			return nil
		}
		v, err := decodeEntry(h.frame.body)
		if isNewer(err) {
			s.warn(err.Error())
		}
		if err != nil {
			return nil
		}
		return fn(v.summary(h.frame))
	})
}

func (s *stored) summary(f frame) Summary {
	sum := Summary{Ref: f.name.ref(), Bytes: f.size(), Usage: s.Usage, CostKnown: s.CostKnown, CostNano: s.CostNano, Start: s.Start, End: s.End}
	for _, p := range s.parts {
		switch {
		case p.long():
			sum.blobs = append(sum.blobs, Digest([]byte(p.value)))
		case p.tag == TagOrigin:
			sum.Origin = p.value
		}
	}
	return sum
}
