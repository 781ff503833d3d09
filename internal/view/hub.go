package view

import (
	"context"
	"fmt"
	"net/http"

	"github.com/identity-shaping/isf/internal/ctl"
)

// A hub tells open pages that something has changed. While nobody listens it
// looks at nothing.
type hub struct {
	s    *Studio
	ctx  context.Context
	stop context.CancelFunc
}

func newHub(s *Studio) *hub {
	ctx, stop := context.WithCancel(context.Background())
	return &hub{s: s, ctx: ctx, stop: stop}
}

func (h *hub) close() { h.stop() }

// events streams what changes, as server-sent events: "changed" when targets
// did, "build" each second while one runs and once more when none does.
func (s *Studio) events(w http.ResponseWriter, r *http.Request) {
	h := s.hub
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(h.ctx, cancel)()
	number, built := -1, false
	for {
		if now, err := s.survey(); err == nil && now.number != number {
			if number >= 0 {
				fmt.Fprintf(w, "event: changed\ndata: %d\n\n", now.number)
			}
			number = now.number
		}
		builds := s.builds(ctx)
		if len(builds) > 0 || built {
			fmt.Fprintf(w, "event: build\ndata: %d\n\n", len(builds))
		} else {
			fmt.Fprint(w, ": nothing new\n\n")
		}
		built = len(builds) > 0
		if out.Flush() != nil || !sleep(ctx, fresh) {
			return
		}
	}
}

// builds asks the builds of this project that run how they are.
func (s *Studio) builds(ctx context.Context) []ctl.Answer {
	answers, err := ctl.Call(ctx, s.o.Root, ctl.Request{Command: "status"})
	if err != nil {
		return nil // the page of the build says so
	}
	return answers
}
