package sources

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A remoteFile reads a file on a server by ranges, and keeps what it fetched.
// It lives as long as the run that opened it, whose context it has, because
// io.ReaderAt takes none.
type remoteFile struct {
	ctx     context.Context
	client  *Client
	what    string // for messages
	address string
	tag     string // the ETag that answers must have, "" where the address names the content
	size    int64
	kept    *kept

	mu     sync.Mutex
	signed string          // where address led to, until that expires
	ends   map[int64]int64 // block behind a fetch → how many were fetched in a row before it
}

// maxAhead is the most that is fetched ahead of a reader that goes on and on:
// half of what it read, up to 1 MiB, so that one who reads a page gets little
// more, and one who reads 40 MB needs some 50 requests.
const maxAhead = 1 << 20 / blockSize

func (r *remoteFile) ReadAt(p []byte, off int64) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for n < len(p) && off < r.size {
		block := off / blockSize
		b, ok := r.kept.read(block)
		if !ok {
			last := (min(off+int64(len(p)-n), r.size) - 1) / blockSize
			if err := r.fetch(block, last); err != nil {
				return n, err
			}
			if b, ok = r.kept.read(block); !ok {
				return n, fmt.Errorf("%s: what was fetched cannot be read back: is the disk full?", r.what)
			}
		}
		m := copy(p[n:], b[off-block*blockSize:])
		n, off = n+m, off+int64(m)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// fetch fetches blocks from first on: those up to last that are missing, and
// more for a reader that goes through the file.
func (r *remoteFile) fetch(first, last int64) error {
	if r.client.offline {
		return fmt.Errorf("%s was not read whole before, and %w", r.what, ErrOffline)
	}
	before := r.ends[first]
	last = max(last, first+min(before/2, maxAhead)-1)
	last = min(last, (r.size-1)/blockSize)
	end := first + 1
	for ; end <= last; end++ {
		if _, ok := r.kept.read(end); ok {
			break
		}
	}
	delete(r.ends, first)
	r.ends[end] = before + end - first
	for try := 1; first < end; try++ {
		next, err := r.fetchRange(first, end)
		if next > first {
			first, try = next, 1
		}
		if err == nil {
			continue
		}
		if r.ctx.Err() != nil {
			return context.Cause(r.ctx)
		}
		delay, again := pause(err, try)
		if errors.Is(err, ErrUnreachable) {
			return err
		}
		if !again {
			return r.client.explain(r.what, r.address, err)
		}
		if err := r.client.wait(r.ctx, delay); err != nil {
			return err
		}
	}
	return nil
}

// fetchRange fetches the blocks from first to before end, and returns the first
// that did not come.
func (r *remoteFile) fetchRange(first, end int64) (int64, error) {
	ctx, cancel := context.WithCancelCause(r.ctx)
	defer cancel(nil)
	from, _ := r.kept.span(first)
	_, to := r.kept.span(end - 1)
	resp, err := r.ask(ctx, from, to)
	if err != nil {
		return first, err
	}
	defer resp.Body.Close()
	if err := r.check(resp, from, to); err != nil {
		return first, err
	}
	body := &patient{resp.Body, time.AfterFunc(stallTimeout, func() { cancel(errStalled) })}
	defer body.timer.Stop()
	if resp.StatusCode == http.StatusOK {
		r.client.log(fmt.Sprintf("%s: the server sends no parts of files, so all of it is read", r.what))
		first, end = 0, (r.size+blockSize-1)/blockSize
	}
	next, err := r.store(body, first, end)
	if err != nil && context.Cause(ctx) == errStalled {
		err = errStalled
	}
	if resp.StatusCode == http.StatusOK && err != nil {
		next = 0 // it starts over
	}
	return next, err
}

// ask requests a range, first where the last request ended up: an address that
// the hub signed serves many. Once that is refused, the hub signs another.
func (r *remoteFile) ask(ctx context.Context, from, to int64) (*http.Response, error) {
	header := http.Header{"Range": {fmt.Sprintf("bytes=%d-%d", from, to-1)}}
	if r.tag != "" && !strings.HasPrefix(r.tag, "W/") {
		header.Set("If-Range", r.tag)
	}
	if r.signed != "" {
		resp, _, err := r.client.get(ctx, r.what, r.signed, header, http.StatusPartialContent, http.StatusOK)
		if err == nil || ctx.Err() != nil || passing(err) {
			return resp, err
		}
		r.signed = ""
	}
	resp, at, err := r.client.get(ctx, r.what, r.address, header, http.StatusPartialContent, http.StatusOK)
	if err == nil && at != r.address {
		r.signed = at
	}
	return resp, err
}

// check makes sure that the answer is about the file that was opened.
func (r *remoteFile) check(resp *http.Response, from, to int64) error {
	changed := fmt.Errorf("%s has changed on the server: `isf build --refresh` takes it as it is now", r.what)
	if tag := resp.Header.Get("ETag"); r.tag != "" && tag != "" && tag != r.tag {
		return changed
	}
	if resp.StatusCode == http.StatusOK {
		if resp.ContentLength >= 0 && resp.ContentLength != r.size {
			return changed
		}
		return nil
	}
	start, size, ok := contentRange(resp)
	switch {
	case ok && size >= 0 && size != r.size:
		return changed
	case !ok || start != from || resp.ContentLength > to-from:
		return fmt.Errorf("%s: the server sent another part of the file than bytes %d to %d", r.what, from, to-1)
	}
	return nil
}

// contentRange reads "bytes 0-99/1234"; size is -1 where it is a star.
func contentRange(resp *http.Response) (start, size int64, ok bool) {
	text, ok := strings.CutPrefix(resp.Header.Get("Content-Range"), "bytes ")
	span, total, found := strings.Cut(text, "/")
	if !ok || !found {
		return 0, 0, false
	}
	size, err := strconv.ParseInt(total, 10, 64)
	if err != nil {
		size = -1
	}
	first, _, _ := strings.Cut(span, "-")
	start, err = strconv.ParseInt(first, 10, 64)
	return start, size, err == nil || span == "*"
}

// store keeps each block as soon as it is whole.
func (r *remoteFile) store(body io.Reader, first, end int64) (int64, error) {
	for ; first < end; first++ {
		from, to := r.kept.span(first)
		block := make([]byte, to-from)
		if _, err := io.ReadFull(body, block); err != nil {
			return first, unexpected(err)
		}
		if err := r.kept.write(first, block); err != nil {
			return first, fmt.Errorf("what is fetched of %s cannot be kept: %w", r.what, err)
		}
	}
	return first, nil
}

// unexpected makes every end of a body one that is worth another try. A broken
// connection has many names.
func unexpected(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	return fmt.Errorf("%w: %w", io.ErrUnexpectedEOF, err)
}

// A patient reader gives up on a body that stands still.
type patient struct {
	io.Reader
	timer *time.Timer
}

func (p *patient) Read(b []byte) (int, error) {
	p.timer.Reset(stallTimeout)
	return p.Reader.Read(b)
}
