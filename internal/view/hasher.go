package view

import (
	"encoding/hex"
	"fmt"
	"hash"

	"github.com/zeebo/blake3"
)

// A hasher names a list of texts and numbers.
type hasher struct{ h hash.Hash }

func newHasher() hasher { return hasher{blake3.New()} }

func (h hasher) text(texts ...string) {
	for _, t := range texts {
		fmt.Fprintf(h.h, "%d:%s", len(t), t)
	}
}

func (h hasher) number(numbers ...int) {
	for _, n := range numbers {
		fmt.Fprintf(h.h, "%d;", n)
	}
}

func (h hasher) sum() string { return hex.EncodeToString(h.h.Sum(nil)[:12]) }
