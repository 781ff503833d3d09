package dispatch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/identity-shaping/isf/cache"
)

// try sends once. Without an entry and an error there is to be another try, after wait.
func (a *asking) try(ctx context.Context, p *place) (e *cache.Entry, wait time.Duration, err error) {
	h, err := a.hold(ctx)
	if err != nil {
		return nil, 0, err
	}
	sent := a.tries
	defer func() { a.d.purse.settle(h, a.took(a.tries-sent, e)) }()
	t, err := a.enter(ctx, p)
	if err != nil {
		return nil, 0, err
	}
	o := outcome{}
	left := false
	leave := func() standing { left = true; return a.d.gate.leave(p.lane, t, o) }
	defer func() {
		if !left {
			leave()
		}
	}()
	if err := cmp.Or(a.d.stopped(), a.d.troubles.of(a.model)); err != nil {
		return nil, 0, err
	}
	if err := a.body.ready(); err != nil {
		return nil, 0, err
	}
	s := a.send(ctx, p)
	if s.fatal != nil && s.fatal.Type == "unknown_model" {
		a.d.Pause(true) // nobody goes and meets the same while it is looked up
		s.fatal.Message += p.meant(ctx)
	}
	if s.fatal != nil {
		a.d.Stop(s.fatal) // before the place goes to somebody who would meet the same
	}
	if ctx.Err() != nil && s.verdict.answer == nil {
		return nil, 0, ctx.Err()
	}
	o = outcome{answered: s.answer != nil, refused: s.refused, undialt: s.undialt, quiet: s.quiet, spare: s.spare, tokens: s.tokens()}
	return a.settle(p, s, leave())
}

// hold takes what the try may cost out of the budgets, or waits until it fits: with every try that comes
// home there may be more room, and more is known of what a try costs.
func (a *asking) hold(ctx context.Context) (hold, error) {
	for {
		if err := a.d.stopped(); err != nil {
			return hold{}, err
		}
		h, fatal := a.guess()
		if fatal != nil {
			return h, a.end(fatal)
		}
		over, changed := a.d.purse.take(h)
		switch {
		case over != nil:
			return h, a.end(over)
		case changed == nil:
			return h, nil
		}
		select {
		case <-changed:
		case <-a.d.stop.Done():
		case <-ctx.Done():
			return h, ctx.Err()
		}
	}
}

// guess is what the try may take. Where nothing is bounded nobody needs to know.
func (a *asking) guess() (hold, *Fatal) {
	bounded, money := a.d.purse.bounded()
	if !bounded {
		return hold{Spend: Spend{Requests: 1}}, nil
	}
	h := a.d.meters.guess(a.model, a.tally, a.fs)
	h.blind = h.blind && money
	if h.blind && (!a.model.row().Bills || a.d.meters.unbilled(a.model)) {
		return h, NoPrice(a.model)
	}
	return h, nil
}

// took is what a try really was.
func (a *asking) took(tries int, e *cache.Entry) Spend {
	s := Spend{Requests: int64(tries)}
	if e != nil {
		a.d.meters.learn(a.model, a.tally, e, false)
		s.CostNano, s.Tokens = e.CostNano, e.Usage.Prompt+e.Usage.Completion
	}
	return s
}

// enter waits for a place on the wire.
func (a *asking) enter(ctx context.Context, p *place) (ticket, error) {
	if err := a.d.stopped(); err != nil {
		return ticket{}, err
	}
	tokens := int64(0)
	if p.limits.TPM > 0 {
		tokens = a.d.meters.guess(a.model, a.tally, a.fs).Tokens
	}
	t, err := a.d.gate.enter(ctx, a.d.stop.Done(), p.lane, a.tally, tokens, a.tries > 0)
	if errors.Is(err, ErrStopped) {
		err = a.d.stopped()
	}
	return t, err
}

// sent is one try, over.
type sent struct {
	verdict
	call       *call
	start, end time.Time
	quiet      time.Duration // that the provider asked for
	spare      time.Duration // until its limits let the next try in
}

// tokens is what an answer took.
func (s *sent) tokens() int64 {
	if s.answer == nil {
		return 0
	}
	return s.answer.usage.Prompt + s.answer.usage.Completion
}

// prompt is what the prompt took of it.
func (s *sent) prompt() int64 {
	if s.answer == nil {
		return 0
	}
	return s.answer.usage.Prompt
}

// left is how long the request has until its deadline, 0 where it has none.
func (a *asking) left() time.Duration {
	if a.d.o.Deadline == 0 {
		return 0
	}
	return max(a.d.o.Deadline-a.d.o.Clock.Now().Sub(a.began), 1)
}

func (a *asking) send(ctx context.Context, p *place) sent {
	if a.tries++; a.tries == 1 {
		a.began = a.d.o.Clock.Now()
	}
	a.tally.Sent.Add(1)
	if a.tries > 1 {
		a.tally.Retries.Add(1)
	}
	limits := a.model.Timeouts.orDefault()
	if left := a.left(); left > 0 {
		limits.Total = min(limits.Total, left)
	}
	ctx, quiet := context.WithCancelCause(ctx)
	defer quiet(nil)
	defer time.AfterFunc(limits.Total, func() { quiet(context.DeadlineExceeded) }).Stop()
	s := sent{call: &call{key: a.key.String(), body: &a.body, connect: limits.Connect, idle: limits.Idle, quiet: quiet}, start: a.d.o.Clock.Now()}
	err := p.client.send(ctx, s.call)
	s.end = a.d.o.Clock.Now()
	s.verdict = p.judge(ctx, s.call, err)
	s.spare = headroom(s.call.header, s.end, s.prompt(), s.tokens())
	if s.again {
		s.quiet = retryAfter(s.call.header, s.end)
	}
	if s.refused && s.quiet == 0 {
		s.quiet = s.spare
	}
	s.spare = min(s.spare, a.d.o.LongestWait)
	return s
}

