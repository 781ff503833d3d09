package cache

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
)

// A frame is one thing on disk, an entry or a blob. It is the same bytes in a
// journal, as a value in cache.db and in an export file, and carries all that is
// needed to file it, so that whatever survives of a damaged file can be read by
// looking for frames:
//
//	magic     4 bytes
//	kind      1 byte
//	name     40 bytes  key and limit of an entry; digest of a blob, and zeros
//	length    4 bytes  of the body, big endian
//	checksum  4 bytes  CRC-32C of kind, name, length and body
//	body
//
// CRC-32C finds every flip of up to three bits and runs at memory speed, so that
// scanning journals at every start costs nothing that anybody notices.
type frame struct {
	kind frameKind
	name name
	body []byte
}

type frameKind byte

const (
	frameEntry frameKind = 1
	frameBlob  frameKind = 2
)

// known says that this version reads frames of the kind. Others are carried
// along as they are.
func (k frameKind) known() bool { return k == frameEntry || k == frameBlob }

const (
	headSize = 4 + 1 + 40 + 4 + 4

	// maxBody is far beyond any answer: what claims to be longer is damage.
	maxBody = 64 << 20
)

var (
	magic      = []byte{0x8f, 'i', 's', 'f'}
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

// A name is what a frame is filed under: 32 bytes of key or digest, then the
// limit, big endian, so that the variants of a key are neighbours.
type name [40]byte

func (r Ref) name() name {
	var n name
	copy(n[:], r.Key[:])
	binary.BigEndian.PutUint64(n[32:], uint64(r.Limit))
	return n
}

func (d Digest) name() name {
	var n name
	copy(n[:], d[:])
	return n
}

func (n name) ref() Ref {
	return Ref{Key(n[:32]), int64(binary.BigEndian.Uint64(n[32:]))}
}

func (n name) digest() Digest { return Digest(n[:32]) }

// errFrame says that no whole, undamaged frame begins here.
var errFrame = errors.New("the frame is damaged")

func (f frame) size() int { return headSize + len(f.body) }

func (f frame) append(b []byte) []byte {
	start := len(b)
	b = append(b, make([]byte, headSize)...)
	b = append(b, f.body...)
	putHead(b[start:], f.kind, f.name)
	return b
}

// putHead makes b a frame: its body is what stands behind headSize bytes of room.
func putHead(b []byte, k frameKind, n name) {
	f := frame{k, n, b[headSize:]}
	copy(b, magic)
	b[4] = byte(k)
	copy(b[5:45], n[:])
	binary.BigEndian.PutUint32(b[45:], uint32(len(f.body)))
	binary.BigEndian.PutUint32(b[49:], f.checksum(b))
}

// checksum covers what head holds between magic and checksum, and the body.
func (f frame) checksum(head []byte) uint32 {
	sum := crc32.Checksum(head[4:headSize-4], castagnoli)
	return crc32.Update(sum, castagnoli, f.body)
}

// readFrame reads the frame at the front of b; its body is a part of b.
func readFrame(b []byte) (frame, error) {
	size, ok := frameSize(b)
	if !ok || size > len(b) {
		return frame{}, errFrame
	}
	f := frame{kind: frameKind(b[4]), name: name(b[5:45]), body: b[headSize:size:size]}
	if f.checksum(b) != binary.BigEndian.Uint32(b[headSize-4:]) {
		return frame{}, errFrame
	}
	return f, nil
}

// frameSize is the size of the frame that begins b, as far as its head tells.
func frameSize(b []byte) (int, bool) {
	if len(b) < headSize || !bytes.HasPrefix(b, magic) {
		return 0, false
	}
	if b[4] == 0 {
		return 0, false
	}
	n := binary.BigEndian.Uint32(b[45:])
	return headSize + int(n), n <= maxBody
}
