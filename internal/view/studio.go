package view

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/draw"
)

// fresh is how long what was found of the targets is believed. A page that is
// open looks this often.
const fresh = time.Second

// A Studio is what the pages show. It may be used by many goroutines.
type Studio struct {
	o     Options
	token string
	pages *pages
	code  string // digest of the project's code when this began

	renewal renewal
	renewed chan struct{} // gets one when there is a newer isf

	// project is held for reading by whoever uses work, and for writing to open
	// it anew.
	project sync.RWMutex
	work    *Workspace

	judging sync.Mutex // one review at a time

	look  sync.Mutex // one survey at a time
	seen  sync.RWMutex
	found *survey // guarded by seen

	tables  *tables
	reports *reports
	plans   *plans
	hub     *hub
}

// A survey is what was found of all targets at one moment.
type survey struct {
	at       time.Time
	number   int // grows when something differs from the one before
	print    string
	statuses []graph.Status
	picture  draw.Picture
	problem  error // why the project cannot be opened as it is now
	old      bool  // the project's code is not that of this process any more
	broken   error // why no isf of that code goes on with the pages
}

// status is that of one target; nil if there is none of the name.
func (s *survey) status(name string) *graph.Status {
	for i := range s.statuses {
		if s.statuses[i].Target.Name == name {
			return &s.statuses[i]
		}
	}
	return nil
}

// New opens the project.
func New(o Options) (*Studio, error) {
	s := &Studio{o: o, token: o.Token, pages: newPages(), renewed: make(chan struct{}, 1)}
	if s.token == "" {
		s.token = newToken()
	}
	var err error
	if s.work, err = o.Open(); err != nil {
		return nil, err
	}
	if s.code = o.Built; s.code == "" && o.Code != nil {
		if s.code, err = o.Code(); err != nil {
			s.work.Close()
			return nil, err
		}
	}
	s.tables = newTables(s)
	s.reports = newReports(s)
	s.plans = newPlans(s)
	s.hub = newHub(s)
	return s, nil
}

// Close ends what runs in the background and closes the project.
func (s *Studio) Close() {
	s.hub.close()
	s.renewal.wg.Wait()
	s.tables.close()
	s.reports.close()
	s.project.Lock()
	defer s.project.Unlock()
	s.work.Close()
}

// Handler answers requests to a server on this port.
func (s *Studio) Handler(port int) http.Handler {
	mux := http.NewServeMux()
	s.routes(mux)
	return newGuard(mux, port, s.token)
}

// with calls f with the project, which stays open meanwhile.
func (s *Studio) with(f func(*Workspace) error) error {
	s.project.RLock()
	defer s.project.RUnlock()
	return f(s.work)
}

// survey returns what is known of the targets, looked at no longer than a
// moment ago.
func (s *Studio) survey() (*survey, error) {
	if f := s.latest(); f != nil && time.Since(f.at) < fresh {
		return f, nil
	}
	s.look.Lock()
	defer s.look.Unlock()
	before := s.latest()
	if before != nil && time.Since(before.at) < fresh {
		return before, nil // somebody else has looked while this one waited
	}
	now := &survey{}
	if s.o.Code != nil {
		code, err := s.o.Code()
		now.old = err == nil && code != s.code // sources that cannot be read are told of elsewhere
		if now.old && s.o.Renew != nil {
			now.broken = s.renew(code)
		}
	}
	if before != nil {
		now.problem = s.reopen()
	}
	err := s.with(func(w *Workspace) (err error) {
		now.statuses, err = w.Graph.Survey(w.Reader, w.Project).Statuses(w.Graph.Targets())
		now.picture = draw.Of(now.statuses)
		return err
	})
	if err != nil {
		return nil, err
	}
	now.at, now.print = time.Now(), fingerprint(now)
	if before != nil {
		now.number = before.number
		if before.print != now.print {
			now.number++
		}
	}
	s.seen.Lock()
	s.found = now
	s.seen.Unlock()
	return now, nil
}

func (s *Studio) latest() *survey {
	s.seen.RLock()
	defer s.seen.RUnlock()
	return s.found
}

// reopen opens the project anew, unless somebody uses it for long: then the next
// look does. A project that cannot be opened as it is now is shown as it was.
func (s *Studio) reopen() error {
	if !s.project.TryLock() {
		if f := s.latest(); f != nil {
			return f.problem
		}
		return nil
	}
	defer s.project.Unlock()
	w, err := s.o.Open()
	if err != nil {
		return err
	}
	s.work.Close()
	s.work = w
	return nil
}

// fingerprint differs where a page would.
func fingerprint(s *survey) string {
	h := newHasher()
	if s.problem != nil {
		h.text(s.problem.Error())
	}
	if s.old {
		h.text("old")
	}
	if s.broken != nil {
		h.text(s.broken.Error())
	}
	for _, st := range s.statuses {
		h.text(st.Target.Name, string(st.State))
		h.number(st.Records, st.Errors)
		for _, r := range st.Reasons {
			h.text(r.String())
		}
		if st.Manifest != nil {
			h.text(st.Manifest.Output.Digest)
		}
	}
	return h.sum()
}

// sleep waits, or says that ctx has ended.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