// settle turns a try that is over into an entry, an error, or a wait.
func (a *asking) settle(p *place, s sent, st standing) (*cache.Entry, time.Duration, error) {
	if s.answer != nil {
		e := a.entry(p, s)
		a.tally.answered(e)
		a.tell(p, s, st, EventAnswer, 0)
		return e, 0, nil
	}
	a.undialt, a.pages = a.undialt && s.undialt, a.pages && s.page
	steps := a.tries
	switch patient := s.refused && a.tries < mostRefusals*a.d.o.MaxTries; {
	case patient && st.moved:
		steps = min(steps, patientSteps) // others are answered: it is only a matter of waiting
	case patient && st.lately: // they will be again
	default:
		a.charged++
	}
	if s.again && s.quiet > a.d.o.LongestWait {
		s.fatal = p.longWait(s.quiet, s.end)
	}
	if s.again && a.nobodyThere() {
		s.fatal = p.nobody(s.failed)
	}
	if s.again && a.charged >= a.d.o.MaxTries && a.pages && st.answers == 0 {
		s.fatal = &Fatal{Status: s.call.status, Type: "base_url", Message: fmt.Sprintf("what answers at %s is a web page and no chat API: check base_url", p.endpoint.base)}
	}
	if s.fatal != nil {
		a.tell(p, s, st, EventFatal, 0)
		return nil, 0, a.end(s.fatal)
	}
	if !s.again || a.charged >= a.d.o.MaxTries {
		s.failed.Tries = a.tries
		a.tell(p, s, st, EventFailed, 0)
		return nil, 0, s.failed
	}
	wait := s.quiet
	if wait == 0 {
		wait = backoff(steps, a.d.o.Rand())
	}
	if left := a.left(); left > 0 && wait >= left {
		s.failed.Tries = a.tries
		s.failed.Message += fmt.Sprintf("; given up, because retry.deadline in isf.yaml is %s", a.d.o.Deadline)
		a.tell(p, s, st, EventFailed, 0)
		return nil, 0, s.failed
	}
	a.tell(p, s, st, EventRetry, wait)
	return nil, wait, nil
}

// nobodyThere says that no try of this request found anybody, and none of any other has been answered. Then a few
// tries are enough to know, one at least for each endpoint: who mistyped an address need not wait for all of them.
func (a *asking) nobodyThere() bool {
	const few = 3
	places, _ := a.d.placesOf(a.model)
	return a.undialt && a.charged >= min(a.d.o.MaxTries, max(few, len(places))) && !a.d.gate.answered(places)
}

// longWait is a provider's wish to be left alone for longer than anybody waits at a terminal.
func (p *place) longWait(quiet time.Duration, now time.Time) *Fatal {
	layout := "15:04"
	if quiet >= 24*time.Hour {
		layout = "2006-01-02 15:04"
	}
	return &Fatal{
		Type: "long_wait", Message: fmt.Sprintf("%s asks to wait %s", p.provider, hours(quiet)),
		Then: "run the same command after " + now.Add(quiet).Format(layout),
	}
}

// hours writes a wait as one would say it: 12 h, 5 h 12 m, 20 m, 5 s.
func hours(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%d s", int64(math.Ceil(d.Seconds())))
	}
	minutes := int64(d.Round(time.Minute) / time.Minute)
	switch h, m := minutes/60, minutes%60; {
	case h == 0:
		return fmt.Sprintf("%d m", m)
	case m == 0:
		return fmt.Sprintf("%d h", h)
	default:
		return fmt.Sprintf("%d h %d m", h, m)
	}
}

func (a *asking) entry(p *place, s sent) *cache.Entry {
	cost, known := a.model.cost(s.answer)
	return &cache.Entry{
		Fields: a.fs, Raw: s.call.raw, Text: s.answer.text, Reasoning: s.answer.reasoning, Finish: s.answer.finish,
		Usage: s.answer.usage, CostKnown: known, CostNano: cost,
		ModelResolved: s.answer.model, Start: s.start, End: s.end, Commit: a.d.o.Commit(), Engine: a.d.o.Engine,
	}
}

func (a *asking) tell(p *place, s sent, st standing, kind EventKind, wait time.Duration) {
	e := Event{
		Time: s.end, Kind: kind, Provider: p.provider, Model: p.model, Key: a.key, Try: a.tries, Status: s.call.status,
		Took: s.end.Sub(s.start), Wait: wait, Limit: st.limit,
	}
	switch {
	case s.fatal != nil:
		e.Type, e.Message = s.fatal.Type, s.fatal.Message
	case s.failed != nil:
		e.Type, e.Message = s.failed.Type, s.failed.Message
	}
	if e.Type != "" {
		a.d.failures.Add(e.Type)
	}
	if a.d.o.Event != nil {
		a.d.o.Event(e)
	}
}
