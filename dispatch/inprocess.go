package dispatch

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// inProcess lets a handler answer without a network. A reply that it breaks off, by
// http.ErrAbortHandler or by writing less than it announced, arrives cut, as it would over a connection.
type inProcess struct{ handler http.Handler }

func (p inProcess) RoundTrip(req *http.Request) (res *http.Response, err error) {
	w := &recorder{header: make(http.Header), status: http.StatusOK}
	defer func() {
		if r := recover(); r != nil {
			res, err = nil, fmt.Errorf("the simulated model broke off: %v", r)
		}
		if req.Context().Err() != nil {
			res, err = nil, req.Context().Err()
		}
	}()
	req.RequestURI = req.URL.Path
	req.RemoteAddr = "in-process"
	p.handler.ServeHTTP(w, req)
	length := int64(w.body.Len())
	if announced, err := strconv.ParseInt(w.header.Get("Content-Length"), 10, 64); err == nil {
		length = announced
	}
	return &http.Response{
		Status: strconv.Itoa(w.status) + " " + http.StatusText(w.status), StatusCode: w.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: w.header, ContentLength: length,
		Body: io.NopCloser(&w.body), Request: req,
	}, nil
}

// recorder keeps what a handler writes.
type recorder struct {
	header  http.Header
	status  int
	written bool
	body    bytes.Buffer
}

func (w *recorder) Header() http.Header { return w.header }
func (w *recorder) Flush()              {}

func (w *recorder) WriteHeader(status int) {
	if !w.written {
		w.status, w.written = status, true
	}
}

func (w *recorder) Write(b []byte) (int, error) {
	w.written = true
	return w.body.Write(b)
}
