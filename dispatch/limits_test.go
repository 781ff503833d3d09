package dispatch

import (
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// arrivals notes when requests come, and answers at once.
type arrivals struct {
	mu sync.Mutex
	at []time.Time
}

func (a *arrivals) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	a.at = append(a.at, time.Now())
	a.mu.Unlock()
	replyWith(200, completion("Hi"))(w, r)
}

// busiest is how many came in the busiest minute.
func (a *arrivals) busiest() (most int) {
	for i := range a.at {
		n := 0
		for _, t := range a.at[i:] {
			if t.Before(a.at[i].Add(time.Minute)) {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

func TestNoMinuteHasMoreThanIsConfigured(t *testing.T) {
	tests := []struct {
		name   string
		limits Limits
		n      int
		most   int
		took   time.Duration
	}{
		{"below the limit nothing waits", Limits{RPM: 60}, 60, 60, 0},
		{"requests", Limits{RPM: 60}, 300, 60, 4 * time.Minute},
		{"one a minute", Limits{RPM: 1}, 4, 1, 3 * time.Minute},
		{"tokens, 18 for each", Limits{TPM: 180}, 30, 10, 2 * time.Minute},
		{"tokens for less than one", Limits{TPM: 5}, 3, 1, 2 * time.Minute},
		{"the tighter of both", Limits{RPM: 100, TPM: 180}, 30, 10, 2 * time.Minute},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &arrivals{}
				f := simulated(t, s, 50)
				m := &Model{Name: "sim", Provider: "sim", ID: "m", Limits: tt.limits, Sampling: Sampling{MaxTokens: 17}}
				if tt.limits.TPM > 0 {
					askMany(t, f, m, 1, nil) // the first of the n: what an answer takes is known then
				}
				start := time.Now()
				askMany(t, f, m, tt.n, nil)
				if took := time.Since(start).Round(time.Second); took != tt.took || s.busiest() > tt.most {
					t.Errorf("took %s with %d in the busiest minute, want %s with at most %d", took, s.busiest(), tt.took, tt.most)
				}
			})
		})
	}
}

func TestEndpointsOfAPoolHaveLimitsOfTheirOwn(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	f := open(t, nil)
	m := &Model{Provider: "local", ID: "m", BaseURLs: []string{"http://127.0.0.1:1/v1", "http://127.0.0.1:2/v1"}, Limits: Limits{RPM: 1}}
	places, fatal := f.placesOf(m)
	if fatal != nil || len(places) != 2 {
		t.Fatal(fatal)
	}
	first := f.gate.least(places)
	first.lane.window.send(now, 0)
	f.clock.now = now
	if second := f.gate.least(places); second == first {
		t.Error("the endpoint that has to wait is taken again, want the other one")
	}
}

