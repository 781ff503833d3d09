package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/identity-shaping/isf/dispatch"
	"github.com/identity-shaping/isf/graph"
)

// Build builds targets and everything they need, independent ones side by
// side, and returns a result for each, what is needed before what needs it.
// When ctx ends, requests in flight finish and are kept; the targets they were
// for stay as they are.
func (p *Project) Build(ctx context.Context, targets []*graph.Target, r *graph.Reader, o Options, watch func(*Engine)) ([]Result, error) {
	e := newEngine(p, r, o)
	e.selected = targets
	unwatch := context.AfterFunc(ctx, e.interrupt)
	defer unwatch()
	if watch != nil {
		watch(e)
	}
	results := e.buildAll()
	p.codes.save(p.Files)
	if e.texts != nil {
		_ = e.texts.Trim() // what is too much now goes at the next build
	}
	err := e.close()
	if lerr := p.logBuild(e.loggedBuild(results, ctx.Err() != nil)); lerr != nil {
		e.logf("`isf log` will not know of this build: %v", lerr)
	}
	switch cause := e.cause.Load(); {
	case ctx.Err() != nil:
		err = errors.Join(ErrInterrupted, err)
	case cause != nil:
		err = errors.Join(*cause, err)
	}
	return results, err
}

// interrupt stops the build for somebody who may think that nothing happens: what
// is on the wire may take minutes yet.
func (e *Engine) interrupt() {
	e.stop(ErrInterrupted)
	d, err := e.control()
	if err != nil {
		return // nothing was asked
	}
	if n := d.Status().Busy; n > 0 {
		e.logf("stopping: nothing more is sent, and %d under way will be paid for and kept; a second Ctrl-C loses what has not come by then", n)
	}
}

// A job is one target of a build and the jobs it waits for.
type job struct {
	target *graph.Target
	needs  []*job
	done   chan struct{}
	result Result
}

func (e *Engine) buildAll() []Result {
	var jobs []*job
	byTarget := map[*graph.Target]*job{}
	for _, level := range e.project.Graph.Order(e.selected) {
		for _, t := range level {
			if e.opts.AsIs && !slices.Contains(e.selected, t) {
				continue
			}
			j := &job{target: t, done: make(chan struct{})}
			for _, n := range e.project.Graph.Direct(t) {
				if need := byTarget[n]; need != nil {
					j.needs = append(j.needs, need)
				}
			}
			byTarget[t] = j
			jobs = append(jobs, j)
		}
	}
	var wg sync.WaitGroup
	for _, j := range jobs {
		wg.Go(func() { e.do(j) })
	}
	wg.Wait()
	results := make([]Result, len(jobs))
	for i, j := range jobs {
		results[i] = j.result
	}
	return results
}

func (e *Engine) do(j *job) {
	defer close(j.done)
	defer func() {
		if !j.result.ran {
			e.tellEnd(TargetSettled, j.result)
		}
	}()
	for _, n := range j.needs {
		<-n.done
		if n.result.Err != nil && !e.tolerates(j.target) {
			j.result = Result{Target: j.target, State: e.stateOf(j.target), Blocked: n.target.Name, Err: fmt.Errorf("it needs %s, which was not built", n.target.Name)}
			return
		}
	}
	start := time.Now()
	j.result = e.build(j.target)
	j.result.Seconds = time.Since(start).Seconds()
	_, paused := errors.AsType[*dispatch.Paused](j.result.Err) // targets of other models go on
	if j.result.Err != nil && !e.opts.KeepGoing && !errors.Is(j.result.Err, ErrEdited) && !paused {
		e.abandon.Store(true)
	}
}

var (
	// ErrEdited says that somebody changed an output by hand.
	ErrEdited = errors.New("edited by hand")
	// ErrNotStarted says that there was nothing wrong with the target itself.
	ErrNotStarted = errors.New("not started, because another target failed; -k goes on with the others")
)

