package sources

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// A site is a web server with one file.
type site struct {
	*httptest.Server
	mu       sync.Mutex
	data     []byte
	tag      string
	date     time.Time
	requests int
}

func newSite(t *testing.T, data []byte) *site {
	s := &site{data: data, tag: `"v1"`}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (s *site) serve(w http.ResponseWriter, req *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	if s.tag != "" {
		w.Header().Set("ETag", s.tag)
	}
	if strings.HasPrefix(req.URL.Path, "/endless") {
		http.Redirect(w, req, req.URL.Path+"x.csv", http.StatusFound)
		return
	}
	if req.Header.Get("Authorization") != "" {
		http.Error(w, "nobody asked for a token", http.StatusTeapot)
		return
	}
	http.ServeContent(w, req, "", s.date, bytes.NewReader(s.data))
}

func (s *site) change(data []byte, tag string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.data, s.tag = data, tag
}

func (s *site) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.requests
	s.requests = 0
	return n
}

func TestWebFilesAreReadAndKeptByTheirTag(t *testing.T) {
	rows := prompts(3000)
	for _, f := range files(t, rows) {
		r := newReader(t)
		r.env["HF_TOKEN"] = "hf_secret"
		data := make([]byte, f.Size)
		if _, err := f.ReadAt(data, 0); err != nil {
			t.Fatal(err)
		}
		s := newSite(t, data)
		address := s.URL + "/" + f.Name + "?sig=secret"
		got, pin := r.must(address, Query{})
		if ids(got) != ids(rows) || pin != `etag "v1"` {
			t.Errorf("%s: got %d rows at %s", f.Name, len(got), pin)
		}
		s.count()
		if again, _, err := r.readWith(r.client(false), address, pin, Query{}); err != nil || len(again) != len(rows) || s.count() != 0 {
			t.Errorf("%s: what is here was asked for again, or is not here: %v", f.Name, err)
		}
		s.change(data[:len(data)/2], `"v2"`)
		if again, _, err := r.readWith(r.client(false), address, pin, Query{}); err != nil || len(again) != len(rows) {
			t.Errorf("%s: the version that is here: got %d rows, %v", f.Name, len(again), err)
		}
		r.dir = t.TempDir()
		if _, _, err := r.readWith(r.client(false), address, pin, Query{}); err == nil || !strings.Contains(err.Error(), "has changed on the server: `isf build --refresh`") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the version that is gone: got %v", f.Name, err)
		}
	}
}

// A file that changes between two requests is not read half and half.
func TestFileThatChangesWhileItIsReadIsAnError(t *testing.T) {
	r := newReader(t)
	var b strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&b, `{"id":"%d","prompt":"%s"}`+"\n", i, noise(i, 40))
	}
	s := newSite(t, []byte(b.String()))
	c := r.client(false)
	l, err := Parse(s.URL + "/a.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	pin, err := c.Pin(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	files, done, err := c.Open(t.Context(), l, pin)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	n := 0
	for _, err = range Rows(t.Context(), files, Query{}) {
		if n++; n == 10 {
			s.change([]byte(strings.ToUpper(b.String())), `"v2"`)
		}
	}
	if err == nil || !strings.Contains(err.Error(), "has changed on the server") {
		t.Errorf("got %v after %d rows", err, n)
	}
}

func TestWebServersWithoutTags(t *testing.T) {
	r := newReader(t)
	s := newSite(t, []byte("id,prompt,score\na,b,1\n"))
	s.change(s.data, "")
	if _, _, err := r.read(s.URL+"/a.csv", Query{}); err == nil || !strings.Contains(err.Error(), "neither ETag nor date") {
		t.Errorf("neither: got %v", err)
	}
	s.date = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	if rows, pin, err := r.read(s.URL+"/a.csv", Query{}); err != nil || len(rows) != 1 || pin != "modified Fri, 02 Jan 2026 03:04:05 GMT, 22 bytes" {
		t.Errorf("a date: got %d rows at %s, %v", len(rows), pin, err)
	}
	s.change(nil, `"empty"`)
	if _, _, err := r.read(s.URL+"/a.csv", Query{}); err == nil || !strings.Contains(err.Error(), "/a.csv is empty") {
		t.Errorf("an empty file: got %v", err)
	}
}

func TestAddressesThatLeadNowhere(t *testing.T) {
	r := newReader(t)
	s := newSite(t, nil)
	for _, tt := range []struct{ address, want string }{
		{s.URL + "/endless.csv", "redirects without end"},
		{r.hub.CDN.URL + "/a/b/c/d.csv", "may not be read: 127.0.0.1"},
	} {
		if _, _, err := r.read(tt.address, Query{}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want an error with %q", tt.address, err, tt.want)
		}
	}
	gone := s.URL
	s.Close()
	_, _, err := r.read(gone+"/a.csv", Query{})
	if !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), "cannot be read, 127.0.0.1") || !strings.Contains(err.Error(), "use a file in the project") {
		t.Errorf("nobody there: got %v", err)
	}
}
