package view

import (
	"context"
	"os"
	"sync"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/quality"
	"github.com/identity-shaping/isf/internal/term"
)

// reports are the quality checks of files as they are now. Checking takes
// seconds where there are many rows, so a page asks until it is done.
type reports struct {
	s  *Studio
	mu sync.Mutex
	by map[string]*report // by target
	wg sync.WaitGroup

	ctx  context.Context // of all checks
	stop context.CancelFunc
}

type report struct {
	stamp stamp
	done  chan struct{}
	what  *quality.Report
	err   error
}

func newReports(s *Studio) *reports {
	rs := &reports{s: s, by: map[string]*report{}}
	rs.ctx, rs.stop = context.WithCancel(context.Background())
	return rs
}

func (rs *reports) close() {
	rs.stop()
	rs.wg.Wait()
}

// of returns the report on a target's rows; it may not be done.
func (rs *reports) of(name string) (*report, error) {
	var path string
	err := rs.s.with(func(w *Workspace) (err error) {
		t := w.Graph.Target(name)
		if t == nil {
			return errNoTarget
		}
		path, _, err = rs.s.o.Rows(w, t)
		return err
	})
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if r := rs.by[name]; r != nil && r.stamp.same(stampOf(info)) {
		return r, nil
	}
	r := &report{stamp: stampOf(info), done: make(chan struct{})}
	rs.by[name] = r
	rs.wg.Go(func() {
		defer close(r.done)
		r.err = rs.s.with(func(w *Workspace) (err error) {
			t := w.Graph.Target(name)
			if t == nil {
				return errNoTarget
			}
			r.what, err = engine.CheckFile(rs.ctx, path, w.Checking(t))
			return err
		})
	})
	return r, nil
}

// ready reports whether the checks are done.
func (r *report) ready() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// plans are what a build would send, for the targets as they were last found.
type plans struct {
	s      *Studio
	mu     sync.Mutex // one plan at a time
	number int
	ready  bool
	plan   []engine.Forecast
	err    error
}

func newPlans(s *Studio) *plans { return &plans{s: s} }

// of plans a build of everything, once for each change.
func (ps *plans) of(ctx context.Context, now *survey) ([]engine.Forecast, error) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if ps.ready && ps.number == now.number {
		return ps.plan, ps.err
	}
	err := ps.s.with(func(w *Workspace) (err error) {
		var targets []*graph.Target
		for _, t := range w.Graph.Targets() {
			if t.Pipeline != "" {
				targets = append(targets, t)
			}
		}
		ps.plan, err = w.Plan(ctx, targets, w.Reader, engine.Options{Getenv: os.Getenv})
		return err
	})
	if ctx.Err() != nil {
		return nil, ctx.Err() // nobody waits for it any more
	}
	ps.ready, ps.number, ps.err = true, now.number, err
	return ps.plan, err
}

// known are what a build would send, in words, by target, where that has been
// found for the targets as they are.
func (ps *plans) known(now *survey) map[string]string {
	if !ps.mu.TryLock() {
		return nil // it is being found
	}
	defer ps.mu.Unlock()
	if !ps.ready || ps.number != now.number || ps.err != nil {
		return nil
	}
	out := map[string]string{}
	for _, f := range ps.plan {
		if f.Misses == 0 {
			continue
		}
		text := term.Count(f.Misses) + " to send"
		if f.Priced && f.CostNano > 0 {
			text += ", " + term.Money(f.CostNano)
		}
		out[f.Target.Name] = text
	}
	return out
}
