package view

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/identity-shaping/isf/internal/ctl"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/term"
)

// A hub tells open pages that something has changed. While nobody listens it
// looks at nothing.
type hub struct {
	s    *Studio
	ctx  context.Context
	stop context.CancelFunc

	mu    sync.Mutex
	paces map[paceKey]*pace // of the builds that run
}

// A pace is how fast a count grew since somebody looks.
type pace struct {
	term.Pace
	since time.Time
}

// A paceKey names something that a build counts: the records of a target, or
// what it has sent.
type paceKey struct {
	pid  int
	what string
}

func newHub(s *Studio) *hub {
	ctx, stop := context.WithCancel(context.Background())
	return &hub{s: s, ctx: ctx, stop: stop, paces: map[paceKey]*pace{}}
}

func (h *hub) close() { h.stop() }

// events streams what changes, as server-sent events: "changed" when targets
// did, "build" each second while one runs and once more when none does, and
// "builds" when one begins, ends, or is steered.
func (s *Studio) events(w http.ResponseWriter, r *http.Request) {
	h := s.hub
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	fmt.Fprint(w, "retry: 500\n\n") // another isf may take over in the time that it takes to start
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(h.ctx, cancel)()
	number, running, first := -1, "", true
	for {
		if now, err := s.survey(); err == nil && now.number != number {
			if number >= 0 {
				fmt.Fprintf(w, "event: changed\ndata: %d\n\n", now.number)
			}
			number = now.number
		}
		builds := h.builds(ctx)
		now := settings(builds)
		if len(builds) > 0 || now != running {
			fmt.Fprintf(w, "event: build\ndata: %d\n\n", len(builds))
		} else {
			fmt.Fprint(w, ": nothing new\n\n")
		}
		if now != running && !first {
			fmt.Fprintf(w, "event: builds\ndata: %d\n\n", len(builds))
		}
		running, first = now, false
		if out.Flush() != nil || !sleep(ctx, fresh) {
			return
		}
	}
}

// settings differ when a build begins, ends, or is steered.
func settings(builds []build) string {
	var text strings.Builder
	for _, b := range builds {
		fmt.Fprintf(&text, "%d %v %d %d;", b.pid, b.status.Paused, b.status.Workers, b.status.LimitNano)
	}
	return text.String()
}

// A build is how a process that builds is.
type build struct {
	pid     int
	problem string // why it cannot say
	status  engine.Status
	rates   map[string]float64 // per second, by target, and of "sent" and "tokens"
}

func (b build) rate(what string) float64 { return b.rates[what] }

// builds asks the builds of this project that run how they are.
func (h *hub) builds(ctx context.Context) (out []build) {
	answers, err := ctl.Call(ctx, h.s.o.Root, ctl.Request{Command: "status"})
	if err != nil && len(answers) == 0 {
		return nil
	}
	for _, a := range answers {
		b := build{pid: a.PID, problem: a.Error, rates: map[string]float64{}}
		if b.problem == "" {
			if err := json.Unmarshal(a.Status, &b.status); err != nil {
				b.problem = err.Error()
			}
		}
		out = append(out, b)
	}
	h.pace(out)
	return out
}

// pace notes what was counted, and forgets builds that are over.
func (h *hub) pace(builds []build) {
	h.mu.Lock()
	defer h.mu.Unlock()
	before, now := h.paces, time.Now()
	h.paces = map[paceKey]*pace{}
	for _, b := range builds {
		note := func(what string, count int64, seconds float64) {
			key := paceKey{b.pid, what}
			p := before[key]
			if p == nil {
				p = &pace{since: now}
			}
			h.paces[key] = p
			p.Add(now, count, 0)
			b.rates[what] = p.Rate()
			if now.Sub(p.since) < 2*fresh && seconds > 1 { // too short to tell: since it began
				b.rates[what] = float64(count) / seconds
			}
		}
		var sent, tokens int64
		longest := 0.0
		for _, t := range b.status.Targets {
			note(t.Target, t.Done, t.Seconds)
			sent, tokens = sent+t.Requests.Sent, tokens+t.Tokens.Prompt+t.Tokens.Completion
			longest = max(longest, t.Seconds)
		}
		note("sent", sent, longest)
		note("tokens", tokens, longest)
	}
}
