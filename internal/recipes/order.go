package recipes

import (
	"crypto/sha256"
	"encoding/binary"
	"math/big"
	"strconv"
)

// The shuffle sorts samples by a key that is a hash of what the sample is, so
// it is the same on every machine and in every language, needs no row in
// memory, and moves no sample when others come or go. The first samples of a
// category, in this order, are those that a weight or max_per_source keeps.

// shuffleKey is the first 8 bytes, big-endian, of the SHA-256 of five lines:
// "isf shuffle 1", the seed, the category, kind and name of the source, the id.
func shuffleKey(seed int64, category string, src Source, id string) uint64 {
	var b []byte
	b = append(b, "isf shuffle 1\n"...)
	b = strconv.AppendInt(b, seed, 10)
	b = append(b, '\n')
	b = append(b, category...)
	b = append(b, '\n')
	b = append(b, src.Kind...)
	b = append(b, ' ')
	b = append(b, src.Name...)
	b = append(b, '\n')
	return first8(append(b, id...))
}

// repeatKey is the key of the n-th further row (from 1) with the same id in
// one source and category: the first 8 bytes of the SHA-256 of the first row's
// key and n, 8 bytes each, big-endian. Else such rows would stand side by side.
func repeatKey(key uint64, n int) uint64 {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], key)
	binary.BigEndian.PutUint64(b[8:], uint64(n))
	return first8(b[:])
}

func first8(b []byte) uint64 {
	sum := sha256.Sum256(b)
	return binary.BigEndian.Uint64(sum[:8])
}

// bound is the number of 64-bit hashes below which a record is for validation.
func (s *Split) bound() *big.Int {
	share := new(big.Rat).Quo(s.Validation, new(big.Rat).Add(s.Train, s.Validation))
	share.Mul(share, new(big.Rat).SetInt(new(big.Int).Lsh(big.NewInt(1), 64)))
	return new(big.Int).Quo(share.Num(), share.Denom())
}

// validates reports whether a record is for validation. Its id alone decides,
// so it stays there whatever else changes, and a larger share keeps what a
// smaller one held out.
func validates(bound *big.Int, id string) bool {
	hash := first8([]byte("isf split 1\n" + id))
	return new(big.Int).SetUint64(hash).Cmp(bound) < 0
}
