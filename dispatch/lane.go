package dispatch

import (
	"math/bits"
	"time"
)

const (
	// cutTo is what a refusal leaves of the limit.
	cutTo = 0.9
	// rampStep is how long a lane that has not been answered yet waits before it sends as much again as it
	// has: providers tell a wrong key or an unknown model well within a few of these, and a thousand workers
	// are all at work after one second.
	rampStep = 100 * time.Millisecond
	// holdFor is how long a refused limit is not tried again.
	holdFor = 10 * time.Second
	// dryCuts is how many cuts with no answer between them say that nobody is let in for now. Beyond a limit of
	// requests at once some are answered all the time.
	dryCuts = 3
)

// A lane is one model at one endpoint with one key: what a provider limits. It finds out how
// many tries at once the provider takes: one more after each flight of answers, a tenth less after a
// flight with refusals, unless those come whatever the load. Before its first answer it ramps up: one try, then twice as many with each rampStep,
// so that what is wrong with a key or a model shows at one request and not at a thousand. The gate's mutex
// guards all of it.
type lane struct {
	limit, most int // tries at once: now, and ever
	busy        int // on the wire
	answered    int // since the limit last grew
	answers     int // ever; a refusal amid answers is only a matter of waiting
	lastAnswer  time.Time
	flight      int // counts cuts; a try remembers the flight it left in

	began time.Time // when the first try left
	sent  int       // tries that have left

	dry       int // cuts since the last answer
	held      int // the limit that was refused
	heldUntil time.Time
	pauseTill time.Time // the provider asked for quiet until then
	deaf      bool      // nobody was there to take the last try
	deafTill  time.Time // and nobody looks again before
	chance    chance    // what refusals say of the load

	window window
	wake   time.Time // when somebody looks again, because time alone keeps it closed
}

// open says whether a try of so many tokens may go now.
func (l *lane) open(now time.Time, tokens int64) bool {
	return l.busy < l.limit && !now.Before(l.free(now, tokens))
}

// free is when it may go, as far as only time is in its way.
func (l *lane) free(now time.Time, tokens int64) time.Time {
	return later(later(l.pauseTill, l.ramp()), l.window.free(now, tokens))
}

// ramp is when the next try may go while none has been answered.
func (l *lane) ramp() time.Time {
	if l.answers > 0 || l.sent == 0 {
		return time.Time{}
	}
	return l.began.Add(time.Duration(bits.Len(uint(l.sent))) * rampStep)
}

// admit counts a try that leaves.
func (l *lane) admit(now time.Time) {
	if l.sent == 0 {
		l.began = now
	}
	l.sent++
	l.busy++
	l.chance.leave(l.limit)
}

// load is the share of the lane that is taken; above 1 while it is quiet, and higher still where nobody is there,
// but for one try now and then that looks again: of a pool the other endpoints are taken.
func (l *lane) load(now time.Time) float64 {
	load := float64(l.busy) / float64(l.limit)
	if now.Before(l.free(now, 0)) {
		load += 2
	}
	if l.deaf && (l.busy > 0 || now.Before(l.deafTill)) {
		load += 4
	}
	return load
}

// hear takes note of whether anybody was there.
func (l *lane) hear(undialt bool, now time.Time) {
	if l.deaf = undialt; undialt {
		l.deafTill = now.Add(holdFor)
	}
}

// answer counts a success, and lets the limit grow with each flight of them: by one up to the limit that
// was refused, which is probably still the provider's. Where that holds now the provider takes more than it
// did, nobody knows how much, and by one it would take minutes to find out.
func (l *lane) answer(now time.Time) {
	l.answers++
	l.lastAnswer, l.dry = now, 0
	l.answered++
	l.chance.answer()
	if l.answered < l.limit || l.limit >= l.most {
		return
	}
	if l.limit+1 >= l.held && now.Before(l.heldUntil) {
		return
	}
	step := 1
	if l.limit >= l.held {
		step = max(1, l.limit/4)
	}
	l.limit = min(l.limit+step, l.most)
	l.answered = 0
}

// refuse cuts the limit, once for all refusals of one flight, unless cutting has shown that it is in vain. What
// counts is how many were really on the wire: with few of them, a tenth off a high limit would change nothing.
func (l *lane) refuse(flight int, now time.Time) {
	l.chance.refusal()
	if flight != l.flight || l.chance.random {
		return
	}
	l.flight++
	l.dry++
	l.answered = 0
	refused := min(l.limit, l.busy)
	if inVain, back := l.chance.cut(refused, refused < l.held); inVain {
		l.limit, l.held, l.heldUntil = max(l.limit, back), 0, now
		return
	}
	l.limit = max(1, int(float64(refused)*cutTo))
	l.held, l.heldUntil = refused, now.Add(holdFor)
}

// thirst is how long a lane keeps quiet that nobody lets in, and nobody tells for how long.
func (l *lane) thirst() time.Duration {
	if l.dry < dryCuts {
		return 0
	}
	return min(firstWait<<min(l.dry-dryCuts, 10), holdFor)
}

// pause keeps the lane quiet until t, at least.
func (l *lane) pause(t time.Time) {
	if t.After(l.pauseTill) {
		l.pauseTill = t
	}
}
