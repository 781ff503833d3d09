package sim

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// stats reads what the server says of itself.
func (c *client) stats() (out Stats) {
	c.t.Helper()
	resp, err := c.Get(c.url + "/stats")
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		c.t.Fatal(err)
	}
	return out
}

func TestStatsCountAnswersAndKeys(t *testing.T) {
	c, _ := start(t, Options{})
	var wg sync.WaitGroup
	for _, key := range strings.Fields("a b b c c c") {
		wg.Go(func() { c.ask("", "What is rain?", key) })
	}
	wg.Wait()
	c.ask("", "What is rain?", "")
	c.post(`{}`, "d")
	got := c.stats()
	if got.Requests != 8 || got.AnswersServed != 7 || got.DistinctKeys != 3 || got.Duplicates != 3 || got.InFlight != 0 {
		t.Errorf("got %+v, want 8 requests, 7 answers, 3 keys, 3 duplicates, none in flight", got)
	}
	if want := map[int]int64{200: 7, 400: 1}; !maps.Equal(got.ByStatus, want) {
		t.Errorf("got %v, want %v", got.ByStatus, want)
	}
	resp, err := c.Post(c.url+"/stats/reset", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if got := c.stats(); got.Requests != 0 || got.AnswersServed != 0 || got.DistinctKeys != 0 || len(got.ByStatus) != 0 {
		t.Errorf("got %+v after a reset, want nothing", got)
	}
}

func TestACutAnswerIsNotServed(t *testing.T) {
	c, _ := start(t, Options{CutRate: 1})
	_, _, body, err := c.post(conversation("", "What is rain?"), "k")
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v and %q, want a body that ends early", err, body)
	}
	if got := c.stats(); got.AnswersServed != 0 || got.DistinctKeys != 0 || got.ByStatus[200] != 1 {
		t.Errorf("got %+v, want no answer served", got)
	}
}

// A brokenWriter is a client that went away while its answer was written.
type brokenWriter struct{ http.ResponseWriter }

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestAnAnswerThatDoesNotGetOutIsTakenBack(t *testing.T) {
	s := New(Options{})
	ask := func(w http.ResponseWriter) {
		r := httptest.NewRequest("POST", "/v1/chat/completions", strings.NewReader(conversation("", "What is rain?")))
		r.Header.Set("Idempotency-Key", "k")
		s.ServeHTTP(w, r)
	}
	ask(brokenWriter{httptest.NewRecorder()})
	if got := s.Stats(); got.AnswersServed != 0 || got.DistinctKeys != 0 {
		t.Errorf("got %+v, want nothing served", got)
	}
	ask(httptest.NewRecorder())
	if got := s.Stats(); got.AnswersServed != 1 || got.DistinctKeys != 1 || got.Duplicates != 0 {
		t.Errorf("got %+v, want one answer and no duplicate", got)
	}
}
