package view_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/identity-shaping/isf/internal/view"
)

// serve shows a project, whose token is sesame, over HTTP.
func serve(tb testing.TB, root string, o view.Options) (studio *view.Studio, server *httptest.Server, port int) {
	tb.Helper()
	return serveAt(tb, root, "127.0.0.1:0", o)
}

func serveAt(tb testing.TB, root, address string, o view.Options) (studio *view.Studio, server *httptest.Server, port int) {
	tb.Helper()
	o.Root, o.Token, o.Rows = root, "sesame", rows(root)
	o.Open = func() (*view.Workspace, error) { return open(root) }
	studio, err := view.New(o)
	if err != nil {
		tb.Fatal(err)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		tb.Fatal(err)
	}
	server = &httptest.Server{Listener: listener, Config: &http.Server{}}
	u, err := url.Parse("http://" + server.Listener.Addr().String())
	if err != nil {
		tb.Fatal(err)
	}
	if port, err = strconv.Atoi(u.Port()); err != nil {
		tb.Fatal(err)
	}
	server.Config.Handler = studio.Handler(port)
	server.Start()
	tb.Cleanup(func() { shut(server); studio.Close() }) // nothing is asked of a studio that closes
	return studio, server, port
}

// shut closes a server that pages listen to. A page whose stream breaks off comes
// back at once, also between the end of all connections and that of the server,
// which then would wait for it for ever.
func shut(server *httptest.Server) {
	closed := make(chan struct{})
	go func() { server.Close(); close(closed) }()
	for {
		server.CloseClientConnections()
		select {
		case <-closed:
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// served shows a project without a browser.
func served(tb testing.TB, root string) (studio *view.Studio, get func(path string) (string, time.Duration)) {
	tb.Helper()
	studio, server, port := serve(tb, root, view.Options{})
	return studio, func(path string) (string, time.Duration) {
		tb.Helper()
		req, err := http.NewRequest(http.MethodGet, server.URL+path, nil)
		if err != nil {
			tb.Fatal(err)
		}
		req.AddCookie(&http.Cookie{Name: fmt.Sprintf("isf-view-%d", port), Value: "sesame"})
		began := time.Now()
		res, err := server.Client().Do(req)
		if err != nil {
			tb.Fatal(err)
		}
		text, err := io.ReadAll(res.Body)
		took := time.Since(began)
		_ = res.Body.Close()
		if err != nil || res.StatusCode != http.StatusOK {
			tb.Fatalf("%s: %d, %v\n%.400s", path, res.StatusCode, err, text)
		}
		return string(text), took
	}
}

// writeLarge puts n rows into the place of a target's. Every tenth carries its
// requests, with a system prompt of large bytes.
func writeLarge(tb testing.TB, root string, n, large int) {
	tb.Helper()
	f, err := os.Create(filepath.Join(root, "training/data/behaviour.jsonl"))
	if err != nil {
		tb.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	prompt := strings.Repeat("You are Pell, who keeps what others lose. ", large/42)
	for i := range n {
		fmt.Fprintf(w, `{"id":"r-%d","messages":[{"role":"user","content":"What is number %d?"},{"role":"assistant","content":"It is %d.%s"}],"meta":{"score":%d}`, i, i, i, strings.Repeat(" So it is, and no other.", i%30), i%5)
		if i%10 == 0 {
			fmt.Fprintf(w, `,"steps":[{"step_id":"answer-0","model":"pell","messages":[{"role":"system","content":"%s"},{"role":"user","content":"What is number %d?"}],"response":"It is %d."}]`, prompt, i, i)
		}
		fmt.Fprintln(w, "}")
	}
	if err := w.Flush(); err != nil {
		tb.Fatal(err)
	}
	if err := f.Close(); err != nil {
		tb.Fatal(err)
	}
}

const largeTarget = "training/data/behaviour"

// The goals are 300 ms for the first page of 100,000 rows and 50 ms for a further
// one. BenchmarkPagesOverHTTP measures; the bounds here are wide, because tests
// run beside others, and would not hold if a page read the whole file.
func TestPagesOfManyRowsAreFastOverHTTP(t *testing.T) {
	root := project(t)
	build(t, root, "behaviour")
	writeLarge(t, root, 100_000, 2_000)
	_, get := served(t, root)
	get("/")
	text, took := get("/t/" + largeTarget)
	if !strings.Contains(text, "What is number 49?") || took > 1500*time.Millisecond {
		t.Errorf("the first page took %v, or does not hold its rows", took)
	}
	for range 100 { // until all is known
		if text, _ = get("/rows/" + largeTarget); !strings.Contains(text, "known so far") {
			break
		}
	}
	for path, holds := range map[string]string{
		"/rows/" + largeTarget + "?page=1999":               "What is number 99949?",
		"/rows/" + largeTarget + "?sort=length&page=1000":   "page 1,000 of 2,000",
		"/r/" + largeTarget + "?id=r-99990&n=99990":         "You are Pell, who keeps what others lose",
		"/r/" + largeTarget + "?id=r-99990&sort=length&n=7": "You are Pell, who keeps what others lose",
	} {
		get(path) // a search is made once
		text, took := get(path)
		if !strings.Contains(text, holds) || took > 250*time.Millisecond {
			t.Errorf("%s took %v, or does not hold %q", path, took, holds)
		}
	}
}

// BenchmarkPagesOverHTTP measures what a browser waits for: 100,000 rows, every
// tenth with the requests that made it and a system prompt of 16 KB.
func BenchmarkPagesOverHTTP(b *testing.B) {
	root := project(b)
	build(b, root, "behaviour")
	writeLarge(b, root, 100_000, 16_000)
	b.Run("first page", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			studio, get := served(b, root)
			get("/")
			b.StartTimer()
			get("/t/" + largeTarget)
			b.StopTimer()
			studio.Close()
			b.StartTimer()
		}
	})
	_, get := served(b, root)
	for range 200 {
		if text, _ := get("/rows/" + largeTarget); !strings.Contains(text, "known so far") {
			break
		}
	}
	n := 0
	for _, p := range []struct{ name, path string }{
		{"next page", "/rows/" + largeTarget + "?page=%d"},
		{"next sorted page", "/rows/" + largeTarget + "?sort=length&page=%d"},
		{"record", "/r/" + largeTarget + "?id=r-%d&n=%[1]d"},
	} {
		b.Run(p.name, func(b *testing.B) {
			for b.Loop() {
				n += 37
				get(fmt.Sprintf(p.path, n%2000))
			}
		})
	}
}
