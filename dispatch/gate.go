package dispatch

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"
)

// A gate lets tries onto the wire: at most workers at once, at most its limit per lane. Tallies
// take turns, so that a target with a hundred thousand records does not starve one with ten; within a
// tally it is first come, first served, except that a repeated try goes before new ones: somebody's
// output already waits for it.
type gate struct {
	clock   Clock
	ctx     context.Context // ends when the gate closes; only wake-up calls live by it
	wg      sync.WaitGroup  // those calls
	mu      sync.Mutex
	workers int
	busy    int
	paused  bool    // nobody enters
	turns   []*turn // tallies with somebody waiting; the next to be served is at the front
}

// A turn is one tally's waiting tries, by lane.
type turn struct {
	tally *Tally
	lines []*line
}

type line struct {
	lane  *lane
	queue []*waiter
}

// A waiter is one try before its turn. Who removes it from its line decides: the gate, which
// closes ready, or the waiter itself, which gives up.
type waiter struct {
	ready  chan struct{}
	tokens int64 // that the try is expected to take
	ticket ticket
}

// A ticket is a place on the wire, and how the lane stood when it was given.
type ticket struct {
	flight, answers int
	sending         *sending
}

// A standing is how a lane stands when a try has left it.
type standing struct {
	limit   int
	answers int
	moved   bool // somebody was answered while the try was on the wire
	lately  bool // or not long before
}

// atMost is how many tries may be on the wire now.
func (g *gate) atMost() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.workers
}

// enter waits for a place; leave must follow, unless there is an error.
func (g *gate) enter(ctx context.Context, stop <-chan struct{}, l *lane, t *Tally, tokens int64, again bool) (ticket, error) {
	g.mu.Lock()
	if now := g.clock.Now(); !g.paused && g.busy < g.workers && l.open(now, tokens) && len(g.turns) == 0 {
		defer g.mu.Unlock()
		return g.admit(l, now, tokens), nil
	}
	w := &waiter{ready: make(chan struct{}), tokens: tokens}
	g.join(w, l, t, again)
	g.serve()
	g.mu.Unlock()
	select {
	case <-w.ready:
		return w.ticket, nil
	case <-ctx.Done():
		return ticket{}, g.giveUp(w, l, t, ctx.Err())
	case <-stop:
		return ticket{}, g.giveUp(w, l, t, ErrStopped)
	}
}

func (g *gate) admit(l *lane, now time.Time, tokens int64) ticket {
	g.busy++
	l.admit(now)
	return ticket{l.flight, l.answers, l.window.send(now, tokens)}
}

func (g *gate) join(w *waiter, l *lane, t *Tally, again bool) {
	ln := g.turnOf(t).lineOf(l)
	if again {
		ln.queue = append([]*waiter{w}, ln.queue...)
		return
	}
	ln.queue = append(ln.queue, w)
}

func (g *gate) turnOf(t *Tally) *turn {
	for _, tn := range g.turns {
		if tn.tally == t {
			return tn
		}
	}
	tn := &turn{tally: t}
	g.turns = append(g.turns, tn)
	return tn
}

func (t *turn) lineOf(l *lane) *line {
	for _, ln := range t.lines {
		if ln.lane == l {
			return ln
		}
	}
	ln := &line{lane: l}
	t.lines = append(t.lines, ln)
	return ln
}

// giveUp takes a waiter out of its line. Where the gate was faster, the place goes to the next one.
func (g *gate) giveUp(w *waiter, l *lane, t *Tally, cause error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-w.ready:
		g.busy--
		l.busy--
		g.serve()
		return cause
	default:
	}
	ln := g.turnOf(t).lineOf(l)
	for i, other := range ln.queue {
		if other == w {
			ln.queue = append(ln.queue[:i], ln.queue[i+1:]...)
			break
		}
	}
	g.tidy()
	return cause
}

