package dispatch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/identity-shaping/isf/cache"
)

func TestMain(m *testing.M) {
	if err := warm(); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// warm lets the cache make what it makes once in a process. Inside a bubble of synctest its channels
// would belong to that bubble, and the next test could not use them.
func warm() error {
	dir, err := os.MkdirTemp("", "isf-warm-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	store, err := cache.Open(dir, cache.Options{})
	if err != nil {
		return err
	}
	r := &Request{Model: &Model{Provider: "sim", ID: "m"}, Messages: []Message{{Role: "user", Content: "Hi"}}}
	fs, err := r.Fields()
	if err != nil {
		return err
	}
	return errors.Join(store.Put(&cache.Entry{Fields: fs, Text: strings.Repeat("Hi. ", 1000)}), store.Close())
}

const testKey = "sk-test-0123456789abcdef0123456789"

// testClock stands still but for those who sleep, which takes it no time.
type testClock struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
}

func newClock() *testClock {
	return &testClock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.slept = append(c.slept, d)
	c.now = c.now.Add(d)
	return ctx.Err()
}

// fixture is a dispatcher with what a test wants to look at.
type fixture struct {
	*Dispatcher
	clock *testClock
	store *cache.Store

	mu     sync.Mutex
	events []Event
}

func (f *fixture) heard() []Event {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.events
}

// open makes a dispatcher on an empty store; change adjusts its options.
func open(t *testing.T, change func(*Options)) *fixture {
	t.Helper()
	store, err := cache.Open(t.TempDir(), cache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{clock: newClock(), store: store}
	o := Options{
		Store: store, Workers: 4, Clock: f.clock, Rand: func() float64 { return 0.5 }, Engine: "test",
		Getenv: func(name string) string { return map[string]string{"TEST_KEY": testKey}[name] },
		Commit: func() string { return "c0ffee" },
		Event: func(e Event) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.events = append(f.events, e)
		},
	}
	if change != nil {
		change(&o)
	}
	if f.Dispatcher, err = New(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		f.Close()
		store.Close()
	})
	return f
}

// serve starts a server and returns a model that it answers for.
func serve(t *testing.T, h http.HandlerFunc) *Model {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return &Model{Name: "m", Provider: "openrouter", ID: "org/m", BaseURLs: []string{s.URL + "/v1"}, APIKeyEnv: "TEST_KEY", SysPrompt: "Be brief.", Timeouts: Timeouts{Total: 10 * time.Second}}
}

func ask(f *fixture, m *Model, text string) (*Reply, error) {
	return f.Ask(context.Background(), &Request{Model: m, Messages: user(text)})
}

// completion is an ordinary reply.
func completion(text string) string {
	q, _ := json.Marshal(text)
	return fmt.Sprintf(`{"id":"x","object":"chat.completion","model":"org/m-2026","choices":[{"index":0,"message":{"role":"assistant","content":%s},"finish_reason":"stop"}],`+
		`"usage":{"prompt_tokens":11,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":5},"completion_tokens_details":{"reasoning_tokens":3},"cost":0.00012345}}`, q)
}

func replyWith(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestAnAnswerIsStoredAndAskedForOnce(t *testing.T) {
	var sent http.Header
	var body []byte
	requests := 0
	m := serve(t, func(w http.ResponseWriter, r *http.Request) {
		requests++
		sent = r.Header.Clone()
		body, _ = io.ReadAll(r.Body)
		if r.URL.Path != "/v1/chat/completions" {
			t.Errorf("path is %s", r.URL.Path)
		}
		replyWith(200, completion("Hello."))(w, r)
	})
	f := open(t, nil)
	var tally Tally
	r := &Request{Model: m, Messages: user("Hi"), Tally: &tally}
	got, err := f.Ask(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	e := got.Entry
	want := cache.Usage{Known: true, Prompt: 11, Completion: 7, CachedPrompt: 5, Reasoning: 3}
	if e.Text != "Hello." || e.Finish != "stop" || e.Usage != want || !e.CostKnown || e.CostNano != 123450 ||
		e.ModelResolved != "org/m-2026" || e.Commit != "c0ffee" || e.Engine != "test" || string(e.Raw) != completion("Hello.") {
		t.Errorf("entry is %+v", e)
	}
	if got.Hit || got.Tries != 1 {
		t.Errorf("hit %v after %d tries, want a miss after one", got.Hit, got.Tries)
	}
	fs, _ := r.Fields()
	if wantBody, _ := Body(m.row(), fs); string(body) != string(wantBody) {
		t.Errorf("sent %s, want %s", body, wantBody)
	}
	if got := sent.Get("Idempotency-Key"); got != fs.Key().String() {
		t.Errorf("idempotency key %s, want %s", got, fs.Key())
	}
	if got := sent.Get("Authorization"); got != "Bearer "+testKey {
		t.Errorf("authorization %q", got)
	}
	again, err := f.Ask(context.Background(), r)
	if err != nil || !again.Hit || again.Entry.Text != "Hello." || requests != 1 {
		t.Errorf("second time: %+v, %v after %d requests, want a hit", again, err, requests)
	}
	if tally.Total.Load() != 2 || tally.Hits.Load() != 1 || tally.Sent.Load() != 1 || tally.CostNano.Load() != 123450 || tally.Prompt.Load() != 11 {
		t.Errorf("tally %d total, %d hits, %d sent", tally.Total.Load(), tally.Hits.Load(), tally.Sent.Load())
	}
}

func TestHitsNeedNeitherKeyNorNetwork(t *testing.T) {
	m := serve(t, replyWith(200, completion("Hello.")))
	f := open(t, nil)
	if _, err := ask(f, m, "Hi"); err != nil {
		t.Fatal(err)
	}
	offline, err := New(Options{Store: f.store, Offline: true})
	if err != nil {
		t.Fatal(err)
	}
	defer offline.Close()
	r, err := offline.Ask(context.Background(), &Request{Model: m, Messages: user("Hi")})
	if err != nil || !r.Hit {
		t.Errorf("got %+v, %v, want a hit", r, err)
	}
	f.Stop(nil)
	if r, err := ask(f, m, "Hi"); err != nil || !r.Hit {
		t.Errorf("after Stop: got %+v, %v, want a hit", r, err)
	}
}
