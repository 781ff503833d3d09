package engine

import (
	"path"
	"time"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/dispatch"
)

// An EventKind says what an Event tells of.
type EventKind string

const (
	TargetStarted EventKind = "target-started" // its lock is held and it is run
	TargetEnded   EventKind = "target-ended"   // Result says how
	TargetSettled EventKind = "target-settled" // it is not run: it is current, or Result says why it cannot be
	StepEnded     EventKind = "step"           // a request of a record was answered, from the cache or not, or failed
	TryEnded      EventKind = "try"            // one request on the wire was answered, or failed
)

// An Event tells what a build does. Which fields are set depends on the kind.
type Event struct {
	Time   time.Time // when it ended, or began
	Kind   EventKind
	Target string // "" of a try: it may be for several

	Step   *StepEvent
	Try    *dispatch.Event
	Result *LoggedTarget
}

// A StepEvent names a request by the record that made it.
type StepEvent struct {
	Stage, Record  string
	Place, Attempt int
	Model          string
	Key            cache.Key
	Hit            bool
	Err            string
}

// tell passes an event on, from whatever goroutine it happened in.
func (e *Engine) tell(ev Event) {
	if e.opts.Event == nil {
		return
	}
	if ev.Time.IsZero() {
		ev.Time = time.Now()
	}
	e.opts.Event(ev)
}

// tellEnd tells what became of a target.
func (e *Engine) tellEnd(kind EventKind, r Result) {
	if e.opts.Event == nil {
		return
	}
	done := loggedTarget(r)
	e.tell(Event{Kind: kind, Target: r.Target.Name, Result: &done})
}

// tellStep tells of a request that was made; step is nil where it was not.
func (b *Build) tellStep(step *Step, err error) {
	if b.engine.opts.Event == nil || step == nil {
		return
	}
	s := &StepEvent{Stage: step.Stage, Record: step.Record, Place: step.Place, Attempt: step.Attempt, Model: step.Model, Key: step.Ref.Key, Hit: step.Hit}
	if err != nil {
		s.Err, s.Key = err.Error(), step.fields.Key()
	}
	b.engine.tell(Event{Kind: StepEnded, Target: path.Join(dataDir, b.pipeline.Name), Step: s})
}

// hearTries is what the dispatcher calls, nil where nobody listens.
func (e *Engine) hearTries() func(dispatch.Event) {
	if e.opts.Event == nil {
		return nil
	}
	return func(try dispatch.Event) { e.tell(Event{Time: try.Time, Kind: TryEnded, Try: &try}) }
}
