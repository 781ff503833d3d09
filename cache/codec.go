package cache

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"
)

// The body of an entry is a format version and, packed once it is folded:
//
//	fields     count, then each as in the key: tag, marker, length, bytes or digest
//	raw, text, reasoning, finish                     length, bytes
//	usage      known or not, then four numbers
//	cost       known or not, then billionths of a dollar
//	model that answered                              length, bytes
//	start, end                                       nanoseconds since 1970, 0 for none
//	commit, engine                                   length, bytes
//	pack                                             digest; in format 2 only
//
// Long values of fields are elsewhere, as blobs; the reply and its text stay
// here, because no other entry shares them and zstd finds one in the other.
const entryFormat = 1

// packedFormat is of entries that came out of a pack, which they name. All
// others keep the bytes they always had.
const packedFormat = 2

var errEntry = errors.New("the entry is damaged")

func encodeEntry(e *Entry, ps []part) ([]byte, error) { return appendEntry(nil, e, ps) }

// entryRoom is about what an entry takes beside its long parts.
const entryRoom = 1 << 10

// appendEntry writes the body of an entry behind b.
func appendEntry(b []byte, e *Entry, ps []part) ([]byte, error) {
	b = slices.Grow(b, entryRoom+len(e.Raw)+len(e.Text)+len(e.Reasoning))
	start := len(b)
	format := byte(entryFormat)
	if e.Pack != (Digest{}) {
		format = packedFormat
	}
	b = append(b, format, packedPlain)
	b = appendCount(b, len(ps))
	for _, p := range ps {
		b = appendPart(b, p)
	}
	b = appendBytes(b, e.Raw)
	b = appendString(b, e.Text)
	b = appendString(b, e.Reasoning)
	b = appendString(b, e.Finish)
	b = appendBool(b, e.Usage.Known)
	for _, n := range []int64{e.Usage.Prompt, e.Usage.Completion, e.Usage.CachedPrompt, e.Usage.Reasoning} {
		b = binary.AppendVarint(b, n)
	}
	b = binary.AppendVarint(appendBool(b, e.CostKnown), e.CostNano)
	b = appendString(b, e.ModelResolved)
	b = appendTime(appendTime(b, e.Start), e.End)
	b = appendString(b, e.Commit)
	b = appendString(b, e.Engine)
	if format == packedFormat {
		b = append(b, e.Pack[:]...)
	}
	if n := len(b) - start; n > maxBody {
		return nil, fmt.Errorf("an answer of %d bytes is too long to be stored", n)
	}
	return b, nil
}

// A stored entry has been read but for its long values, which may be many and
// far away. Its key can be computed without them.
type stored struct {
	parts []part
	Entry // without Fields
}

func (s *stored) ref() Ref { return Ref{keyOf(s.parts), limitOf(s.parts)} }

func limitOf(ps []part) int64 {
	for _, p := range ps {
		if p.tag == TagMaxTokens {
			return Field{p.tag, p.value}.Int()
		}
	}
	return 0
}

// decodeEntry reads what encodeEntry wrote, and copies it, so that body may be
// a part of a mapped file.
func decodeEntry(body []byte) (*stored, error) {
	room := rooms.Get().(*[32 << 10]byte)
	defer rooms.Put(room)
	return decodeWith(body, func(b []byte) ([]byte, error) { return unpackInto(room[:0], b) })
}

// rooms are for entries as they were before they were packed, while they are
// read: a rebuild reads one for each request.
var rooms = sync.Pool{New: func() any { return new([32 << 10]byte) }}

func decodeWith(body []byte, unpack func([]byte) ([]byte, error)) (*stored, error) {
	switch {
	case len(body) == 0 || body[0] < entryFormat:
		return nil, errEntry
	case body[0] > packedFormat:
		return nil, &Newer{"a stored answer", int(body[0])}
	}
	plain, err := unpack(body[1:])
	if err != nil {
		return nil, err
	}
	s, r := &stored{}, &reader{b: plain}
	s.parts = make([]part, r.count())
	for i := range s.parts {
		s.parts[i] = r.part()
	}
	s.Raw = append([]byte{}, r.bytes()...)
	s.Text, s.Reasoning, s.Finish = r.string(), r.string(), r.string()
	s.Usage = Usage{r.bool(), r.varint(), r.varint(), r.varint(), r.varint()}
	s.CostKnown, s.CostNano = r.bool(), r.varint()
	s.ModelResolved = r.string()
	s.Start, s.End = r.time(), r.time()
	s.Commit, s.Engine = r.string(), r.string()
	if body[0] == packedFormat {
		copy(s.Pack[:], r.take(uint64(len(s.Pack))))
	}
	if r.bad || len(r.b) > 0 {
		return nil, errEntry
	}
	return s, nil
}

// entry completes s with its long values, which load finds by digest.
func (s *stored) entry(load func(Digest) (string, error)) (*Entry, error) {
	e := s.Entry
	e.Fields = make(Fields, len(s.parts))
	for i, p := range s.parts {
		e.Fields[i] = Field{p.tag, p.value}
		if !p.long() {
			continue
		}
		v, err := load(Digest([]byte(p.value)))
		if err != nil {
			return nil, err
		}
		if uint64(len(v)) != p.size {
			return nil, errEntry
		}
		e.Fields[i].Value = v
	}
	return &e, nil
}

func appendCount(b []byte, n int) []byte { return binary.AppendUvarint(b, uint64(n)) }

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

func (r *reader) bool() bool {
	v := r.byte()
	if v > 1 {
		r.bad = true
	}
	return v == 1
}

// appendTime keeps times from 1970 to 2262, to the nanosecond; any other is
// none.
func appendTime(b []byte, t time.Time) []byte {
	if t.Unix() < 0 || t.Unix() > math.MaxInt64/int64(time.Second)-1 {
		return binary.AppendUvarint(b, 0)
	}
	return binary.AppendUvarint(b, uint64(t.UnixNano()))
}

func (r *reader) time() time.Time {
	n := r.uvarint()
	if n == 0 || n > math.MaxInt64 {
		return time.Time{}
	}
	return time.Unix(0, int64(n)).UTC()
}
