package dispatch

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// DefaultIdleTimeout is how long nothing may come in the midst of a stream. Models that think without
// showing it are silent for minutes.
const DefaultIdleTimeout = 5 * time.Minute

// drainFor is how long the end of a stream is waited for that has said its last word: only a reply that was
// read to its end leaves a connection behind that others can use.
const drainFor = time.Second

var (
	errIdle = errors.New("the stream fell silent")
	errCut  = errors.New("the stream ended before the answer did")
)

// isStream says whether a reply comes as server-sent events. It may, where it was asked for, and some
// servers do anyway, or do not.
func isStream(res *http.Response) bool {
	kind, _, _ := strings.Cut(res.Header.Get("Content-Type"), ";")
	return strings.EqualFold(strings.TrimSpace(kind), "text/event-stream") && res.StatusCode < http.StatusMultipleChoices
}

// readStream reads a streamed reply and returns the one that would have come whole, so that everybody behind
// it, the entry included, sees no difference. quiet ends the reading when nothing has come for a time.
//
// What is no chunk of a chat completion is returned as it is: judge knows what to say of it. An end without
// [DONE] is a cut, unless every choice has given its finish reason.
func readStream(body io.Reader, idle time.Duration, quiet context.CancelCauseFunc) ([]byte, error) {
	watch := time.AfterFunc(idle, func() { quiet(errIdle) })
	defer watch.Stop()
	limited := &io.LimitedReader{R: body, N: maxReply + 1}
	events := &eventReader{in: bufio.NewReaderSize(limited, 4<<10), alive: func() { watch.Reset(idle) }}
	a := assembly{}
	for {
		e, err := events.next()
		switch {
		case limited.N <= 0:
			return nil, errTooLong
		case err == io.EOF && a.finished():
			return a.reply(), nil
		case err == io.EOF:
			return nil, errCut
		case err != nil:
			return nil, err
		case string(e.data) == "[DONE]":
			watch.Reset(min(idle, drainFor))
			_, _ = io.Copy(io.Discard, limited)
			return a.reply(), nil
		}
		if other := a.add(e); other != nil {
			return other, nil
		}
	}
}

// An event is one server-sent event, as far as chat completions use them.
type event struct {
	name string
	data []byte
}

// eventReader reads events. Comments, which keep a connection busy, pass unseen.
type eventReader struct {
	in    *bufio.Reader
	alive func() // something has come
}

// next returns the next event with data.
func (r *eventReader) next() (e event, err error) {
	for {
		line, err := r.in.ReadBytes('\n')
		if err != nil && err != io.EOF {
			return e, err
		}
		r.alive()
		line = bytes.TrimRight(line, "\r\n")
		e.field(line)
		switch {
		case e.data != nil && (len(line) == 0 || err == io.EOF):
			return e, nil
		case err == io.EOF:
			return e, err
		}
	}
}

// field takes one line of an event.
func (e *event) field(line []byte) {
	name, value, _ := bytes.Cut(line, []byte(":"))
	value = bytes.TrimPrefix(value, []byte(" "))
	switch string(name) {
	case "event":
		e.name = string(value)
	case "error": // of older servers of llama.cpp
		e.name, e.data = "error", value
	case "data":
		if e.data != nil {
			e.data = append(e.data, '\n')
		}
		e.data = append(e.data, value...)
	}
}
