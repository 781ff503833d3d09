package cache

import (
	"encoding/hex"
	"fmt"
	"sync"

	"github.com/zeebo/blake3"
)

// A Key names a request: it is the hash of its text fields.
type Key [32]byte

// A Digest names bytes: it is their BLAKE3 hash.
type Digest [32]byte

// hashers are used again and again. blake3.Sum256 makes a new one on the stack, 22 KB
// of it, which the stack of each goroutine that waits for a model then loses and
// gains at each collection of garbage.
var hashers = sync.Pool{New: func() any { return blake3.New() }}

// hashed is the BLAKE3 hash of what write writes.
func hashed(write func(*blake3.Hasher)) (sum [32]byte) {
	h := hashers.Get().(*blake3.Hasher)
	defer hashers.Put(h)
	h.Reset()
	write(h)
	h.Sum(sum[:0])
	return sum
}

// DigestOf is the BLAKE3 hash of b.
func DigestOf(b []byte) Digest {
	return hashed(func(h *blake3.Hasher) { h.Write(b) }) // never returns an error
}

func (k Key) String() string    { return hex.EncodeToString(k[:]) }
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// ParseKey reads what Key.String writes.
func ParseKey(s string) (Key, error) {
	var k Key
	if len(s) != 2*len(k) {
		return k, fmt.Errorf("%q is not a key: a key is %d hexadecimal digits", s, 2*len(k))
	}
	if _, err := hex.Decode(k[:], []byte(s)); err != nil {
		return k, fmt.Errorf("%q is not a key: %w", s, err)
	}
	return k, nil
}
