// Package sim is a simulated OpenAI-compatible model: it needs no key, no
// network and no weights, and answers well enough to run a whole project.
//
// An answer is a function of what the request means (its messages and model),
// of its Idempotency-Key, and of the seed: the same three give the same bytes
// on every machine, and another draw, attempt or reroll, which all change the
// key, gives another answer. Faults (errors, refusals, hangs) follow the order
// of arrival instead, so that a request that failed may succeed when repeated.
//
// Nothing here passes for a real model: every reply names its model "sim/…".
package sim

import (
	"net/http"
	"time"
)

// Options say how the simulated model behaves. The zero value answers at once
// and never fails. A rate is a fraction of requests between 0 and 1.
type Options struct {
	Latency time.Duration // before each answer
	Jitter  time.Duration // up to this much more or less, uniformly; the mean stays

	ErrorRate    float64 // answered 500, 502 or 503
	RateLimit    float64 // answered 429
	HangRate     float64 // never answered; the connection stays until the client goes
	TruncateRate float64 // cut short with finish reason "length"
	CutRate      float64 // 200, but the body ends in the middle

	RetryAfter   time.Duration // sent with every 429; 0 sends no header
	Capacity     int           // requests in flight above which it answers 429; 0 is no limit
	Unauthorized bool          // answers 401 to everybody

	Reword bool   // facts are worded differently per key and seed
	Seed   uint64 // another seed is another model
}

// A Server answers requests. It is an http.Handler and safe for many
// goroutines; it starts none.
type Server struct {
	o    Options
	mind *mind
	luck *luck
	tally
	mux *http.ServeMux
}

// New returns a Server that behaves as o says.
func New(o Options) *Server {
	s := &Server{o: o, mind: newMind(o), luck: &luck{seed: o.Seed}, mux: http.NewServeMux()}
	s.mux.HandleFunc("POST /v1/chat/completions", s.complete)
	s.mux.HandleFunc("POST /chat/completions", s.complete)
	s.mux.HandleFunc("GET /v1/models", s.models)
	s.mux.HandleFunc("GET /models", s.models)
	s.mux.HandleFunc("GET /stats", s.showStats)
	s.mux.HandleFunc("POST /stats/reset", s.resetStats)
	s.mux.HandleFunc("/", s.unknown)
	return s
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }
