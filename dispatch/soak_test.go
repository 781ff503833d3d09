package dispatch

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/identity-shaping/isf/cache"
)

// faulty is a server that refuses 5% of what comes, breaks on 2%, cuts 1% of its replies short and lets 0.5%
// hang. A repeated request has the same chances as a new one.
type faulty struct {
	came, open atomic.Int64
	mu         sync.Mutex
	served     map[string]int // whole answers, by idempotency key
}

func (f *faulty) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	n := f.came.Add(1) * 7919 % 1000 // every thousand requests meet each fault in its share
	switch {
	case n < 50:
		w.WriteHeader(http.StatusTooManyRequests)
		return
	case n < 70:
		w.WriteHeader(http.StatusInternalServerError)
		return
	case n < 80:
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, `{"choices":[{"mess`)
		return
	case n < 85:
		<-r.Context().Done()
		return
	}
	time.Sleep(5 * time.Millisecond)
	f.mu.Lock()
	f.served[r.Header.Get("Idempotency-Key")]++
	f.mu.Unlock()
	_, question, _ := strings.Cut(string(body), "Question ")
	question, _, _ = strings.Cut(question, "?")
	_, _ = io.WriteString(w, completion("Answer "+question))
}

// TestSoak asks ISF_SOAK questions, 1,000 if it is not set.
func TestSoak(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("ISF_SOAK"))
	if err != nil {
		n = 1000
	}
	before := runtime.NumGoroutine()
	f := &faulty{served: map[string]int{}}
	s := httptest.NewUnstartedServer(f)
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			f.open.Add(1)
		case http.StateClosed, http.StateHijacked:
			f.open.Add(-1)
		}
	}
	s.Start()
	dir := filepath.Join(t.TempDir(), ".isf")
	tally, sockets := soak(t, s.URL, dir, n, f)
	s.Close()

	if got := tally.Sent.Load(); got != f.came.Load() || got != int64(n)+tally.Retries.Load() {
		t.Errorf("%d sent, %d retries, %d came to the server; want %d and the retries in each", got, tally.Retries.Load(), f.came.Load(), n)
	}
	twice := 0
	for _, times := range f.served {
		if times > 1 {
			twice++
		}
	}
	if len(f.served) != n || twice > 0 {
		t.Errorf("%d questions were answered, %d of them twice; want each of %d once", len(f.served), twice, n)
	}
	if sockets > 500*3/2 { // one that was broken off is gone here before the server knows
		t.Errorf("%d sockets at once, want about as many as workers", sockets)
	}
	for range 100 { // goroutines of net/http end a moment after their connections
		if runtime.NumGoroutine() <= before {
			return
		}
		runtime.Gosched()
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines are left, there were %d", runtime.NumGoroutine(), before)
}

// soak asks, and asks again from the store alone.
func soak(t *testing.T, url, dir string, n int, f *faulty) (*Tally, int64) {
	store, err := cache.Open(dir, cache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	// A server that refuses one in twenty, whatever comes, keeps each lane to a few tries at once; many
	// lanes put many on the wire. Busy machines have seconds in which nothing moves, and a whole answer must
	// not come too late: it would be asked for twice.
	models, patience := make([]*Model, 40), 5*time.Second
	for i := range models {
		models[i] = &Model{Name: fmt.Sprint("soak-", i), Provider: "local", ID: fmt.Sprint("soak-", i), BaseURLs: []string{url + "/v1"}, Timeouts: Timeouts{Total: patience}}
	}
	ask := func(o Options) (*Tally, int64) {
		o.Store, o.Workers, o.MaxTries, o.Getenv = store, 500, 10, os.Getenv
		d, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		var tally Tally
		var next, sockets atomic.Int64
		var heaps [2]uint64
		began := time.Now()
		look := func(when string) uint64 {
			size := heap()
			t.Logf("%s: %d goroutines, %d sockets, heap %.1f MB, after %d s", when, runtime.NumGoroutine(), f.open.Load(), float64(size)/(1<<20), int(time.Since(began).Seconds()))
			return size
		}
		look("at the start")
		together(600, func(int) {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				r, err := d.Ask(context.Background(), &Request{Model: models[int(i)%len(models)], Messages: user(fmt.Sprintf("Question %d?", i)), Tally: &tally})
				if err != nil || r.Entry.Text != fmt.Sprintf("Answer %d", i) {
					t.Errorf("question %d: %v, %v", i, r, err)
				}
				sockets.Store(max(sockets.Load(), f.open.Load()))
				if i == int64(n/2) {
					heaps[0] = look("in the middle")
				}
			}
		})
		heaps[1] = look("at the end")
		t.Logf("%d requests, %d tries, %d sockets at most", n, tally.Sent.Load(), sockets.Load())
		if heaps[1] > heaps[0]+32<<20+uint64(100*n) { // the server remembers a hundred bytes of each
			t.Errorf("the heap grew from %d to %d bytes in the second half", heaps[0], heaps[1])
		}
		return &tally, sockets.Load()
	}
	tally, sockets := ask(Options{})
	if again, _ := ask(Options{Offline: true}); again.Hits.Load() != int64(n) {
		t.Errorf("%d of %d answers are in the store", again.Hits.Load(), n)
	}
	return tally, sockets
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestALongPromptIsKeptOnce asks 2,000 questions under a prompt of 550 KB: what each allocates, at both ends
// of the wire, is far less than the prompt, and the store holds it once.
func TestALongPromptIsKeptOnce(t *testing.T) {
	const n = 2000
	prompt := strings.Repeat("You answer plainly, \"as you are\", and say what you do not know.\n", 550<<10/66)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, completion("Yes."))
	}))
	defer s.Close()
	dir := filepath.Join(t.TempDir(), ".isf")
	store, err := cache.Open(dir, cache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	d, err := New(Options{Store: store, Workers: 50, Getenv: os.Getenv})
	if err != nil {
		t.Fatal(err)
	}
	m := &Model{Provider: "local", ID: "long", BaseURLs: []string{s.URL + "/v1"}, SysPrompt: prompt}
	var from, to runtime.MemStats
	runtime.ReadMemStats(&from)
	together(100, func(caller int) {
		for i := range n / 100 {
			if _, err := d.Ask(context.Background(), &Request{Model: m, Messages: user(fmt.Sprintf("Question %d of %d?", i, caller))}); err != nil {
				t.Error(err)
			}
		}
	})
	runtime.ReadMemStats(&to)
	d.Close()
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, "cache.db"))
	if err != nil {
		t.Fatal(err)
	}
	each := (to.TotalAlloc - from.TotalAlloc) / n
	t.Logf("%d KB allocated per request, %d MB of heap taken from the system, %d KB of store", each>>10, to.HeapSys>>20, info.Size()>>10)
	if each > uint64(len(prompt))/2 {
		t.Errorf("a request allocated %d bytes, want at most half of the prompt's %d", each, len(prompt))
	}
	if most := int64(len(prompt) + n*4<<10); info.Size() > most {
		t.Errorf("the store has %d bytes, want at most %d: the prompt once", info.Size(), most)
	}
}
