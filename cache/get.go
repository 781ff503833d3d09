package cache

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// Get returns the stored answer to a request, or ErrMiss.
//
// Of several variants it is the complete one that was sent with this limit, else
// the complete one with the smallest limit whose tokens fit this one, else the
// truncated one that was sent with exactly this limit. The answer to the same
// question is the same as long as nothing is stored under k.
func (s *Store) Get(k Key, limit int64) (*Entry, error) {
	return s.get(k, limit, nil)
}

// Has says whether Get would find an answer.
func (s *Store) Has(k Key, limit int64) (bool, error) {
	_, err := s.Get(k, limit)
	if errors.Is(err, ErrMiss) {
		return false, nil
	}
	return err == nil, err
}

// Lookup returns exactly this variant, or ErrMiss.
func (s *Store) Lookup(r Ref) (*Entry, error) {
	return s.find(r.Key, nil, func(vs []*stored) *stored {
		i := slices.IndexFunc(vs, func(v *stored) bool { return limitOf(v.parts) == r.Limit })
		if i < 0 {
			return nil
		}
		return vs[i]
	})
}

// near finds long values that the caller has at hand.
type near func(Digest) (string, bool)

func (s *Store) get(k Key, limit int64, at near) (*Entry, error) {
	if e, ok := s.recent.Get(Ref{k, limit}); ok && !e.Truncated() {
		return e, nil
	}
	choose := func(vs []*stored) *stored { return hit(vs, limit) }
	e, err := s.find(k, at, choose)
	if !errors.Is(err, ErrMiss) {
		return e, err
	}
	looked, err := s.lookAgain()
	if err != nil {
		return nil, err
	}
	if looked {
		if e, err := s.find(k, at, choose); !errors.Is(err, ErrMiss) {
			return e, err
		}
	}
	return s.shared(k, limit)
}

// find reads the variants of a key and completes the chosen one. A variant that
// cannot be completed is as if it were not there; one that only a newer isf can
// read is no miss.
func (s *Store) find(k Key, at near, choose func([]*stored) *stored) (*Entry, error) {
	if s.closed() {
		return nil, errClosed
	}
	vs, newer, err := s.variants(k)
	if err != nil {
		return nil, err
	}
	for {
		v := choose(vs)
		if v == nil {
			return nil, cmp.Or(newer, error(ErrMiss))
		}
		e, err := s.complete(k, v, at)
		if err == nil || !errors.Is(err, ErrMiss) && !errors.Is(err, errEntry) {
			return e, err
		}
		vs = slices.DeleteFunc(vs, func(o *stored) bool { return o == v })
	}
}

// hit applies the rule of Get to variants that are in the order of their
// limits, none last.
func hit(vs []*stored, limit int64) *stored {
	var fitting, exact *stored
	for _, v := range vs {
		l := limitOf(v.parts)
		switch {
		case l == limit && !v.Truncated():
			return v
		case l == limit:
			exact = v
		case fitting == nil && !v.Truncated() && fits(v, l, limit):
			fitting = v
		}
	}
	if fitting != nil {
		return fitting
	}
	return exact
}

// fits says that a complete answer sent with limit l would have been complete
// with limit as well. Without a count of its tokens that is sure only if it was
// complete with less.
func fits(v *stored, l, limit int64) bool {
	if limit == 0 {
		return true
	}
	if v.Usage.Known {
		return v.Usage.Completion <= limit
	}
	return l != 0 && l <= limit
}

