package engine

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
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
	found, err := s.file.has(sum)
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
	file, err := s.file.with(slices.SortedFunc(maps.Keys(s.held), compareSums))
	if err != nil {
		s.most = math.MaxInt
		return
	}
	s.close()
	s.file = file
	clear(s.held)
}

func (s *sumSet) close() {
	if s.file != nil {
		discardScratch(s.file.f)
	}
}

func compareSums(a, b sum16) int { return bytes.Compare(a[:], b[:]) }

// A sumFile is digests on disk, in their order, each in the slot that its first
// bytes say or in the first free one behind it: where one is, one look tells.
// Two thirds of the slots are in use; zeros are a free one, which no digest is.
type sumFile struct {
	f     *os.File
	slots uint64 // there may be some more behind the last
	used  int
}

const sumSize = len(sum16{})

func (t *sumFile) slot(sum sum16) uint64 {
	slot, _ := bits.Mul64(binary.BigEndian.Uint64(sum[:]), t.slots)
	return slot
}

func (t *sumFile) has(sum sum16) (bool, error) {
	var b [16 * sumSize]byte
	for at := int64(t.slot(sum)) * int64(sumSize); ; at += int64(len(b)) {
		n, err := t.f.ReadAt(b[:], at)
		if err != nil && !errors.Is(err, io.EOF) {
			return false, err
		}
		for one := range slices.Chunk(b[:n], sumSize) {
			if is := sum16(one); is == sum || is == (sum16{}) {
				return is == sum, nil
			}
		}
		if err != nil {
			return false, nil
		}
	}
}

// with writes a file of what t holds and of more, which is sorted. t may be nil.
func (t *sumFile) with(more []sum16) (*sumFile, error) {
	f, err := scratchFile()
	if err != nil {
		return nil, err
	}
	to := &sumFile{f: f, used: len(more)}
	if t != nil {
		to.used += t.used
	}
	to.slots = uint64(to.used) * 3 / 2
	out, next := bufio.NewWriterSize(f, 256<<10), uint64(0)
	free, b := make([]byte, sumSize), make([]byte, sumSize)
	put := func(sum sum16) {
		for ; next < to.slot(sum); next++ {
			_, _ = out.Write(free) // an error stays, and Flush finds it
		}
		copy(b, sum[:])
		_, _ = out.Write(b)
		next++
	}
	err = t.each(func(sum sum16) {
		for len(more) > 0 && compareSums(more[0], sum) < 0 {
			put(more[0])
			more = more[1:]
		}
		put(sum)
	})
	for _, sum := range more {
		put(sum)
	}
	if err = errors.Join(err, out.Flush()); err != nil {
		discardScratch(f)
		return nil, err
	}
	return to, nil
}

// each calls fn with all digests in their order.
func (t *sumFile) each(fn func(sum16)) error {
	if t == nil {
		return nil
	}
	in := bufio.NewReaderSize(io.NewSectionReader(t.f, 0, math.MaxInt64), 256<<10)
	b := make([]byte, sumSize)
	for {
		if _, err := io.ReadFull(in, b); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if sum := sum16(b); sum != (sum16{}) {
			fn(sum)
		}
	}
}
