package cache

import (
	"bytes"
	"io"
	"slices"
)

// Packed says what a pack holds.
type Packed struct {
	Digest  Digest
	Entries int
	Bytes   int64
}

// Export writes a pack of the answers that want chooses, with the long values
// they need. An answer of which something cannot be read is left out.
func (s *Store) Export(w io.Writer, want func(Summary) bool) (Packed, error) {
	names, blobs, err := s.chosen(want)
	if err != nil {
		return Packed{}, err
	}
	p := newPackWriter(w)
	for _, n := range names {
		f, err := s.frameOf(frameEntry, n)
		if err == nil {
			f, err = portable(f)
		}
		if err != nil {
			return Packed{}, err
		}
		p.add(f.repack())
	}
	for _, n := range blobs {
		f, err := s.frameOf(frameBlob, n)
		if err != nil {
			return Packed{}, err
		}
		p.add(f.repack())
	}
	d, err := p.close()
	return Packed{d, len(names), p.off}, err
}

// chosen lists the answers to export and the long values they need, in order.
func (s *Store) chosen(want func(Summary) bool) (entries, blobs []name, err error) {
	readable, needed := map[Digest]bool{}, map[Digest]bool{}
	whole := func(d Digest) bool {
		ok, known := readable[d]
		if !known {
			v, err := s.readBlob(d)
			ok = err == nil && DigestOf([]byte(v)) == d
			readable[d] = ok
		}
		return ok
	}
	err = s.Summaries(func(e Summary) error {
		if !want(e) || slices.ContainsFunc(e.blobs, func(d Digest) bool { return !whole(d) }) {
			return nil
		}
		entries = append(entries, e.Ref.name())
		for _, d := range e.blobs {
			needed[d] = true
		}
		return nil
	})
	for d := range needed {
		blobs = append(blobs, d.name())
	}
	byName := func(a, b name) int { return bytes.Compare(a[:], b[:]) }
	slices.SortFunc(entries, byName)
	slices.SortFunc(blobs, byName)
	return entries, blobs, err
}

// portable is an entry as whoever asked first has it: where it has been since is
// nobody's concern, and would make unequal packs of equal answers.
func portable(f frame) (frame, error) {
	if f.body[0] != packedFormat {
		return f, nil
	}
	v, err := decodeEntry(f.body)
	if err != nil {
		return f, err
	}
	v.Pack = Digest{}
	f.body, err = encodeEntry(&v.Entry, v.parts)
	return f, err
}