// An outcome is what a lane learns from a try.
type outcome struct {
	answered bool
	refused  bool          // the provider is at its limit
	undialt  bool          // nobody was there
	quiet    time.Duration // how long the provider wants to be left alone (Retry-After)
	spare    time.Duration // until the limits that it names let the next try in
	tokens   int64         // it took
}

// leave gives the place back.
func (g *gate) leave(l *lane, t ticket, o outcome) standing {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.clock.Now()
	if o.answered {
		l.answer(now)
		l.window.correct(t.sending, o.tokens, now)
	}
	if o.refused {
		l.refuse(t.flight, now)
		if o.quiet == 0 {
			o.quiet = l.thirst()
		}
	}
	l.hear(o.undialt, now)
	if o.refused && l.chance.stray() {
		o.quiet = 0
	}
	if quiet := max(o.quiet, o.spare); quiet > 0 {
		l.pause(now.Add(quiet))
	}
	g.busy--
	l.busy--
	g.serve()
	return standing{limit: l.limit, answers: l.answers, moved: l.answers > t.answers, lately: l.answers > 0 && now.Sub(l.lastAnswer) < lately}
}

// least is the place whose lane has most room, for its limit; a quiet one comes last.
func (g *gate) least(places []*place) *place {
	if len(places) == 1 {
		return places[0]
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.clock.Now()
	return slices.MinFunc(places, func(a, b *place) int {
		return cmp.Compare(a.lane.load(now), b.lane.load(now))
	})
}

// answered says whether any of the places ever was.
func (g *gate) answered(places []*place) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.ContainsFunc(places, func(p *place) bool { return p.lane.answers > 0 })
}

// wakeAt serves again when a lane that only time keeps closed opens.
func (g *gate) wakeAt(l *lane, at, now time.Time) {
	if now.Before(l.wake) && !at.Before(l.wake) {
		return // somebody looks before that, and will see how long it is then
	}
	l.wake = at
	g.wg.Go(func() {
		if g.clock.Sleep(g.ctx, at.Sub(now)) != nil {
			return
		}
		g.mu.Lock()
		defer g.mu.Unlock()
		l.wake = time.Time{}
		g.serve()
	})
}

// serve lets in whoever may go now, one tally after the other.
func (g *gate) serve() {
	now := g.clock.Now()
	for refused := 0; !g.paused && g.busy < g.workers && refused < len(g.turns); {
		t := g.turns[0]
		w, l := g.next(t, now)
		if w == nil {
			refused++
		} else {
			refused = 0
			w.ticket = g.admit(l, now, w.tokens)
			close(w.ready)
		}
		g.turns = append(g.turns[1:], t)
		if w != nil {
			g.tidy()
		}
	}
}

// next takes the first waiter of a line whose lane is open; its lines take turns as well.
func (g *gate) next(t *turn, now time.Time) (*waiter, *lane) {
	for i, ln := range t.lines {
		if len(ln.queue) == 0 {
			continue
		}
		w := ln.queue[0]
		if at := ln.lane.free(now, w.tokens); now.Before(at) {
			g.wakeAt(ln.lane, at, now)
			continue
		}
		if ln.lane.busy >= ln.lane.limit {
			continue
		}
		ln.queue[0] = nil
		ln.queue = ln.queue[1:]
		t.lines = append(append(t.lines[:i:i], t.lines[i+1:]...), ln)
		return w, ln.lane
	}
	return nil, nil
}

// tidy forgets lines and turns that nobody waits in.
func (g *gate) tidy() {
	turns := g.turns[:0]
	for _, t := range g.turns {
		lines := t.lines[:0]
		for _, ln := range t.lines {
			if len(ln.queue) > 0 {
				lines = append(lines, ln)
			}
		}
		t.lines = lines
		if len(lines) > 0 {
			turns = append(turns, t)
		}
	}
	clear(g.turns[len(turns):])
	g.turns = turns
}
