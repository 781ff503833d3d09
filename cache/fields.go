package cache

import (
	"cmp"
	"encoding/binary"
	"slices"
	"unsafe"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/zeebo/blake3"
)

// Fields describe a request: the body on the wire, the key and the explanation
// of the key are all written from the same list. Fields of a message follow its
// TagRole.
type Fields []Field

// keyFormat is hashed before the fields. It changes only if the encoding below
// does, and then every key of the world does too.
const keyFormat = "isf key 1\n"

// maxInline is the longest value that is written where it is used. A longer one
// is a blob: the key takes its digest, so that a long prompt that many requests
// share is hashed once, and the store keeps it once.
const maxInline = 1 << 10

const (
	markInline byte = 0
	markDigest byte = 1
)

// A part is a field as keys and entries hold it: with the value itself, or with
// the digest in place of a long value.
type part struct {
	tag   Tag
	size  uint64 // of the value, also where only its digest is here
	value string // the value, or the 32 bytes of its digest
}

func (p part) long() bool { return p.size > maxInline }

// appendPart writes tag, marker, length, bytes: the one encoding of a field, in
// keys and in entries.
func appendPart(b []byte, p part) []byte { return append(appendPartHead(b, p), p.value...) }

func appendPartHead(b []byte, p part) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(p.tag))
	mark := markInline
	if p.long() {
		mark = markDigest
	}
	return binary.AppendUvarint(append(b, mark), p.size)
}

func (r *reader) part() part {
	var p part
	if t := r.take(2); t != nil {
		p.tag = Tag(binary.BigEndian.Uint16(t))
	}
	mark := r.byte()
	p.size = r.uvarint()
	switch {
	case mark == markInline && !p.long():
		p.value = string(r.take(p.size))
	case mark == markDigest && p.long():
		p.value = string(r.take(uint64(len(Digest{}))))
	default:
		r.bad = true
	}
	return p
}

func (f Field) part() part {
	p := part{f.Tag, uint64(len(f.Value)), f.Value}
	if p.long() {
		d := digestOf(f.Value)
		p.value = string(d[:])
	}
	return p
}

func (fs Fields) parts() []part {
	ps := make([]part, len(fs))
	for i, f := range fs {
		ps[i] = f.part()
	}
	return ps
}

// digests remembers the digests of long values by where they are in memory: a
// request repeats the prompt of the one before it, the same string and not an
// equal one, and looking for 12 KB by its text took as long as hashing 4 KB.
// 256 of them hold what a build has in use, and at most 256 times maxMemo of
// memory.
var digests, _ = lru.New[memory, Digest](256)

// longDigests is the same for the few prompts that are longer than maxMemo: a
// build has one or two of them, and hashes each once.
var longDigests, _ = lru.New[memory, Digest](4)

// memory is where a string is. While it is remembered nothing else can be there.
type memory struct {
	at   *byte
	size int
}

// Shorter values than minMemo are hashed faster than they are found. maxMemo is
// the longest value of which many are worth keeping in memory.
const (
	minMemo = 6 << 10
	maxMemo = 64 << 10
)

func digestOf(v string) Digest {
	if len(v) < minMemo {
		return sum(v)
	}
	m, known := memory{unsafe.StringData(v), len(v)}, digests
	if len(v) > maxMemo {
		known = longDigests
	}
	if d, ok := known.Get(m); ok {
		return d
	}
	d := sum(v)
	known.Add(m, d)
	return d
}

// sum hashes v where it is: BLAKE3 only reads.
func sum(v string) Digest { return DigestOf(unsafe.Slice(unsafe.StringData(v), len(v))) }

// textParts are the parts that enter the key, in the order in which they do,
// in room if they fit.
func textParts(room, ps []part) []part {
	text := room[:0]
	for _, p := range ps {
		if p.tag.Class() == Text {
			text = append(text, p)
		}
	}
	order := func(a, b part) int { return cmp.Compare(a.tag.rank(), b.tag.rank()) }
	if !slices.IsSortedFunc(text, order) {
		slices.SortStableFunc(text, order)
	}
	return text
}

// Key names the request. Long values cost one look in memory if their digest
// has been needed lately.
func (fs Fields) Key() Key { return keyOf(fs.parts()) }

func keyOf(ps []part) Key {
	var few [16]part // more than most requests have
	return hashed(func(h *blake3.Hasher) {
		_, _ = h.WriteString(keyFormat)
		var head [16]byte
		for _, p := range textParts(few[:], ps) {
			_, _ = h.Write(appendPartHead(head[:0], p))
			_, _ = h.WriteString(p.value)
		}
	})
}

// Limit is the largest number of tokens that the answer may have, 0 for no
// limit.
func (fs Fields) Limit() int64 {
	for _, f := range fs {
		if f.Tag == TagMaxTokens {
			return f.Int()
		}
	}
	return 0
}
