package engine

import (
	"context"
	"fmt"
	"path"
	"sync"
	"sync/atomic"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/dispatch"
	"github.com/identity-shaping/isf/internal/near"
)

// A Build is one run of one pipeline. A pipeline gets it in its Build method,
// for set-up requests and to make rows from.
type Build struct {
	ctx      context.Context
	engine   *Engine
	pipeline *Pipeline
	output   string
	models   map[Model]*dispatch.Model
	prompts  map[string]bool // declared prompt files
	workers  int

	revisions map[string]string // of remote data, by address

	gate  chan struct{} // bounds this pipeline's requests, where it wants fewer than the project
	limit int           // records to read from each source; 0 is all

	chosen func(id string) bool // records to read from each source; nil is all

	decisions decisions
	kept      map[cache.Ref]keptAnswer // by what is asked now
	stable    *stability               // of a table with a lock file; nil elsewhere
	rehearsal *rehearsal               // of `isf lint`; nil elsewhere
	adopter   *adopter                 // of `isf keep`; nil elsewhere

	tally    dispatch.Tally
	spending spending
	uses     *useList // nil in a plan
	plan     *planner // set where nothing is to be sent, only foretold
	progress progress
	cut      atomic.Bool // a source had more records than the limit, or a stop cut it short
	halted   atomic.Bool // a stop, not a limit
	rest     rest

	mu     sync.Mutex
	err    error            // what fails the whole target
	miss   string           // the first request an offline run had no answer for
	paused *dispatch.Paused // a model that is left alone
	rooms  []*room          // of its stages
	setup  Task             // keeps the steps of set-up requests
}

// progress is what a running build shows: records of its last stage. counted says
// that started will not grow any more. Those of done that are open or lost are
// to be asked again.
type progress struct {
	started, done, open, lost, errors, skipped atomic.Int64
	counted                                    atomic.Bool
	byError                                    dispatch.Kinds
}

// Fail ends the build of this target with err; the first one counts.
func (b *Build) Fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil {
		b.err = err
	}
	b.halted.Store(true)
}

// pausedBy notes that a model is left alone. Records that need it stay open;
// all others go on.
func (b *Build) pausedBy(p *dispatch.Paused) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.paused = p
}

// whyPaused is nil, or why a model is left alone.
func (b *Build) whyPaused() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.paused == nil {
		return nil
	}
	return b.paused
}

// Err returns what failed the target.
func (b *Build) Err() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}

// stopped says that no further records should be started.
func (b *Build) stopped() bool {
	return b.halted.Load() || b.engine.stopping.Load() || b.ctx.Err() != nil
}

// cutShort notes that not every record was started.
func (b *Build) cutShort() { b.halted.Store(true) }

func (b *Build) root() string { return b.engine.project.Root }

// missed deals with a request that may not be sent. A plan counts it and goes
// on; an offline build keeps the first one and starts no further record.
func (b *Build) missed(name stepName, req *dispatch.Request) {
	if b.plan != nil {
		b.plan.miss(name, req)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.miss == "" {
		b.miss = fmt.Sprintf("record %s asks %s something that is not in the cache, and this build is offline", name.Record, req.Model.Name)
	}
	b.halted.Store(true)
}

// Logf prints a line above the progress display.
func (b *Build) Logf(format string, args ...any) {
	b.engine.logf("%s: %s", b.pipeline.Name, fmt.Sprintf(format, args...))
}

// model returns a declared model.
func (b *Build) model(name Model) (*dispatch.Model, error) {
	if m, ok := b.models[name]; ok {
		return m, nil
	}
	err := fmt.Errorf("model %q is not declared: give the pipeline a field of type isf.Model with this name", name)
	b.Fail(err)
	return nil, err
}

func (b *Build) declares(prompt string) bool { return b.prompts[path.Clean(prompt)] }

// Ask sends a set-up request before any record runs. If it fails, the target
// fails: there is nothing to fall back to.
func (b *Build) Ask(model Model, turns Turns, opts ...AskOption) (*Response, error) {
	r, err := b.setup.Ask(model, turns, opts...)
	if err != nil {
		b.Fail(fmt.Errorf("a set-up request failed: %w", err))
	}
	return r, err
}

// prepare runs the author's Build method, which may ask and so may end its
// goroutine.
func (b *Build) prepare() (rows Rows) {
	b.setup = Task{b: b, stage: "set-up", record: Record{ID: "set-up"}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer b.guard()
		rows = b.pipeline.Run(b)
	}()
	<-done
	if rows == nil {
		if !b.setup.isOpen() && b.Err() == nil {
			b.Fail(fmt.Errorf("the Build method of pipeline %q returned no rows", b.pipeline.Name))
		}
		rows = func(func(*Record), func(Record) bool) {}
	}
	return rows
}

// An unknownError names something that does not exist, and what is near.
type unknownError struct {
	what, name string
	known      []string
}

func (e *unknownError) Error() string {
	if n := near.Best(e.name, e.known); n != "" {
		return fmt.Sprintf("%s; did you mean %q?", e.what, n)
	}
	return e.what
}
