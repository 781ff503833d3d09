package cache

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
	"strconv"

	"github.com/zeebo/blake3"
)

// A pack is answers in one file, to be carried elsewhere: the frames of
// journals and cache.db, in the order of kind and name, so that equal answers
// make equal packs, then an index to find them by:
//
//	packHead
//	frames
//	index    kind (1), name (40), offset (8), size (4) of each frame, big endian
//	tail     offset of the index (8), number of frames (8), BLAKE3 of the index
//	         and these two numbers (32), BLAKE3 of everything before (32)
//
// The last digest names the pack. The first is for those who look up a few
// answers and do not want to read it all: frames carry checksums of their own.
const packHead = "isf pack 1\n"

const (
	indexed  = 1 + 40 + 8 + 4
	tailSize = 8 + 8 + 32 + 32
)

// A packWriter writes a pack; frames have to come in order.
type packWriter struct {
	out   *bufio.Writer
	hash  *blake3.Hasher
	off   int64
	index []byte
	err   error
}

func newPackWriter(w io.Writer) *packWriter {
	p := &packWriter{hash: blake3.New()}
	p.out = bufio.NewWriterSize(io.MultiWriter(w, p.hash), 256<<10)
	p.write([]byte(packHead))
	return p
}

func (p *packWriter) write(b []byte) {
	if p.err == nil {
		_, p.err = p.out.Write(b)
	}
	p.off += int64(len(b))
}

func (p *packWriter) add(f frame) {
	p.index = append(p.index, byte(f.kind))
	p.index = append(p.index, f.name[:]...)
	p.index = binary.BigEndian.AppendUint64(p.index, uint64(p.off))
	p.index = binary.BigEndian.AppendUint32(p.index, uint32(f.size()))
	p.write(f.append(nil))
}

// close writes index and tail, and returns the digest of the pack.
func (p *packWriter) close() (Digest, error) {
	at, n := p.off, len(p.index)/indexed
	tail := binary.BigEndian.AppendUint64(nil, uint64(at))
	tail = binary.BigEndian.AppendUint64(tail, uint64(n))
	sum := DigestOf(append(p.index, tail...))
	p.write(p.index)
	p.write(append(tail, sum[:]...))
	if p.err == nil {
		p.err = p.out.Flush()
	}
	var d Digest
	copy(d[:], p.hash.Sum(nil))
	p.write(d[:])
	if p.err == nil {
		p.err = p.out.Flush()
	}
	return d, p.err
}

// ErrNoPack says that a file is not a pack, or not a whole one.
var ErrNoPack = errors.New("not a whole pack of answers")

// A Pack is an open pack. It may be used from many goroutines.
type Pack struct {
	Digest Digest // as its tail says; Check makes sure

	path  string
	file  *os.File
	size  int64
	index []byte
}

