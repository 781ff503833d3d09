package dispatch

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

const (
	firstWait = time.Second
	mostWait  = time.Minute
	// DefaultLongestWait is what a person will wait for without being told. A provider that asks for
	// more ends the build, which keeps what it has.
	DefaultLongestWait = 15 * time.Minute
	// mostRefusals bounds, in tries, a request that is refused again and again while others are
	// answered: it may be one that the provider will never take.
	mostRefusals = 10
	// lately is how long after an answer a refusal is only a matter of waiting: limits are by the minute, and some
	// who refuse do not say how long it lasts.
	lately = 90 * time.Second
	// patientSteps keeps the wait of such a request short. It is the lane that slows down.
	patientSteps = 3
)

// backoff is how long to wait after so many tries: somewhere between nothing and twice as long as
// the time before ("full jitter"), so that requests that failed together do not come back together.
func backoff(tries int, rand float64) time.Duration {
	most := mostWait
	if tries < 7 {
		most = min(mostWait, firstWait<<(tries-1))
	}
	return time.Duration(rand * float64(most))
}

// retryAfter is how long a server asks to be left alone, 0 if it does not say.
func retryAfter(h http.Header, now time.Time) time.Duration {
	if ms, err := strconv.ParseFloat(h.Get("Retry-After-Ms"), 64); err == nil && ms > 0 {
		return seconds(ms / 1000)
	}
	v := h.Get("Retry-After")
	if s, err := strconv.ParseFloat(v, 64); err == nil && s > 0 {
		return seconds(s)
	}
	if t, err := http.ParseTime(v); err == nil && t.After(now) {
		return t.Sub(now)
	}
	return 0
}

// seconds keeps what a server says within what a Duration can hold.
func seconds(s float64) time.Duration {
	return time.Duration(min(s, (1000*time.Hour).Seconds()) * float64(time.Second))
}

type realClock struct{}

func (realClock) Now() time.Time { return time.Now() }

func (realClock) Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
