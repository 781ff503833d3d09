package engine

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/dispatch"
	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/registry"
	"github.com/identity-shaping/isf/internal/texts"
)

// Options of one build of any number of targets. The zero value builds what is
// not current, in full.
type Options struct {
	Limit     int    // records of each selected target; 0 is all
	Workers   int    // requests in flight; 0 is as pipelines and the project say
	Output    string // write the one selected target's rows here instead
	KeepGoing bool   // start further targets after one has failed
	Force     bool   // build what is current, and replace what was edited
	Offline   bool   // send nothing; the first miss fails the target
	Refresh   bool   // look for newer revisions of remote data
	NoWait    bool   // fail where another process builds a target
	Annotate  *bool  // overrides what pipelines say

	Budget dispatch.Spend // of this build, over what isf.yaml says; 0 is not set

	AllowPartial bool // prepare recipes also over sources that are partial or failed
	AsIs         bool // build what was selected only, from what it needs as that is

	Event  func(Event)  // hears of everything, from many goroutines; may be nil
	Log    func(string) // one line for people, above the progress display
	Getenv func(string) string
}

// ErrInterrupted is the cause of a build that was asked to stop.
var ErrInterrupted = errors.New("interrupted")

// An Engine builds targets of one project, once.
type Engine struct {
	project *Project
	opts    Options
	id      string    // of the build, in the log
	began   time.Time // in whole milliseconds
	reader  *graph.Reader
	ctx     context.Context // of requests in flight: a stop lets them finish
	stopCtx context.Context // ends at a stop
	halt    context.CancelFunc

	selected []*graph.Target

	stopping atomic.Bool           // nothing further is asked
	cause    atomic.Pointer[error] // of stopping
	abandon  atomic.Bool           // no further target is started

	once   sync.Once // opens the store and the dispatcher
	cache  *cache.Store
	sender *dispatch.Dispatcher
	opened error

	forecasts map[*graph.Target]*Forecast // of a plan
	rehearsal *rehearsal                  // of a replay that is compared with another, or nil
	adopter   *adopter                    // of a replay that keeps answers, or nil
	watch     *watched                    // the record a plan looks at closely, or nil
	preview   *previewer                  // of a prompt that a plan renders for a record, or nil

	remote remote // reads data on servers

	textsMu sync.Mutex
	texts   *texts.Store // opened at the first use

	mu    sync.Mutex
	rows  map[string]string // of a plan: output → where it was replayed to
	held  map[string]bool   // targets this process has locked
	lines []*Progress
	live  *dispatch.Dispatcher // sender, for who controls it from outside
}

// waiting returns a context that ends when the build is stopped.
func (e *Engine) waiting() context.Context { return e.stopCtx }

func newEngine(p *Project, r *graph.Reader, o Options) *Engine {
	if o.Log == nil {
		o.Log = func(string) {}
	}
	e := &Engine{id: newBuildID(), began: time.Now().UTC().Truncate(time.Millisecond), project: p, opts: o, reader: r, ctx: context.Background(), held: map[string]bool{}}
	e.stopCtx, e.halt = context.WithCancel(context.Background())
	return e
}

