package quality

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// Texts that are alike are found by MinHash: of a text's shingles (runs of
// three words), each of 64 hash functions keeps the least. Two texts agree in
// about as many of these as their shingles overlap (Jaccard). So that not all
// pairs need be compared, texts meet only if they agree in a whole band of four:
// of pairs with a similarity of 0.8 this misses 2 in 10,000.
//
// Recipes find near repeats by MinHash of another kind (internal/recipes/near.go):
// theirs keeps nothing in memory that grows with the rows, and its hashes decide
// which rows are left out of files that must keep their bytes.
const (
	hashes    = 64
	bandWidth = 4
	bands     = hashes / bandWidth
	shingle   = 3
)

// A signature is the low halves of 64 least hashes. The least of many hashes
// has high bits that are mostly zero, and low ones as good as any.
type signature [hashes]uint16

// factors and offsets make 64 hash functions of one.
var factors, offsets = func() (f, o [hashes]uint64) {
	for i := range hashes {
		f[i] = mix(uint64(2*i+1)*0x9e3779b97f4a7c15) | 1
		o[i] = mix(uint64(2*i+2) * 0x9e3779b97f4a7c15)
	}
	return f, o
}()

func sign(words []string) signature {
	var least [hashes]uint32
	for i := range least {
		least[i] = ^uint32(0)
	}
	for i := range max(1, len(words)-shingle+1) {
		h := mix(hashWords(words[i:min(i+shingle, len(words))]))
		for k := range least {
			if v := uint32((h*factors[k] + offsets[k]) >> 32); v < least[k] {
				least[k] = v
			}
		}
	}
	var s signature
	for i, v := range least {
		s[i] = uint16(v)
	}
	return s
}

// similarity is the share of hashes that two signatures agree in.
func (s *signature) similarity(t *signature) float64 {
	same := 0
	for i := range s {
		if s[i] == t[i] {
			same++
		}
	}
	return float64(same) / hashes
}

// band is the part of a signature by which texts meet.
func (s *signature) band(b int) uint64 {
	var buf [2 * bandWidth]byte
	for i, v := range s[b*bandWidth : (b+1)*bandWidth] {
		binary.LittleEndian.PutUint16(buf[2*i:], v)
	}
	return binary.LittleEndian.Uint64(buf[:])
}

// A pair is a text and an earlier one that it is like.
type pair struct {
	text, like int
	similarity float64
}

// compared bounds how many that share a band are compared with each text, so
// that a million equal beginnings take no million squared.
const compared = 20

// alike returns each text that is like an earlier one, once, with the one it is
// most like of those it met, in order.
func alike(signatures []signature, least float64) []pair {
	best := map[int]pair{}
	order := make([]int, len(signatures))
	for i := range order {
		order[i] = i
	}
	for b := range bands {
		slices.SortFunc(order, func(i, j int) int {
			return cmp.Or(cmp.Compare(signatures[i].band(b), signatures[j].band(b)), cmp.Compare(i, j))
		})
		for from := 0; from < len(order); {
			to := from + 1
			for to < len(order) && signatures[order[to]].band(b) == signatures[order[from]].band(b) {
				to++
			}
			meet(order[from:to], signatures, least, best)
			from = to
		}
	}
	var out []pair
	for _, p := range best {
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b pair) int { return cmp.Compare(a.text, b.text) })
	return out
}

// meet compares texts that share a band, each with the first few.
func meet(group []int, signatures []signature, least float64, best map[int]pair) {
	for i, text := range group {
		for _, like := range group[:min(i, compared)] {
			similarity := signatures[text].similarity(&signatures[like])
			if similarity >= least && similarity > best[text].similarity {
				best[text] = pair{text, like, similarity}
			}
		}
	}
}
