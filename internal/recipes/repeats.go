package recipes

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
)

// repeats finds rows that say what an earlier row of the recipe says. Rows are
// known by their number among the usable ones.
type repeats struct {
	mode   Dedupe
	dir    string
	prints *sorter // rows by what they are compared by
	signs  scratch // dedupe: near; a signature for each row
	found  bitset
}

func newRepeats(mode Dedupe, dir string) *repeats {
	return &repeats{mode: mode, dir: dir, prints: newSorter(dir)}
}

// add tells of the next row.
func (r *repeats) add(s *sample, row uint64) error {
	switch r.mode {
	case DedupeExact:
		sum := s.digest()
		return r.prints.add(newRecord(binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16]), row))
	case DedupeNear:
		return r.addNear(s, row)
	}
	return nil
}

// find looks for repeats, once all rows were told. Of those that are alike the
// first stays.
func (r *repeats) find() error {
	switch r.mode {
	case DedupeExact:
		return r.groups(func(_, _, row uint64) error {
			r.found.add(row)
			return nil
		})
	case DedupeNear:
		return r.findNear()
	}
	return nil
}

// groups visits each row but the first of those with equal prints, with the
// first of them and the one before it.
func (r *repeats) groups(visit func(first, before, row uint64) error) error {
	var last record
	var first uint64
	any := false
	return r.prints.each(func(p record) error {
		var err error
		if any && p.a() == last.a() && p.b() == last.b() {
			err = visit(first, last.place(), p.place())
		} else {
			first = p.place()
		}
		last, any = p, true
		return err
	})
}

func (r *repeats) is(row uint64) bool { return r.found.has(row) }

func (r *repeats) reason() string {
	if r.mode == DedupeNear {
		return nearDuplicate
	}
	return duplicate
}

func (r *repeats) close() {
	r.prints.close()
	r.signs.close()
}

// digest names the conversation: equal digests, equal roles and texts.
func (s *sample) digest() []byte {
	h := sha256.New()
	for _, m := range s.messages {
		writeCounted(h, m.role)
		writeCounted(h, m.content)
	}
	return h.Sum(nil)
}

func writeCounted(h hash.Hash, text string) {
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(text)))
	h.Write(n[:])
	h.Write([]byte(text))
}

// A bitset is a set of row numbers: a bit for each row up to the largest, so
// 5 million rows take 0.6 MB.
type bitset []uint64

func (b *bitset) add(n uint64) {
	for uint64(len(*b)) <= n/64 {
		*b = append(*b, 0)
	}
	(*b)[n/64] |= 1 << (n % 64)
}

func (b bitset) has(n uint64) bool { return n/64 < uint64(len(b)) && b[n/64]&(1<<(n%64)) != 0 }
