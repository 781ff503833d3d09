package dispatch

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A quota is what one header family of a reply says: how much is left, and when it is whole again.
type quota struct {
	limit, remaining float64
	reset            time.Duration
	need             float64 // what the next request takes of it
	window           bool    // it comes back all at once, not bit by bit
}

// headroom is how long the next request has to wait by what a reply says of the provider's limits, 0
// where it fits, or where nothing is said. It is taken to need as many tokens as the one that was answered.
func headroom(h http.Header, now time.Time, prompt, tokens int64) (wait time.Duration) {
	for _, f := range []struct {
		limit, remaining, reset string // in canonical form, as h has them
		need                    float64
		window                  bool
	}{
		{"X-Ratelimit-Limit-Requests", "X-Ratelimit-Remaining-Requests", "X-Ratelimit-Reset-Requests", 1, false}, // OpenAI, Groq, Together, …
		{"X-Ratelimit-Limit-Tokens", "X-Ratelimit-Remaining-Tokens", "X-Ratelimit-Reset-Tokens", float64(max(tokens, 1)), false},
		{"Anthropic-Ratelimit-Requests-Limit", "Anthropic-Ratelimit-Requests-Remaining", "Anthropic-Ratelimit-Requests-Reset", 1, false},
		{"Anthropic-Ratelimit-Tokens-Limit", "Anthropic-Ratelimit-Tokens-Remaining", "Anthropic-Ratelimit-Tokens-Reset", float64(max(tokens, 1)), false},
		{"Anthropic-Ratelimit-Input-Tokens-Limit", "Anthropic-Ratelimit-Input-Tokens-Remaining", "Anthropic-Ratelimit-Input-Tokens-Reset", float64(max(prompt, 1)), false},
		{"Anthropic-Ratelimit-Output-Tokens-Limit", "Anthropic-Ratelimit-Output-Tokens-Remaining", "Anthropic-Ratelimit-Output-Tokens-Reset", float64(max(tokens-prompt, 1)), false},
		{"X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset", 1, true}, // OpenRouter
	} {
		if h[f.remaining] == nil {
			continue
		}
		q := quota{need: f.need, window: f.window}
		var err, err2 error
		q.limit, err = strconv.ParseFloat(h.Get(f.limit), 64)
		q.remaining, err2 = strconv.ParseFloat(h.Get(f.remaining), 64)
		q.reset = resetIn(h.Get(f.reset), now)
		if err == nil && err2 == nil {
			wait = max(wait, q.wait())
		}
	}
	return wait
}

func (q quota) wait() time.Duration {
	switch missing := q.limit - q.remaining; {
	case q.remaining >= q.need || q.reset <= 0 || missing <= 0:
		return 0
	case q.window:
		return q.reset
	default:
		return seconds(min(1, (q.need-q.remaining)/missing) * q.reset.Seconds())
	}
}

// resetIn reads a time to come: 6m0s, seconds, a date, or an epoch in seconds or milliseconds.
func resetIn(v string, now time.Time) time.Duration {
	v = strings.TrimSpace(v)
	if d, err := time.ParseDuration(v); err == nil {
		return d
	}
	if t, err := time.Parse(time.RFC3339, v); err == nil {
		return t.Sub(now)
	}
	n, err := strconv.ParseFloat(v, 64)
	switch {
	case err != nil:
		return 0
	case n > 1e11:
		return time.UnixMilli(int64(min(n, 1e15))).Sub(now)
	case n > 1e8:
		return time.Unix(int64(n), 0).Sub(now)
	}
	return seconds(max(n, 0))
}
