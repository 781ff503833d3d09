package cache

import (
	"encoding/hex"
	"fmt"

	"github.com/zeebo/blake3"
)

// A Key names a request: it is the hash of its text fields.
type Key [32]byte

// A Digest names bytes: it is their BLAKE3 hash.
type Digest [32]byte

// DigestOf is the BLAKE3 hash of b.
func DigestOf(b []byte) Digest { return blake3.Sum256(b) }

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
