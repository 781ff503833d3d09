package dispatch

import (
	"errors"
	"fmt"

	"github.com/identity-shaping/isf/cache"
)

var (
	// ErrMiss means that an answer is not in the cache and nothing may be sent.
	ErrMiss = cache.ErrMiss
	// ErrStopped means that the dispatcher stopped before the request could be sent.
	ErrStopped = errors.New("stopped")
)

// A Miss is the ErrMiss of one request.
type Miss struct{ Ref cache.Ref }

func (m *Miss) Error() string {
	return fmt.Sprintf("no answer in the cache for key %s, and nothing may be sent", m.Ref.Key)
}

func (m *Miss) Is(target error) bool { return target == ErrMiss }

// A Fatal is trouble that no retry heals and that every later request would meet too:
// a missing key, no credit, an unknown model. It is one sentence for the person who can fix it.
type Fatal struct {
	Status  int    // HTTP status, 0 when nothing was sent
	Type    string // "missing_key", "unauthorized", "no_credit", "forbidden", "unknown_model", "base_url", "tls", "long_wait", "no_server", "no_price", "provider"
	Message string
	Then    string // what to do once the time has come, of "long_wait"
}

func (f *Fatal) Error() string {
	if f.Then != "" {
		return f.Message + "; " + f.Then
	}
	return f.Message
}

// NoPrice ends a build whose budget in USD nobody can hold, because nobody says what m costs.
func NoPrice(m *Model) *Fatal {
	return &Fatal{Type: "no_price", Message: fmt.Sprintf("nobody says what model %q costs, so no budget in USD can hold: give it a price in isf.yaml, or bound requests or tokens instead", m.Name)}
}

// A Failed is a request that got no answer, while others may.
type Failed struct {
	Status    int    // HTTP status of the last try, 0 when there was none
	Type      string // "rate_limited", "server_error", "timeout", "network", "no_choices", "bad_reply", "empty_reply", "moderated", "bad_request"
	Message   string
	Tries     int
	Transport bool // the fault lay on the way, so the next build should ask again
}

// OnTheWay says of a Failed's type that the fault lies on the way, so that no
// answer of the model is behind it.
func OnTheWay(kind string) bool {
	switch kind {
	case "rate_limited", "server_error", "timeout", "network", "no_choices", "bad_reply", "empty_reply":
		return true
	}
	return false
}

func (f *Failed) Error() string {
	if f.Tries > 1 {
		return fmt.Sprintf("%s (after %d tries)", f.Message, f.Tries)
	}
	return f.Message
}

// stopped is what Ask returns after a Stop: ErrStopped, and the cause.
type stopped struct{ cause error }

func (s *stopped) Error() string {
	if s.cause == nil {
		return ErrStopped.Error()
	}
	return "stopped: " + s.cause.Error()
}

func (s *stopped) Is(target error) bool { return target == ErrStopped }
func (s *stopped) Unwrap() error        { return s.cause }
