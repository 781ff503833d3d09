package cache

import (
	"errors"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// Bodies are packed: a byte that says how, then the bytes as they are or
// their length and a zstd frame.
const (
	packedPlain = 0
	packedZstd  = 1
)

// minPacked is the shortest text that is worth a try: below it zstd's own
// header eats what the text gives.
const minPacked = 256

var errPacked = errors.New("the packed body is damaged")

// encoder works at the fastest level: on replies of models (BenchmarkPack) they
// shrink to a third, and the default level takes a quarter more time to leave
// them 4% smaller.
var encoder = sync.OnceValue(func() *zstd.Encoder {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(false),
		zstd.WithWindowSize(1<<20), zstd.WithLowerEncoderMem(true), zstd.WithEncoderConcurrency(2))
	if err != nil {
		panic(fmt.Sprintf("cache: the options of zstd: %v", err))
	}
	return e
})

var decoder = sync.OnceValue(func() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(maxPlain), zstd.WithDecoderConcurrency(0))
	if err != nil {
		panic(fmt.Sprintf("cache: the options of zstd: %v", err))
	}
	return d
})

// careful is for what others have packed: it never writes behind the capacity
// it is given, whatever the packed bytes claim.
var careful = sync.OnceValue(func() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(maxForeign), zstd.WithDecoderConcurrency(0), zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		panic(fmt.Sprintf("cache: the options of zstd: %v", err))
	}
	return d
})

// maxForeign bounds what a body that others have packed may unpack to: far
// beyond any answer or prompt, and little enough to do it a few times at once.
const maxForeign = 32 << 20

// maxPlain bounds what a packed body may unpack to, so that a few damaged or
// hostile bytes cannot take all memory.
const maxPlain = 4 * maxBody

// pack appends b, compressed where that saves an eighth.
func pack(dst, b []byte) []byte {
	if len(b) >= minPacked {
		start := len(dst)
		packed := appendCount(append(dst, packedZstd), len(b))
		packed = encoder().EncodeAll(b, packed)
		if len(packed)-start <= len(b)-len(b)/8 {
			return packed
		}
		dst = packed[:start]
	}
	return plain(dst, b)
}

// plain appends b as it is. Answers are put into the journal like this, because
// whoever waits for them to be durable should not wait for zstd; folding packs
// them.
func plain(dst, b []byte) []byte { return append(append(dst, packedPlain), b...) }

// repack returns the frame with its body packed, if that saves anything.
func (f frame) repack() frame {
	head := 0
	if f.kind == frameEntry {
		head = 1 // the format of the entry
	}
	if !f.kind.known() || head == 1 && len(f.body) > 0 && f.body[0] > packedFormat {
		return f // only a newer isf knows what is in it
	}
	if len(f.body) <= head || f.body[head] != packedPlain || len(f.body)-head <= minPacked {
		return f
	}
	f.body = pack(append([]byte{}, f.body[:head]...), f.body[head+1:])
	return f
}

// unpack reads what pack or plain wrote. The result may be a part of b.
func unpack(b []byte) ([]byte, error) { return unpackInto(nil, b) }

// unpackInto is unpack with the result in room, if that is large enough.
func unpackInto(room, b []byte) ([]byte, error) {
	r := &reader{b: b}
	how := r.byte()
	if how == packedPlain && !r.bad {
		return r.b, nil
	}
	if how > packedZstd {
		return nil, &Newer{"a stored text", int(how)}
	}
	size := r.uvarint()
	if how != packedZstd || r.bad || size > maxPlain {
		return nil, errPacked
	}
	// What is allocated ahead is bounded by what could plausibly unpack.
	if plausible := min(size, 64*uint64(len(r.b))+1<<10); uint64(cap(room)) < plausible {
		room = make([]byte, 0, plausible)
	}
	plain, err := decoder().DecodeAll(r.b, room[:0])
	if err != nil || uint64(len(plain)) != size {
		return nil, errPacked
	}
	return plain, nil
}

// unpackForeign is unpack for bytes that may have been made to do harm.
func unpackForeign(b []byte) ([]byte, error) {
	r := &reader{b: b}
	how := r.byte()
	if how == packedPlain && !r.bad && len(r.b) <= maxForeign {
		return r.b, nil
	}
	if how > packedZstd {
		return nil, &Newer{"a stored text", int(how)}
	}
	size := r.uvarint()
	if how != packedZstd || r.bad || size > maxForeign {
		return nil, errPacked
	}
	plain, err := careful().DecodeAll(r.b, make([]byte, 0, size))
	if err != nil || uint64(len(plain)) != size {
		return nil, errPacked
	}
	return plain, nil
}
