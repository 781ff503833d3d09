package dispatch

import (
	"bytes"
	"context"
	"io"
	"net/http/httptrace"
	"sync"
	"unsafe"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/internal/jsontext"
)

const (
	// sharedFrom is how long a system prompt must be to be shared between bodies.
	sharedFrom = 1 << 10
	// sharedPrompts is how many are kept: a build uses a few models, each with one.
	sharedPrompts = 16
	// joinedUpTo is how long a body may be to be put together, and to leave in one write.
	joinedUpTo = 64 << 10
)

// prompts keeps long system prompts as JSON strings, so that the bodies of requests that are on the wire
// together share one copy, and a prompt is not escaped again for each. It knows a prompt by where it is:
// a model's is the same string for each of its requests.
type prompts struct{ quoted *lru.Cache[memory, []byte] }

// memory is where a string is. While it is remembered nothing else can be there.
type memory struct {
	at   *byte
	size int
}

func memoryOf(s string) memory { return memory{unsafe.StringData(s), len(s)} }

func newPrompts() *prompts {
	c, err := lru.New[memory, []byte](sharedPrompts)
	if err != nil {
		panic(err) // only for a size below one
	}
	return &prompts{c}
}

// quote returns s as a JSON string, which is kept for others.
func (p *prompts) quote(s string) []byte {
	quoted, ok := p.quoted.Get(memoryOf(s))
	if !ok {
		quoted = jsontext.AppendString(make([]byte, 0, jsontext.StringSize(s)), s)
		p.quoted.Add(memoryOf(s), quoted)
	}
	return quoted
}

// size is how long s is as a JSON string.
func (p *prompts) size(s string) int {
	if len(s) >= sharedFrom {
		if quoted, ok := p.quoted.Peek(memoryOf(s)); ok {
			return len(quoted)
		}
	}
	return jsontext.StringSize(s)
}

// share writes s as a piece of its own, unless the body is to be one piece.
func (w *writer) share(s string) {
	quoted := w.prompts.quote(s)
	if w.joined {
		w.b = append(w.b, quoted...)
		return
	}
	w.pieces = append(w.pieces, w.b, quoted)
	w.b = nil
}

// A body is a request as it goes over the wire, the same for each of its tries. It is made when it is read, and
// its memory is the next body's as soon as it is written: a model takes seconds to answer, so of a thousand
// requests that are under way few need theirs.
type body struct {
	model   *Model
	fs      cache.Fields
	prompts *prompts
	size    int64 // known once it was made

	mu     sync.Mutex
	made   pieces // nil before it is made, and once it is given away
	unread int    // readers that may not have come to the end
}

// ready makes the body, so that it has a size and can be read.
func (b *body) ready() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.make()
}

func (b *body) make() (err error) {
	if b.made == nil {
		b.made, err = bodyPieces(b.model.row(), b.fs, b.prompts)
		b.size = b.made.size()
	}
	return err
}

// reader reads the body from its beginning.
func (b *body) reader() (io.ReadCloser, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.make(); err != nil {
		return nil, err
	}
	b.unread++
	return b.made.reader(), nil
}

// watched lets b know when a request that is made with ctx has been written. After an error nobody can be sure
// that its reader is at rest.
func (b *body) watched(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(wrote httptrace.WroteRequestInfo) {
		if wrote.Err == nil {
			b.written()
		}
	}})
}

// written gives the memory away, unless somebody else may still read it.
func (b *body) written() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.unread--; b.unread > 0 {
		return
	}
	if len(b.made) == 1 {
		bodyRooms.Put(&b.made[0])
	}
	b.made = nil
}

// bodyRooms are what bodies in one piece are made in: half of all memory that a request takes.
var bodyRooms = sync.Pool{New: func() any { return &[]byte{} }}

// roomFor is memory for size bytes.
func roomFor(size int) []byte {
	room := *bodyRooms.Get().(*[]byte)
	if cap(room) < size {
		room = make([]byte, 0, size)
	}
	return room[:0]
}

// pieces is a body in pieces, which nobody changes.
type pieces [][]byte

func (p pieces) size() (n int64) {
	for _, b := range p {
		n += int64(len(b))
	}
	return n
}

// reader reads the body. One in one piece is told to be in memory: net/http flushes the header before any
// other, and two writes cost more than the copy that made it one.
func (p pieces) reader() io.ReadCloser {
	if len(p) == 1 {
		return io.NopCloser(bytes.NewReader(p[0]))
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