// build makes one target current, or says why it cannot.
func (e *Engine) build(t *graph.Target) Result {
	if err := e.refresh(t); err != nil {
		return failed(t, err)
	}
	status, err := e.status(t)
	if err != nil {
		return failed(t, err)
	}
	if r, settled := e.nothingToDo(t, status); settled {
		return r
	}
	unlock, err := e.project.lock(e.waiting(), t.Name, !e.opts.NoWait, e.opts.Log)
	if err != nil {
		return Result{Target: t, State: status.State, Err: err}
	}
	defer unlock()
	e.hold(t.Name)
	defer e.release(t.Name)
	if status, err = e.status(t); err != nil { // somebody else may have built it meanwhile
		return failed(t, err)
	}
	if r, settled := e.nothingToDo(t, status); settled {
		return r
	}
	if err := e.sweep(t); err != nil {
		return failed(t, err)
	}
	e.tell(Event{Kind: TargetStarted, Target: t.Name})
	began := time.Now()
	r := e.make(t, status)
	r.Seconds = time.Since(began).Seconds()
	for _, why := range e.project.followed(status) {
		r.Causes = append(r.Causes, reasonText(why))
	}
	r.ran = true
	e.tellEnd(TargetEnded, r)
	return r
}

// make runs a target whose lock is held.
func (e *Engine) make(t *graph.Target, status graph.Status) Result {
	switch t.Kind {
	case graph.Prompt, graph.Registry:
		return e.render(t, status)
	case graph.Recipe:
		return e.prepare(t, status)
	case graph.Report:
		return e.report(t, status)
	}
	return e.run(t, status)
}

// nothingToDo returns the result of a target that is not to be run.
func (e *Engine) nothingToDo(t *graph.Target, s graph.Status) (Result, bool) {
	r := Result{Target: t, State: s.State, Output: t.Output}
	switch {
	case e.stopping.Load():
		r.Err, r.Output = ErrStopped, ""
		return r, true
	case s.Newer > 0 && e.opts.Output == "":
		r.Output = ""
		r.Err = fmt.Errorf("%s was written by a newer isf (format %d); update isf", graph.ManifestPath(t.Output), s.Newer)
		return r, true
	case s.State == graph.Current && !e.opts.Force && !e.wanted(t):
		r.UpToDate = true
		e.keepTexts(t, s.Parts) // a clone has none
		r.Rows, r.Failed, r.Skipped = s.Records, s.Errors, s.Skipped
		return r, true
	case s.State == graph.Edited && !e.opts.Force && e.opts.Output == "" && !e.pinnedAll(t):
		r.Output = ""
		r.Err = fmt.Errorf("its output was %w since it was built: keep the edited rows with `isf pin %s`, or replace it with `isf build %s --force`", ErrEdited, t.Name, t.Name)
		return r, true
	case e.abandon.Load() && !e.tolerates(t):
		r.Output = ""
		r.Err = ErrNotStarted
		return r, true
	}
	return r, false
}

// pinnedAll says that every edit of an output is pinned, so that a build does
// not lose any.
func (e *Engine) pinnedAll(t *graph.Target) bool {
	edits, err := e.project.handEdits(t)
	return err == nil && len(edits.rows) == 0 && !edits.other
}

// wanted says that the target was asked for in a way that runs it even if it
// is current: a few records, an output elsewhere, or rows with or without
// provenance whatever its pipeline says.
func (e *Engine) wanted(t *graph.Target) bool {
	if e.opts.Annotate != nil && t.Pipeline != "" && slices.Contains(e.selected, t) {
		return true
	}
	return (e.opts.Limit > 0 || e.opts.Output != "") && e.limited(t)
}

// limited says whether -n applies to t: to what was selected, unless another
// selected target is made from it.
func (e *Engine) limited(t *graph.Target) bool {
	chosen := false
	for _, s := range e.selected {
		chosen = chosen || s == t
		for _, n := range e.project.Graph.Needs(s) {
			if n == t {
				return false
			}
		}
	}
	return chosen
}

// status looks at t as it is now.
func (e *Engine) status(t *graph.Target) (graph.Status, error) {
	return e.project.Graph.Status(t, e.reader, e)
}

func (e *Engine) stateOf(t *graph.Target) graph.State {
	s, err := e.status(t)
	if err != nil {
		return graph.Failed
	}
	return s.State
}

// Running reports whether another process makes the target.
func (e *Engine) Running(target string) bool {
	e.mu.Lock()
	own := e.held[target]
	e.mu.Unlock()
	return !own && e.project.Running(target)
}

// LastFailure is the project's.
func (e *Engine) LastFailure(target string) (digest, reason string, ok bool) {
	return e.project.LastFailure(target)
}

// Placing is the project's.
func (e *Engine) Placing(target string) []string { return e.project.Placing(target) }

func (e *Engine) hold(target string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.held[target] = true
}

func (e *Engine) release(target string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.held, target)
}