// open prepares what sends requests. A build in which everything is current
// never does.
func (e *Engine) open() error {
	e.once.Do(func() {
		e.cache, e.opened = cache.Open(filepath.Join(e.project.Root, StateDir), cache.Options{Warn: e.opts.Log, ReadOnly: e.forecasts != nil, Share: e.project.Share()})
		if e.opened != nil {
			e.opened = stateError(e.opened)
			return
		}
		e.sender, e.opened = dispatch.New(e.project.sending(dispatch.Options{
			Store: e.cache, Workers: e.workers(), Offline: e.opts.Offline, Getenv: e.opts.Getenv, Bounds: e.project.bounds(e.opts.Budget),
			Event: e.hearTries(),
		}))
	})
	if e.opened == nil && e.sender == nil {
		return ErrStopped
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.live = e.sender
	return e.opened
}

// sending adds to o what everything that is sent for this project has in
// common.
func (p *Project) sending(o dispatch.Options) dispatch.Options {
	o.Commit = sync.OnceValue(func() string { return commit(p.Root) })
	o.Engine = Version
	o.Sim = p.sim
	o.Spent = p.ledger.add
	if limitOf(p.Config.Budget.PerDay) != (dispatch.Spend{}) {
		o.Held = p.ledger.hold
	}
	if r := p.Config.Retry; o.MaxTries == 0 {
		o.MaxTries, o.LongestWait, o.Deadline, o.PauseAfter = r.Tries, r.LongestWait, r.Deadline, r.PauseAfter
	}
	if o.Bounds == nil {
		o.Bounds = []dispatch.Bound{p.dayBound()}
	}
	return o
}

// sender opens a dispatcher for requests that no build makes. Once ctx ends it
// sends no more; what is in flight comes home. The caller calls shut.
func (p *Project) sender(ctx context.Context, o dispatch.Options) (d *dispatch.Dispatcher, shut func() error, err error) {
	o.Workers = p.Config.WorkerConcurrency
	if d, err = dispatch.New(p.sending(o)); err != nil {
		return nil, nil, err
	}
	unwatch := context.AfterFunc(ctx, func() { d.Stop(ErrInterrupted) })
	return d, func() error { unwatch(); return d.Close() }, nil
}

func (e *Engine) close() error {
	e.remote.close()
	if e.sender == nil {
		return nil
	}
	return errors.Join(e.sender.Close(), e.cache.Close())
}

func (e *Engine) dispatch() *dispatch.Dispatcher { return e.sender }
func (e *Engine) store() *cache.Store            { return e.cache }

// workers is the bound on requests in flight over all targets of this build.
func (e *Engine) workers() int {
	if e.opts.Workers > 0 {
		return e.opts.Workers
	}
	most := e.project.Config.WorkerConcurrency
	for _, q := range e.project.Pipelines {
		most = max(most, q.Workers)
	}
	return most
}

// workersOf is the bound of one pipeline.
func (e *Engine) workersOf(q *Pipeline) int {
	switch {
	case e.opts.Workers > 0:
		return e.opts.Workers
	case q.Workers > 0:
		return q.Workers
	}
	return e.project.Config.WorkerConcurrency
}

// stop lets no further request out. What is in flight finishes and is kept.
func (e *Engine) stop(cause error) {
	e.stopping.Store(true)
	e.cause.CompareAndSwap(nil, &cause)
	e.halt()
	e.once.Do(func() {}) // a build that is stopped before its first request opens nothing
	if e.sender != nil {
		e.sender.Stop(cause)
	}
}

func (e *Engine) logf(format string, args ...any) { e.opts.Log(fmt.Sprintf(format, args...)) }

// commit returns the project's git commit, or "" where there is none.
func commit(root string) string {
	out, err := exec.Command("git", "-C", root, "rev-parse", "HEAD").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// historyEcho is the history_thinking of models that get the thinking of their
// earlier turns back.
const historyEcho = "echo"

// sendable turns a registry entry into what dispatch sends to.
func sendable(m registry.Model) *dispatch.Model {
	c := m.Config
	return &dispatch.Model{
		Name: m.Name, Provider: m.Provider, ID: m.ID,
		Weights: c.Weights, BaseURLs: c.BaseURL, APIKeyEnv: c.APIKeyEnv, Headers: c.Headers,
		SysPrompt: m.SysPrompt, HistoryThinking: c.HistoryThinking, Stream: c.Stream != nil && *c.Stream, Timeouts: dispatch.Timeouts(c.Timeouts), Price: c.Price, Limits: dispatch.Limits(c.Limits),
		Sampling: dispatch.Sampling{
			Temperature: m.Temperature, TopP: c.TopP, TopK: c.TopK, MinP: c.MinP,
			FrequencyPenalty: c.FrequencyPenalty, PresencePenalty: c.PresencePenalty, RepetitionPenalty: c.RepetitionPenalty,
			MaxTokens: c.MaxTokens, Stop: c.Stop, Seed: c.Seed, ReasoningEffort: c.ReasoningEffort,
			ChatTemplateKwargs: c.ChatTemplateKwargs, Extra: c.Extra, ExtraTransport: c.ExtraTransport,
		},
	}
}
