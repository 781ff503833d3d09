package sim

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// many sends n different requests and returns how many got each status; 0
// stands for an answer that broke off.
func many(c *client, n int) map[int]int {
	got := map[int]int{}
	for range n {
		status, _, _, err := c.post(conversation("", "What is rain?"), "")
		if err != nil {
			status = 0
		}
		got[status]++
	}
	return got
}

func TestFaultsComeAtTheirRates(t *testing.T) {
	for _, tc := range []struct {
		name     string
		o        Options
		statuses []int // which share the rate
		rate     float64
	}{
		{"errors", Options{ErrorRate: 0.3}, []int{500, 502, 503}, 0.3},
		{"all errors", Options{ErrorRate: 1}, []int{500, 502, 503}, 1},
		{"rate limits", Options{RateLimit: 0.3, Seed: 2}, []int{429}, 0.3},
		{"cut bodies", Options{CutRate: 0.3}, []int{0}, 0.3},
		{"unauthorized", Options{Unauthorized: true}, []int{401}, 1},
		{"none", Options{}, []int{200}, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, _ := start(t, tc.o)
			got, n := many(c, 300), 0
			for _, s := range tc.statuses {
				n += got[s]
			}
			if rate := float64(n) / 300; rate < tc.rate-0.1 || rate > tc.rate+0.1 {
				t.Errorf("got %v of 300, want %v at a rate of %.1f", got, tc.statuses, tc.rate)
			}
		})
	}
}

func TestTheSameSeedFailsInTheSameOrder(t *testing.T) {
	order := func() (out []int) {
		c, _ := start(t, Options{ErrorRate: 0.5, Seed: 9})
		for range 20 {
			status, _, _, _ := c.post(conversation("", "What is rain?"), "k")
			out = append(out, status)
		}
		return out
	}
	a, b := order(), order()
	for i := range a {
		if a[i] != b[i] {
			t.Fatalf("got %v and %v, want the same order", a, b)
		}
	}
}

func TestTruncationBelongsToTheAnswer(t *testing.T) {
	c, _ := start(t, Options{TruncateRate: 0.5})
	seen := map[string]int{}
	for _, key := range strings.Fields("a b c d e f g h i j k l m n o p q r s t") {
		first := c.ask("", "What is rain?", key).Choices[0]
		if again := c.ask("", "What is rain?", key).Choices[0]; again.Finish != first.Finish {
			t.Errorf("key %s got %q, then %q", key, first.Finish, again.Finish)
		}
		seen[first.Finish]++
	}
	if seen["length"] < 4 || seen["stop"] < 4 {
		t.Errorf("got %v, want about half of 20 truncated", seen)
	}
}

func TestA429SaysWhenToComeBack(t *testing.T) {
	c, _ := start(t, Options{RateLimit: 1, RetryAfter: 1500 * time.Millisecond})
	status, header, body, _ := c.post(conversation("", "What is rain?"), "")
	if status != 429 || header.Get("Retry-After") != "2" || header.Get("Retry-After-Ms") != "1500" {
		t.Errorf("got %d %s with %q and %q", status, body, header.Get("Retry-After"), header.Get("Retry-After-Ms"))
	}
	c, _ = start(t, Options{RateLimit: 1})
	if _, header, _, _ = c.post(conversation("", "What is rain?"), ""); header.Get("Retry-After") != "" {
		t.Errorf("got Retry-After %q, want none", header.Get("Retry-After"))
	}
}

func TestLatencyAndJitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{Latency: time.Second, Jitter: 500 * time.Millisecond})
		seen := map[time.Duration]bool{}
		for range 10 {
			began := time.Now()
			s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/v1/chat/completions", strings.NewReader(conversation("", "What is rain?"))))
			took := time.Since(began)
			if took < 500*time.Millisecond || took > 1500*time.Millisecond {
				t.Errorf("got an answer after %v, want 0.5s to 1.5s", took)
			}
			seen[took] = true
		}
		if len(seen) < 5 {
			t.Errorf("got %d different latencies of 10", len(seen))
		}
	})
}

