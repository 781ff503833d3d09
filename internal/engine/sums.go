package engine

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
	"os"
	"slices"
)

// heldSums is how many digests a set keeps in memory, in some 3 MB.
const heldSums = 64 << 10

// A sumSet is a set of digests. Beyond some it keeps them in a file that has no
// name, so that what it takes of memory does not depend on how many there are.
// Without space for the file they stay in memory: more of it is better than a
// build that fails.
type sumSet struct {
	held map[sum16]bool
	most int
	file *sumFile // nil until there are too many
}

func newSumSet(most int) *sumSet { return &sumSet{held: map[sum16]bool{}, most: most} }

func (s *sumSet) has(sum sum16) (bool, error) {
	if s.held[sum] || s.file == nil {
		return s.held[sum], nil
	}
	_, found, err := s.file.find(sum)
	if err != nil {
		return false, fmt.Errorf("which rows there are could not be read back: %w", err)
	}
	return found, nil
}

// add is for a digest that the set has not.
func (s *sumSet) add(sum sum16) {
	s.held[sum] = true
	if len(s.held) < s.most {
		return
	}
	file, err := s.file.with(s.held)
	if err != nil {
		s.most = math.MaxInt
		return
	}
	s.file = file
	clear(s.held)
}

func (s *sumSet) close() {
	if s.file != nil {
		discardScratch(s.file.f)
	}
}

// A sumFile is a hash table on disk: slots of 16 bytes, at most three quarters of
// them in use, probed one after the other, also beyond the last. Digests are in
// places in their own order, so those that come sorted are written from front to
// back. Zeros are a free slot; no digest is all zeros.
type sumFile struct {
	f     *os.File
	slots uint64
	used  int
}

// probe is how many slots are read at a time.
const probe = 16

// find returns where a digest is, or else belongs, as an offset in the file.
func (t *sumFile) find(sum sum16) (at int64, found bool, err error) {
	slot, _ := bits.Mul64(binary.BigEndian.Uint64(sum[:]), t.slots)
	at = int64(slot) * int64(len(sum))
	for {
		var b [probe * len(sum)]byte // zeros, as is what lies behind the end
		if _, err := t.f.ReadAt(b[:], at); err != nil && !errors.Is(err, io.EOF) {
			return 0, false, err
		}
		for one := range slices.Chunk(b[:], len(sum)) {
			if is := sum16(one); is == sum || is == (sum16{}) {
				return at, is == sum, nil
			}
			at += int64(len(sum))
		}
	}
}

func (t *sumFile) put(sum sum16) error {
	at, _, err := t.find(sum)
	if err == nil {
		_, err = t.f.WriteAt(sum[:], at)
	}
	if err == nil {
		t.used++
	}
	return err
}

// with returns a file that holds also what is in more: t itself, or a larger one
// in its place. After an error t is as good as before.
func (t *sumFile) with(more map[sum16]bool) (*sumFile, error) {
	to, err := t.roomFor(len(more))
	if err != nil {
		return nil, err
	}
	sorted := make([]sum16, 0, len(more))
	for sum := range more {
		sorted = append(sorted, sum)
	}
	slices.SortFunc(sorted, func(a, b sum16) int { return bytes.Compare(a[:], b[:]) })
	for _, sum := range sorted {
		if err = to.put(sum); err != nil {
			break
		}
	}
	switch {
	case to == t:
	case err != nil:
		discardScratch(to.f)
	case t != nil:
		discardScratch(t.f)
	}
	return to, err
}

// roomFor returns t if it has room for so many more, or else a larger copy.
func (t *sumFile) roomFor(more int) (*sumFile, error) {
	to := &sumFile{slots: 4 * uint64(more)}
	if t != nil {
		to.slots = t.slots
		more += t.used
	}
	for 4*uint64(more) > 3*to.slots {
		to.slots *= 2
	}
	if t != nil && to.slots == t.slots {
		return t, nil
	}
	f, err := scratchFile()
	if err != nil {
		return nil, err
	}
	to.f = f
	if t == nil {
		return to, nil
	}
	if err := t.copyTo(to); err != nil {
		discardScratch(f)
		return nil, err
	}
	return to, nil
}

func (t *sumFile) copyTo(to *sumFile) error {
	b := make([]byte, 64<<10)
	for at := int64(0); ; at += int64(len(b)) {
		n, err := t.f.ReadAt(b, at)
		for one := range slices.Chunk(b[:n], len(sum16{})) {
			if sum := sum16(one); sum != (sum16{}) {
				if err := to.put(sum); err != nil {
					return err
				}
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