// OpenPack opens a pack and reads its index.
func OpenPack(path string) (*Pack, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	p := &Pack{path: path, file: f}
	if err := p.readIndex(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return p, nil
}

// Close closes the file.
func (p *Pack) Close() error { return p.file.Close() }

func (p *Pack) readIndex() error {
	info, err := p.file.Stat()
	if err != nil {
		return err
	}
	p.size = info.Size()
	head, tail := make([]byte, len(packHead)), make([]byte, tailSize)
	if p.size < int64(len(head)+len(tail)) {
		return p.broken("it is too short")
	}
	if _, err := p.file.ReadAt(head, 0); err != nil {
		return err
	}
	if _, err := p.file.ReadAt(tail, p.size-tailSize); err != nil {
		return err
	}
	copy(p.Digest[:], tail[48:])
	if format := packFormat(head); format > 1 && p.Check() == nil { // packs of all formats end with a digest
		return &Newer{p.path, format}
	}
	if string(head) != packHead {
		return p.broken("it does not begin like one")
	}
	at, n := binary.BigEndian.Uint64(tail), binary.BigEndian.Uint64(tail[8:])
	length := uint64(p.size) - tailSize - at
	if at > uint64(p.size)-tailSize || n != length/indexed || length%indexed != 0 {
		return p.broken("it has been cut or changed")
	}
	p.index = make([]byte, length, length+16)
	if _, err := p.file.ReadAt(p.index, int64(at)); err != nil {
		return err
	}
	if sum := DigestOf(append(p.index, tail[:16]...)); !bytes.Equal(sum[:], tail[16:48]) {
		return p.broken("its index is damaged")
	}
	return nil
}

// packFormat is the number in the head of a pack of whatever format, 0 if it is
// none.
func packFormat(head []byte) int {
	n, ok := bytes.CutPrefix(bytes.TrimSpace(head), []byte("isf pack "))
	format, err := strconv.Atoi(string(n))
	if !ok || err != nil {
		return 0
	}
	return format
}

func (p *Pack) broken(how string) error { return fmt.Errorf("%s is %w: %s", p.path, ErrNoPack, how) }

// Check reads the whole pack and compares it with its digest.
func (p *Pack) Check() error {
	h := blake3.New()
	if _, err := io.Copy(h, io.NewSectionReader(p.file, 0, p.size-int64(len(p.Digest)))); err != nil {
		return err
	}
	if !bytes.Equal(h.Sum(nil), p.Digest[:]) {
		return p.broken("its bytes are not those that were written")
	}
	return nil
}

// count is the number of frames.
func (p *Pack) count() int { return len(p.index) / indexed }

func (p *Pack) at(i int) (kind frameKind, n name) {
	b := p.index[i*indexed:]
	return frameKind(b[0]), name(b[1:41])
}

// frame reads the i-th frame.
func (p *Pack) frame(i int) (frame, error) {
	b := p.index[i*indexed:]
	kind, n := p.at(i)
	off, size := binary.BigEndian.Uint64(b[41:]), binary.BigEndian.Uint32(b[49:])
	if off > uint64(p.size) || uint64(size) > uint64(p.size)-off || size > headSize+maxBody {
		return frame{}, errFrame
	}
	text := make([]byte, size)
	if _, err := p.file.ReadAt(text, int64(off)); err != nil {
		return frame{}, err
	}
	f, err := readFrame(text)
	if err == nil && (f.kind != kind || f.name != n) {
		err = errFrame
	}
	return f, err
}

// from is the first frame whose kind and name are not before these.
func (p *Pack) from(kind frameKind, n name) int {
	want := append([]byte{byte(kind)}, n[:]...)
	return sort.Search(p.count(), func(i int) bool {
		return bytes.Compare(p.index[i*indexed:i*indexed+len(want)], want) >= 0
	})
}

// blob is a long value out of the pack, checked, or ErrMiss.
func (p *Pack) blob(d Digest) (string, error) {
	i := p.from(frameBlob, d.name())
	if i == p.count() {
		return "", ErrMiss
	}
	if kind, n := p.at(i); kind != frameBlob || n != d.name() {
		return "", ErrMiss
	}
	f, err := p.frame(i)
	if err != nil {
		return "", err
	}
	v, err := unpackForeign(f.body)
	if err != nil {
		return "", err
	}
	if DigestOf(v) != d {
		return "", errFrame
	}
	return string(v), nil
}

// entry is the i-th frame as an answer whose key has been computed again from
// its fields.
func (p *Pack) entry(i int) (*Entry, error) {
	f, err := p.frame(i)
	if err != nil {
		return nil, err
	}
	v, err := decodeWith(f.body, unpackForeign)
	if err != nil {
		return nil, err
	}
	e, err := v.entry(p.blob)
	if err != nil {
		return nil, err
	}
	if e.Ref() != f.name.ref() {
		return nil, errors.New("its key is not that of its fields")
	}
	e.Pack = p.Digest
	return e, nil
}
