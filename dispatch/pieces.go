package dispatch

import (
	"bytes"
	"io"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/identity-shaping/isf/internal/jsontext"
)

const (
	// sharedFrom is how long a system prompt must be to be shared between bodies.
	sharedFrom = 1 << 10
	// sharedPrompts is how many are kept: a build uses a few models, each with one.
	sharedPrompts = 16
	// joinedUpTo is how long a body may be to leave in one write.
	joinedUpTo = 64 << 10
)

// prompts keeps long system prompts as JSON strings, so that the bodies of requests that are on the wire
// together share one copy, and a prompt is not escaped again for each.
type prompts = lru.Cache[string, []byte]

func newPrompts() *prompts {
	c, err := lru.New[string, []byte](sharedPrompts)
	if err != nil {
		panic(err) // only for a size below one
	}
	return c
}

// share writes s as a piece of its own, where it is kept for others.
func (w *writer) share(s string) {
	quoted, ok := w.prompts.Get(s)
	if !ok {
		quoted = jsontext.AppendString(make([]byte, 0, jsontext.StringSize(s)), s)
		w.prompts.Add(s, quoted)
	}
	w.pieces = append(w.pieces, w.b, quoted)
	w.b = nil
}

// pieces is a body in pieces, which nobody changes.
type pieces [][]byte

func (p pieces) size() (n int64) {
	for _, b := range p {
		n += int64(len(b))
	}
	return n
}

// reader reads the body. A short one is put together first: net/http flushes the header before a body
// that it does not know to be in memory, and two writes cost more than the copy. A long one is not copied.
func (p pieces) reader() io.ReadCloser {
	if size := p.size(); size <= joinedUpTo {
		b := make([]byte, 0, size)
		for _, piece := range p {
			b = append(b, piece...)
		}
		return io.NopCloser(bytes.NewReader(b))
	}
	return &piecesReader{left: p}
}

type piecesReader struct {
	left pieces
	at   int // in the first of left
}

func (r *piecesReader) Close() error { return nil }

func (r *piecesReader) Read(b []byte) (n int, err error) {
	for n < len(b) && len(r.left) > 0 {
		c := copy(b[n:], r.left[0][r.at:])
		n += c
		if r.at += c; r.at == len(r.left[0]) {
			r.left, r.at = r.left[1:], 0
		}
	}
	if n == 0 && len(r.left) == 0 && len(b) > 0 {
		return 0, io.EOF
	}
	return n, nil
}
