package sim

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// mostBytes a request may have: far more than any conversation.
const mostBytes = 64 << 20

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// complete answers a chat completion, or fails it as the options say: what is
// refused is refused at once, what fails, fails after the latency.
func (s *Server) complete(w http.ResponseWriter, r *http.Request) {
	inFlight := s.begin()
	buf := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buf)
	req, ok := s.accept(w, r, buf, inFlight)
	if !ok {
		return
	}
	if s.wait(r.Context()) != nil {
		s.abandon(w)
		return
	}
	if s.strikes(s.o.ErrorRate) {
		status := []int{http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable}[int(s.luck.draw()*3)]
		s.fail(w, status, "server_error", "the simulated model was told to fail now and then")
		return
	}
	key := r.Header.Get("Idempotency-Key")
	reply := s.mind.complete(req, key)
	buf.Reset()
	if req.stream {
		w.Header().Set("Content-Type", "text/event-stream")
		stream(buf, reply, req.counted)
	} else {
		w.Header().Set("Content-Type", "application/json")
		encode(buf, reply)
	}
	s.write(w, buf.Bytes(), key)
}

// accept reads the request into buf, or ends it in its way and returns false.
func (s *Server) accept(w http.ResponseWriter, r *http.Request, buf *bytes.Buffer, inFlight int64) (*request, bool) {
	buf.Reset()
	if _, err := buf.ReadFrom(http.MaxBytesReader(w, r.Body, mostBytes)); err != nil {
		s.unread(w, err)
		return nil, false
	}
	req, wrong := parse(buf.Bytes())
	switch {
	case s.o.Unauthorized:
		s.fail(w, http.StatusUnauthorized, "authentication_error", "this key is not known here")
	case wrong != "":
		s.fail(w, http.StatusBadRequest, "invalid_request_error", wrong)
	case s.o.Capacity > 0 && inFlight > int64(s.o.Capacity), s.strikes(s.o.RateLimit):
		s.limit(w)
	case s.strikes(s.o.HangRate):
		<-r.Context().Done()
		s.abandon(w)
	default:
		return req, true
	}
	return nil, false
}

// strikes reports whether something that happens at this rate happens now.
// What never happens uses up no luck.
func (s *Server) strikes(rate float64) bool {
	return rate > 0 && s.luck.draw() < rate
}

// wait lets the latency pass, or returns early with the context's error.
func (s *Server) wait(ctx context.Context) error {
	d := s.o.Latency
	if s.o.Jitter > 0 {
		d += time.Duration((2*s.luck.draw() - 1) * float64(s.o.Jitter))
	}
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// abandon ends a request that is over without an answer: its client has gone,
// or the server ends.
func (s *Server) abandon(w http.ResponseWriter) {
	s.end(0)
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil { // in process there is no connection
		conn.Close()
	}
}

// write sends an answer and counts it, unless it did not get out whole.
func (s *Server) write(w http.ResponseWriter, body []byte, key string) {
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if s.strikes(s.o.CutRate) {
		s.end(http.StatusOK)
		w.Write(body[:len(body)/2]) // net/http closes a connection that got less than its Content-Length
		return
	}
	epoch := s.served(key)
	_, err := w.Write(body)
	if err == nil {
		err = http.NewResponseController(w).Flush()
	}
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		s.takeBack(key, epoch)
	}
}

// limit answers 429, and when to come back if the options say.
func (s *Server) limit(w http.ResponseWriter) {
	if d := s.o.RetryAfter; d > 0 {
		seconds := (d + time.Second - 1) / time.Second // the header knows whole seconds only
		w.Header().Set("Retry-After", strconv.Itoa(int(seconds)))
		w.Header().Set("Retry-After-Ms", strconv.FormatInt(d.Milliseconds(), 10))
	}
	s.fail(w, http.StatusTooManyRequests, "rate_limit_error", "too many requests; come back later")
}

// unread answers a request whose body did not arrive.
func (s *Server) unread(w http.ResponseWriter, err error) {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		s.fail(w, http.StatusRequestEntityTooLarge, "invalid_request_error", "the body is too large")
		return
	}
	s.end(0)
}

// fail answers an error and counts it.
func (s *Server) fail(w http.ResponseWriter, status int, kind, message string) {
	s.end(status)
	refuse(w, status, kind, message)
}

// refuse writes an error as OpenAI's servers do.
func refuse(w http.ResponseWriter, status int, kind, message string) {
	var body bytes.Buffer
	encode(&body, map[string]any{"error": map[string]any{"message": message, "type": kind, "code": status}})
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(body.Len()))
	w.WriteHeader(status)
	w.Write(body.Bytes())
}

// models lists the one model there is; any other name is answered as well.
func (s *Server) models(w http.ResponseWriter, _ *http.Request) {
	var body bytes.Buffer
	encode(&body, map[string]any{
		"object": "list",
		"data":   []any{map[string]any{"id": "sim", "object": "model", "created": 0, "owned_by": "isf"}},
	})
	w.Header().Set("Content-Type", "application/json")
	w.Write(body.Bytes())
}

func (s *Server) unknown(w http.ResponseWriter, r *http.Request) {
	refuse(w, http.StatusNotFound, "not_found_error", "there is no "+r.Method+" "+strings.ToValidUTF8(r.URL.Path, "?")+" here")
}