// variants are the stored answers under a key, in the order of their limits.
// Where two answer the same the one in cache.db counts. It looks at journals
// first: what is folded meanwhile is then found in cache.db. newer says that
// there are some that only a newer isf can read.
func (s *Store) variants(k Key) (vs []*stored, newer, err error) {
	var waiting, folded variants
	err = again(func() error {
		waiting = s.waitingVariants(k)
		return s.search(func(n *snapshot) error {
			folded = variants{}
			c := n.entries.cursor
			if c == nil {
				return nil
			}
			after, value := c.Seek(k[:])
			if bytes.HasPrefix(after, k[:]) {
				if folded = foldedVariants(c, k, after, value); !folded.any() {
					after, value = c.Seek(k[:])
				}
			}
			if folded.any() || waiting.any() {
				return nil
			}
			return s.misfiled(n, n.entries, k[:], after, value)
		})
	})
	if err != nil {
		return nil, nil, err
	}
	vs = append(folded.read, waiting.read...)
	byLimit := func(a, b *stored) int { return cmp.Compare(orMost(limitOf(a.parts)), orMost(limitOf(b.parts))) }
	slices.SortStableFunc(vs, byLimit)
	return slices.CompactFunc(vs, func(a, b *stored) bool { return byLimit(a, b) == 0 }), cmp.Or(folded.newer, waiting.newer), nil
}

// variants are what is found under a key in one place.
type variants struct {
	read  []*stored
	newer error // says what could not be read for its format
}

func (v *variants) any() bool { return len(v.read) > 0 || v.newer != nil }

func (v *variants) take(f frame, k Key) {
	s, err := decodeEntry(f.body)
	switch {
	case isNewer(err):
		v.newer = err
	case err == nil && s.ref().Key == k:
		v.read = append(v.read, s)
	}
}

// orMost orders no limit behind all limits.
func orMost(limit int64) uint64 { return uint64(limit) - 1 }

func (s *Store) waitingVariants(k Key) (vs variants) {
	for _, p := range s.journal.index.spots(k) {
		f, err := p.g.frameAt(p.off)
		if err != nil || f.name.ref().Key != k {
			continue // folded meanwhile, or damaged
		}
		vs.take(f, k)
	}
	return vs
}

// foldedVariants reads from where c is, which is given, and leads it on.
func foldedVariants(c *bolt.Cursor, k Key, key, value []byte) (vs variants) {
	for ; bytes.HasPrefix(key, k[:]); key, value = c.Next() {
		f, err := readFrame(value)
		if err != nil || !bytes.Equal(f.name[:], key) {
			continue
		}
		vs.take(f, k)
	}
	return vs
}

// misfiled looks for a sign that what is not under a key is there after all,
// under another: a wrong bit in a page's copy of a key hides an answer, or leads
// past a whole page of them. In order, and each over a frame of its own name, are
// the neighbours of what is really not there, and sound the pages on the way. It
// costs microseconds, and a miss costs an answer. Who only reads cannot mend it,
// and is told nothing. The cursor of h has been led to k, and found what is given.
func (s *Store) misfiled(n *snapshot, h shelf, k, after, value []byte) (err error) {
	if s.o.ReadOnly {
		return nil
	}
	if n.walk == nil {
		if n.walk, err = s.db.walk(n.tx); err != nil {
			return err
		}
	}
	if err := n.walk.path(h.bucket, k); err != nil {
		return err
	}
	if after != nil && (bytes.Compare(after, k) < 0 || !filed(after, value)) {
		return &damage{fmt.Errorf("an answer is filed under a wrong key, %x", after)}
	}
	before, value := h.cursor.Prev()
	if after == nil {
		before, value = h.cursor.Last()
	}
	if before != nil && (bytes.Compare(before, k) >= 0 || !filed(before, value)) {
		return &damage{fmt.Errorf("an answer is filed under a wrong key, %x", before)}
	}
	return nil
}

// filed says that a value is a frame of the name it is filed under, and as long
// as it says.
func filed(key, value []byte) bool {
	size, ok := frameSize(value)
	return ok && size == len(value) && bytes.HasPrefix(value[5:45], key)
}

// complete loads the long values of v, and remembers the entry.
func (s *Store) complete(k Key, v *stored, at near) (*Entry, error) {
	e, err := v.entry(func(d Digest) (string, error) {
		if at != nil {
			if value, ok := at(d); ok {
				return value, nil
			}
		}
		return s.blob(d)
	})
	if err != nil {
		return nil, err
	}
	s.recent.Add(Ref{k, limitOf(v.parts)}, e)
	return e, nil
}
