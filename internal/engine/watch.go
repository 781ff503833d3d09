package engine

import (
	"sync/atomic"
	"time"

	"github.com/identity-shaping/isf/dispatch"
	"github.com/identity-shaping/isf/graph"
)

// Progress is one target's line of a running build.
type Progress struct {
	Target *graph.Target
	b      *Build
	began  time.Time
	over   atomic.Pointer[ending]
}

// An ending is how a run ended; err is nil if it counts.
type ending struct {
	err error
	at  time.Time
}

// A Snapshot is a line at one moment. Started grows until Counted is true, and
// is the number of records then.
type Snapshot struct {
	Target    string           `json:"target"`
	Done      int64            `json:"done"` // records
	Started   int64            `json:"started"`
	Counted   bool             `json:"counted"`
	Errors    int64            `json:"errors"`
	ByError   map[string]int64 `json:"errors_by_type"`
	Skipped   int64            `json:"skipped"`
	Requests  Requests         `json:"requests"`
	Tokens    Tokens           `json:"tokens"`
	CostNano  int64            `json:"cost_nano_usd"`
	SavedNano int64            `json:"saved_nano_usd"` // what answers from the cache cost when they were asked
	Models    []ModelUse       `json:"models"`
	Priced    bool             `json:"priced"` // the price of everything is known
	Seconds   float64          `json:"seconds"`
	Over      bool             `json:"over"`
	Error     string           `json:"error,omitempty"` // why it failed, once it is over
	Err       error            `json:"-"`
}

func (e *Engine) show(t *graph.Target, b *Build) *Progress {
	p := &Progress{Target: t, b: b, began: time.Now()}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.lines = append(e.lines, p)
	return p
}

func (p *Progress) end(err error) { p.over.Store(&ending{err, time.Now()}) }

// Snapshots returns a line for each target that runs or has run, in the order
// they started.
func (e *Engine) Snapshots() []Snapshot {
	e.mu.Lock()
	lines := e.lines
	e.mu.Unlock()
	out := make([]Snapshot, 0, len(lines))
	for _, p := range lines {
		out = append(out, p.snapshot())
	}
	return out
}

func (p *Progress) snapshot() Snapshot {
	r := Result{tally: &p.b.tally}
	shown := &p.b.progress
	open := shown.open.Load() // ended without an answer, at a stop: neither done nor to come
	s := Snapshot{
		Target: p.Target.Name,
		Done:   shown.done.Load() - open, Started: shown.started.Load() - open, Counted: shown.counted.Load(),
		Errors: shown.errors.Load(), ByError: shown.byError.All(), Skipped: shown.skipped.Load(),
		Requests: r.Requests(), Tokens: r.Tokens(), SavedNano: r.SavedNano(), Models: p.b.spending.uses(),
	}
	s.CostNano, s.Priced = r.CostNano()
	now := time.Now()
	if end := p.over.Load(); end != nil {
		s.Over, s.Err, now = true, end.err, end.at
		if end.err != nil {
			s.Error = end.err.Error()
		}
	}
	s.Seconds = now.Sub(p.began).Seconds()
	return s
}

// A Status is what a build does at one moment: what it has on the wire, and how
// far each target is.
type Status struct {
	dispatch.Status
	Targets []Snapshot `json:"targets"`
	Models  []ModelUse `json:"models"` // over all targets; what cost most comes first
}

// Status looks at a build that has come to ask something.
func (e *Engine) Status() (Status, error) {
	d, err := e.control()
	if err != nil {
		return Status{}, err
	}
	s := Status{Status: d.Status(), Targets: e.Snapshots()}
	for _, t := range s.Targets {
		s.Models = append(s.Models, t.Models...)
	}
	s.Models = SumUses(s.Models)
	return s, nil
}
