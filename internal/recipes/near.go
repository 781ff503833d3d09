package recipes

import (
	"hash/fnv"
	"iter"
	"math/bits"
	"strings"
	"unicode"
)

// Near repeats are found by MinHash. The words of a conversation, in lower case
// and without punctuation, give the set of all runs of three; how alike two
// conversations are is the share of runs they have in common. The signature of
// a set is the least hash in each of 64 bins; two sets agree in about as many
// bins as they are alike.
const (
	bins      = 64
	runLength = 3
	// alike is how many of the 64 bins of two repeats agree at least: 0.8.
	alike = 52
	// Rows are compared if all bins of some band agree. With 4 bins to a band,
	// two rows of which 80% agree are missed once in 5,000 times, and those of
	// which 30% agree are compared once in 8.
	perBand = 4
)

// A signature keeps 8 bits of each bin: two differing bins agree by accident
// once in 256 times.
type signature [bins]byte

func (r *repeats) addNear(s *sample, row uint64) error {
	least := s.minHashes()
	for band := range bins / perBand {
		h := fnv.New64a()
		for _, v := range least[band*perBand : (band+1)*perBand] {
			h.Write([]byte{byte(v >> 56), byte(v >> 48), byte(v >> 40), byte(v >> 32), byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)})
		}
		if err := r.prints.add(newRecord(uint64(band), h.Sum64(), row)); err != nil {
			return err
		}
	}
	var sign signature
	for i, v := range least {
		sign[i] = byte(v)
	}
	if err := r.signs.open(r.dir); err != nil {
		return err
	}
	return r.signs.write(sign[:])
}

// findNear compares each row with the first row of its band and with the one
// before it there; one that is near either is a repeat.
func (r *repeats) findNear() error {
	if r.signs.file == nil {
		return nil
	}
	if err := r.signs.flush(); err != nil {
		return err
	}
	return r.groups(func(first, before, row uint64) error {
		if r.found.has(row) {
			return nil
		}
		for _, other := range []uint64{first, before} {
			near, err := r.near(other, row)
			if err != nil {
				return err
			}
			if near {
				r.found.add(row)
				return nil
			}
		}
		return nil
	})
}

func (r *repeats) near(a, b uint64) (bool, error) {
	var s, t signature
	if _, err := r.signs.file.ReadAt(s[:], int64(a)*bins); err != nil {
		return false, err
	}
	if _, err := r.signs.file.ReadAt(t[:], int64(b)*bins); err != nil {
		return false, err
	}
	same := 0
	for i := range s {
		if s[i] == t[i] {
			same++
		}
	}
	return same >= alike, nil
}

// minHashes returns the least hash in each bin. A bin that no run fell into
// takes that of the next one that has some.
func (s *sample) minHashes() (least [bins]uint64) {
	var filled [bins]bool
	runs := 0
	for h := range s.runs() {
		bin := h % bins
		if v := h >> 6; !filled[bin] || v < least[bin] {
			least[bin], filled[bin] = v, true
		}
		runs++
	}
	if runs == 0 {
		return least
	}
	for i := range bins {
		for step := 0; !filled[i] && step < bins; step++ {
			if j := (i + step) % bins; filled[j] {
				least[i] = bits.RotateLeft64(least[j], step) // so that how far it came matters
				break
			}
		}
	}
	return least
}

// runs yields a hash of each run of three words; a conversation of fewer is one
// run.
func (s *sample) runs() iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		words := s.words()
		for i := 0; i == 0 || i+runLength <= len(words); i++ {
			h := fnv.New64a()
			for _, w := range words[i:min(i+runLength, len(words))] {
				h.Write([]byte(w))
				h.Write([]byte{0})
			}
			if !yield(mixed(h.Sum64())) {
				return
			}
		}
	}
}

// words are runs of letters and digits, and each sign of a script that is
// written without spaces. Text without any is one word.
func (s *sample) words() []string {
	var words []string
	for _, m := range s.messages {
		before := len(words)
		start := -1
		text := strings.ToLower(m.content)
		for i, c := range text {
			alone := unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai)
			inside := !alone && (unicode.IsLetter(c) || unicode.IsDigit(c) || unicode.IsMark(c))
			if start >= 0 && !inside {
				words = append(words, text[start:i])
				start = -1
			}
			if inside && start < 0 {
				start = i
			}
			if alone {
				words = append(words, string(c))
			}
		}
		if start >= 0 {
			words = append(words, text[start:])
		}
		if len(words) == before {
			words = append(words, text)
		}
	}
	return words
}

// mixed spreads a hash over all 64 bits (MurmurHash3's finalizer): bins take
// the low ones.
func mixed(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