func TestCapacityRefusesWhatIsTooMuch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{Latency: time.Second, Capacity: 3})
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/chat/completions", strings.NewReader(conversation("", "What is rain?"))))
			})
		}
		wg.Wait()
		got := s.Stats()
		if got.ByStatus[200] != 3 || got.ByStatus[429] != 2 {
			t.Errorf("got %v, want 3 answers and 2 refusals", got.ByStatus)
		}
	})
}

func TestAHangLastsUntilTheClientGoes(t *testing.T) {
	c, s := start(t, Options{HangRate: 1})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		req, _ := http.NewRequestWithContext(ctx, "POST", c.url+"/v1/chat/completions", strings.NewReader(conversation("", "What is rain?")))
		_, err := c.Do(req)
		done <- err
	}()
	until(t, "the request hangs", func() bool { return s.Stats().InFlight == 1 })
	cancel()
	if err := <-done; err == nil {
		t.Error("got an answer, want none")
	}
	until(t, "the request is gone", func() bool { return s.Stats().InFlight == 0 })
	if got := s.Stats(); got.AnswersServed != 0 || got.Requests != 1 {
		t.Errorf("got %+v, want one request and no answer", got)
	}
}

// until waits for what another goroutine will make true.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for !is() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

func TestServeEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	addr := make(chan net.Addr, 1)
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, "127.0.0.1:0", Options{HangRate: 1}, func(a net.Addr) { addr <- a }) }()
	url := "http://" + (<-addr).String()
	hung := make(chan error, 1)
	go func() {
		resp, err := http.Post(url+"/v1/chat/completions", "application/json", strings.NewReader(conversation("", "What is rain?")))
		if err == nil {
			resp.Body.Close()
		}
		hung <- err
	}()
	until(t, "the request hangs", func() bool {
		resp, err := http.Get(url + "/stats")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		body := make([]byte, 500)
		n, _ := resp.Body.Read(body)
		return strings.Contains(string(body[:n]), `"in_flight":1`)
	})
	cancel()
	if err := <-done; err != nil {
		t.Errorf("got %v, want nil", err)
	}
	if err := <-hung; err == nil {
		t.Error("got an answer, want a closed connection")
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestServeRefusesOtherMachines(t *testing.T) {
	for _, addr := range []string{":8080", "0.0.0.0:0", "[::]:0", "192.0.2.1:80", "example.com:80", "8080"} {
		err := Serve(t.Context(), addr, Options{}, nil)
		if err == nil || !strings.Contains(err.Error(), "127.0.0.1") {
			t.Errorf("Serve(%q) got %v, want a sentence that names 127.0.0.1", addr, err)
		}
	}
	for _, addr := range []string{"127.0.0.1:0", "localhost:0", "[::1]:80"} {
		if err := loopback(addr); err != nil {
			t.Errorf("loopback(%q) got %v, want nil", addr, err)
		}
	}
}

func TestServeRefusesPagesOfOthers(t *testing.T) {
	for _, tc := range []struct {
		host, origin string
		want         int
	}{
		{"127.0.0.1:80", "", 200},
		{"localhost", "http://localhost:3000", 200},
		{"[::1]:80", "", 200},
		{"evil.example", "", 403},
		{"127.0.0.1", "https://evil.example", 403},
		{"127.0.0.1", "null", 403},
	} {
		r := httptest.NewRequest("GET", "/stats", nil)
		r.Host = tc.host
		if tc.origin != "" {
			r.Header.Set("Origin", tc.origin)
		}
		w := httptest.NewRecorder()
		localOnly(New(Options{})).ServeHTTP(w, r)
		if w.Code != tc.want {
			t.Errorf("host %q, origin %q got %d, want %d", tc.host, tc.origin, w.Code, tc.want)
		}
	}
}
