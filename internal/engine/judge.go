package engine

import (
	"context"
	"errors"
	"path"
	"path/filepath"
	"sync"

	"github.com/gofrs/flock"
	"golang.org/x/sync/errgroup"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/dispatch"
	"github.com/identity-shaping/isf/graph"
)

// Questions are many requests that a person makes to one model, outside of any
// target. They are cached and budgeted like those of a build.
type Questions struct {
	For      string // the target that they are about, "" for none: its use list keeps the answers from `isf cache gc`
	Model    string
	Prompts  []string
	Valid    func(text string) error // asks again while it returns an error
	Attempts int                     // in all
	Budget   dispatch.Spend          // of all of them; 0 is not set
	Offline  bool                    // from the cache alone; what is not there stays open
	Getenv   func(string) string
}

// An Answer is what came back. Err says why there is none, or why it is not
// valid; it is a *dispatch.Miss where the answer may not be asked for.
type Answer struct {
	Text string
	Err  error
}

// AskEach asks the questions side by side and returns the answers in their
// order. An error is about all of them: what was answered before is kept.
func (p *Project) AskEach(ctx context.Context, q Questions) (out []Answer, t *dispatch.Tally, err error) {
	m, err := p.Registry.Find(q.Model)
	if err != nil {
		return nil, nil, err
	}
	store, err := cache.Open(filepath.Join(p.Root, StateDir), cache.Options{ReadOnly: q.Offline, Share: p.Share()})
	if err != nil {
		return nil, nil, stateError(err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	d, shut, err := p.sender(ctx, dispatch.Options{Store: store, Offline: q.Offline, Getenv: q.Getenv, Bounds: p.bounds(q.Budget)})
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, shut()) }()
	t = new(dispatch.Tally)
	out = make([]Answer, len(q.Prompts))
	used := &judgeUses{}
	var g errgroup.Group
	g.SetLimit(2 * max(p.Config.WorkerConcurrency, 1)) // some wait for the cache
	for i, prompt := range q.Prompts {
		g.Go(func() error {
			r := &dispatch.Request{Model: sendable(m), Messages: []dispatch.Message{{Role: "user", Content: prompt}}, Tally: t}
			out[i] = q.ask(d, r, used)
			return hopelessAnswer(out[i].Err)
		})
	}
	err = g.Wait()
	if q.For != "" && !q.Offline {
		err = errors.Join(err, p.keepJudged(q.For, used.keys))
	}
	return out, t, err
}

// judgeUses are the answers that questions got, from many goroutines.
type judgeUses struct {
	mu   sync.Mutex
	keys []cache.Key
}

func (u *judgeUses) add(k cache.Key) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.keys = append(u.keys, k)
}

// judgeSuffix names the use lists of what was asked about a target, beside those
// of its builds.
const judgeSuffix = ".judge"

// keepJudged notes that the answers are in use as long as the target is.
func (p *Project) keepJudged(target string, keys []cache.Key) (err error) {
	lock := flock.New(filepath.Join(p.Root, StateDir, "locks", "~judge")) // ~ begins no target's name
	if err := p.Files.MkdirAll(path.Join(StateDir, "locks"), 0o700); err != nil {
		return err
	}
	if err := lock.Lock(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	file, err := graph.Create(p.Files, pendingUses(target+judgeSuffix))
	if err != nil {
		return err
	}
	defer file.Discard()
	l := newUseList(file)
	for _, k := range keys {
		l.add(k)
	}
	return p.keepUses(target+judgeSuffix, l, len(keys) > 0)
}

// ask asks until the answer is valid. What is in flight at a stop comes home, so
// it does not end with anybody's context.
func (q *Questions) ask(d *dispatch.Dispatcher, r *dispatch.Request, used *judgeUses) Answer {
	for {
		reply, err := d.Ask(context.Background(), r)
		if err != nil {
			return Answer{Err: err}
		}
		used.add(reply.Entry.Fields.Key())
		a := Answer{Text: reply.Entry.Text}
		if q.Valid != nil {
			a.Err = q.Valid(a.Text)
		}
		if r.Attempt++; a.Err == nil || r.Attempt >= q.Attempts {
			return a
		}
	}
}

// hopelessAnswer is err where it is about more than one question.
func hopelessAnswer(err error) error {
	var fatal *dispatch.Fatal
	var over *dispatch.Over
	var paused *dispatch.Paused
	switch {
	case errors.Is(err, ErrInterrupted):
		return ErrInterrupted
	case errors.As(err, &over):
		return over
	case errors.As(err, &fatal), errors.As(err, &paused), errors.Is(err, dispatch.ErrStopped), errors.Is(err, cache.ErrFull):
		return err
	}
	return nil
}
