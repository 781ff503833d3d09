package engine

import (
	"errors"
	"runtime"
	"sync"

	"github.com/identity-shaping/isf/dispatch"
)

// An AskOption changes one request.
type AskOption func(*asking)

// asking is a request before it has its messages.
type asking struct {
	sampling  dispatch.Sampling
	validate  func(*Response) error
	attempts  int
	truncated bool // a truncated answer is good enough
	draw      int
}

func options(opts []AskOption) asking {
	a := asking{attempts: 1}
	for _, o := range opts {
		o(&a)
	}
	return a
}

// Sampling returns an option that sets parameters of the request.
func Sampling(set func(*dispatch.Sampling)) AskOption {
	return func(a *asking) { set(&a.sampling) }
}

// Validate returns an option that has check look at the answer, and asks
// again, up to attempts times in all, while it returns an error. An answer that
// was cut off counts as rejected, and check does not see it, unless truncated
// ones are accepted.
func Validate(check func(*Response) error, attempts int) AskOption {
	return func(a *asking) { a.validate, a.attempts = check, max(attempts, 1) }
}

// AcceptTruncated returns an option that takes an answer cut off by its token
// limit, which is an error otherwise.
func AcceptTruncated() AskOption { return func(a *asking) { a.truncated = true } }

// An asker is what asks: a task, or a build during set-up.
type asker interface {
	build() *Build
	step(place, attempt int) stepName
	reserve(n int) int // the first of n places in request order
	add(s Step)
	suspend()
}

func (t *Task) build() *Build { return t.b }
func (t *Task) step(place, attempt int) stepName {
	return stepName{t.stage, t.record.ID, place, attempt}
}

// Ask sends one request, or finds its answer in the cache.
func (t *Task) Ask(model Model, turns Turns, opts ...AskOption) (*Response, error) {
	return one(askAll(t, model, []Turns{turns}, []asking{options(opts)}))
}

// AskAll sends several requests side by side. Answers are in the order of
// turns. If one fails the others still finish and are kept.
func (t *Task) AskAll(model Model, turns []Turns, opts ...AskOption) ([]*Response, error) {
	return askAll(t, model, turns, repeat(options(opts), len(turns)))
}

// AskN asks for n different answers to the same request.
func (t *Task) AskN(model Model, turns Turns, n int, opts ...AskOption) ([]*Response, error) {
	all := repeat(options(opts), n)
	for i := range all {
		all[i].draw = i
	}
	same := make([]Turns, n)
	for i := range same {
		same[i] = turns
	}
	return askAll(t, model, same, all)
}

func repeat(a asking, n int) []asking {
	all := make([]asking, n)
	for i := range all {
		all[i] = a
	}
	return all
}

func one(all []*Response, err error) (*Response, error) {
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// errOpen says that an answer may not be asked for in this run.
var errOpen = errors.New("the answer may not be asked for now")

// askAll answers requests in parallel and in order. It ends the calling
// goroutine where an answer may not be asked for.
func askAll(by asker, model Model, turns []Turns, how []asking) ([]*Response, error) {
	m, err := by.build().model(model)
	if err != nil {
		return nil, err
	}
	at := by.reserve(len(turns))
	out, errs := make([]*Response, len(turns)), make([]error, len(turns))
	ask := func(i int) { out[i], errs[i] = askOne(by, m, turns[i], how[i], at+i) }
	if len(turns) == 1 {
		ask(0)
	} else {
		var wg sync.WaitGroup
		for i := range turns {
			wg.Go(func() { ask(i) })
		}
		wg.Wait()
	}
	for _, err := range errs {
		if errors.Is(err, errOpen) {
			by.suspend()
			runtime.Goexit()
		}
	}
	for _, err := range errs {
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// askOne asks until the answer is valid or the attempts are used up.
func askOne(by asker, m *dispatch.Model, turns Turns, how asking, at int) (*Response, error) {
	b := by.build()
	msgs, err := turns.messages(by)
	if err != nil {
		return nil, err
	}
	record := by.step(at, 0).Record
	rejected := b.decisions.retries[record] // attempts that somebody took for rejected
	req := &dispatch.Request{
		Model: m, Messages: msgs.wire(m.HistoryThinking == historyEcho), Sampling: how.sampling, Draw: how.draw,
		Attempt: rejected, Reroll: b.decisions.rerolls[record], Tally: &b.tally,
	}
	for attempt := 0; ; attempt++ {
		step, err := b.ask(req, by.step(at, attempt))
		if err != nil && step == nil {
			return nil, err
		}
		var resp *Response
		if err == nil {
			resp = &Response{step.entry}
			if err = how.judge(resp); err == nil {
				by.add(*step)
				return resp, nil
			}
		}
		step.Err = err.Error()
		by.add(*step)
		if resp == nil || how.validate == nil || attempt+1 >= how.attempts {
			return nil, err
		}
		req.Attempt++
	}
}

// judge says what is wrong with an answer.
func (a asking) judge(r *Response) error {
	if r.entry.Truncated() && !a.truncated {
		return failf("truncated", "the answer was cut off at %d tokens: raise max_tokens or accept truncated answers", r.entry.Limit())
	}
	if a.validate == nil {
		return nil
	}
	err := a.validate(r)
	if err == nil {
		return nil
	}
	if f := failure(err); f.Kind != "error" {
		return f
	}
	return failf("invalid_answer", "%s", err)
}

// ask answers one request, and tells those who listen.
func (b *Build) ask(req *dispatch.Request, name stepName) (*Step, error) {
	b.rehearsal.hear(name, req)
	step, err := b.answer(req, name)
	b.tellStep(step, err)
	return step, err
}

// answer answers one request. A nil step means that nothing was asked: errOpen,
// or a request that cannot be built.
func (b *Build) answer(req *dispatch.Request, name stepName) (*Step, error) {
	if b.gate != nil {
		b.gate <- struct{}{}
		defer func() { <-b.gate }()
	}
	if step := b.keptStep(req, name); step != nil {
		return step, nil
	}
	reply, err := b.engine.dispatch().Ask(b.ctx, req)
	if err == nil {
		b.spending.add(name, req.Model, reply)
		if b.plan != nil {
			b.plan.hit(name, req)
		}
		ref := reply.Entry.Ref()
		b.uses.add(ref.Key)
		return &Step{stepName: name, Model: req.Model.Name, Ref: ref, Hit: reply.Hit, entry: reply.Entry}, nil
	}
	var failed *dispatch.Failed
	var over *dispatch.Over
	var paused *dispatch.Paused
	switch {
	case errors.Is(err, dispatch.ErrMiss):
		if step := b.adopter.adopt(b, req, name); step != nil {
			return step, nil
		}
		b.missed(name, req)
		return nil, errOpen
	case errors.As(err, &paused):
		b.pausedBy(paused)
		return nil, errOpen
	case errors.As(err, &over):
		b.engine.stop(over)
		return nil, errOpen
	case errors.Is(err, dispatch.ErrStopped), b.ctx.Err() != nil:
		return nil, errOpen
	}
	fields, ferr := req.Fields()
	switch {
	case ferr != nil:
		return nil, err
	case !errors.As(err, &failed): // what every request would meet: no key, a full disk, a cache that cannot be read
		b.Fail(err)
		return nil, errOpen
	}
	return &Step{stepName: name, Model: req.Model.Name, fields: fields}, err
}