// TestWhatHeadersSayOfLimits lets a reply over HTTP tell of limits, and looks how long its lane is quiet.
func TestWhatHeadersSayOfLimits(t *testing.T) {
	tests := []struct {
		name    string
		headers map[string]string
		want    time.Duration
	}{
		{"nothing", nil, 0},
		{"room enough", map[string]string{"x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "59", "x-ratelimit-reset-requests": "1s"}, 0},
		{"OpenAI: no request left", map[string]string{"x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m0s"}, time.Second},
		{"OpenAI: a few milliseconds", map[string]string{"x-ratelimit-limit-requests": "500", "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "120ms"}, 240 * time.Microsecond},
		{"OpenAI: too few tokens", map[string]string{"x-ratelimit-limit-tokens": "1008", "x-ratelimit-remaining-tokens": "8", "x-ratelimit-reset-tokens": "1m40s"}, time.Second},
		{"Groq: requests of a day", map[string]string{"x-ratelimit-limit-requests": "14400", "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "24h0m0s"}, 6 * time.Second},
		{"Anthropic: no request left", map[string]string{"anthropic-ratelimit-requests-limit": "50", "anthropic-ratelimit-requests-remaining": "0", "anthropic-ratelimit-requests-reset": "2026-03-01T12:01:00Z"}, 1200 * time.Millisecond},
		{"Anthropic: no tokens left", map[string]string{"anthropic-ratelimit-tokens-limit": "1800", "anthropic-ratelimit-tokens-remaining": "0", "anthropic-ratelimit-tokens-reset": "2026-03-01T12:01:40Z"}, time.Second},
		{"Anthropic: too few tokens of prompts", map[string]string{"anthropic-ratelimit-input-tokens-limit": "1001", "anthropic-ratelimit-input-tokens-remaining": "1", "anthropic-ratelimit-input-tokens-reset": "2026-03-01T12:01:40Z"}, time.Second},
		{"Anthropic: too few tokens of answers", map[string]string{"anthropic-ratelimit-output-tokens-limit": "700", "anthropic-ratelimit-output-tokens-remaining": "0", "anthropic-ratelimit-output-tokens-reset": "2026-03-01T12:01:40Z"}, time.Second},
		{"Anthropic: tokens enough of both", map[string]string{"anthropic-ratelimit-input-tokens-limit": "1000", "anthropic-ratelimit-input-tokens-remaining": "11", "anthropic-ratelimit-input-tokens-reset": "2026-03-01T12:01:40Z", "anthropic-ratelimit-output-tokens-limit": "700", "anthropic-ratelimit-output-tokens-remaining": "7", "anthropic-ratelimit-output-tokens-reset": "2026-03-01T12:01:40Z"}, 0},
		{"OpenRouter: the window is empty", map[string]string{"X-RateLimit-Limit": "20", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1772366430000"}, 30 * time.Second},
		{"a window in seconds", map[string]string{"X-RateLimit-Limit": "20", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1772366430"}, 30 * time.Second},
		{"the longest counts", map[string]string{"x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "60", "X-RateLimit-Limit": "20", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9"}, 9 * time.Second},
		{"the past", map[string]string{"X-RateLimit-Limit": "20", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1672366430000"}, 0},
		{"nonsense", map[string]string{"x-ratelimit-limit-requests": "many", "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1s"}, 0},
		{"no limit", map[string]string{"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1s"}, 0},
		{"a reset nobody can read", map[string]string{"x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "soon"}, 0},
		{"more than there can be", map[string]string{"X-RateLimit-Limit": "1e300", "X-RateLimit-Remaining": "-1e300", "X-RateLimit-Reset": "1e300"}, DefaultLongestWait},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := serve(t, func(w http.ResponseWriter, r *http.Request) {
				for name, value := range tt.headers {
					w.Header().Set(name, value)
				}
				replyWith(200, completion("Hi"))(w, r)
			})
			f := open(t, nil)
			if _, err := ask(f, m, "Hi"); err != nil {
				t.Fatal(err)
			}
			places, _ := f.placesOf(m)
			got := max(0, places[0].lane.pauseTill.Sub(f.clock.Now()))
			if got != tt.want {
				t.Errorf("the lane is quiet for %s, want %s", got, tt.want)
			}
		})
	}
}

// TestARefusalWithoutRetryAfterHeedsTheWindow is OpenRouter's daily limit: a wait for midnight.
func TestARefusalWithoutRetryAfterHeedsTheWindow(t *testing.T) {
	m := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-RateLimit-Limit", "50")
		w.Header().Set("X-RateLimit-Remaining", "0")
		w.Header().Set("X-RateLimit-Reset", "1772409600000")
		replyWith(429, `{"error":{"message":"Rate limit exceeded: free-models-per-day","code":429}}`)(w, r)
	})
	_, err := ask(open(t, nil), m, "Hi")
	want := "openrouter asks to wait 12 h; run the same command after 00:00"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	f := open(t, func(o *Options) { o.LongestWait, o.MaxTries = 13*time.Hour, 2 })
	if _, err := ask(f, m, "Hi"); err == nil || f.clock.Now().Sub(newClock().now) < 12*time.Hour {
		t.Errorf("with more patience: got %v after %s, want a wait until midnight", err, f.clock.Now().Sub(newClock().now))
	}
}
