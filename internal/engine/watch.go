package engine

import (
	"sync/atomic"

	"github.com/identity-shaping/isf/graph"
)

// Progress is one target's line of a running build.
type Progress struct {
	Target *graph.Target
	b      *Build
	over   atomic.Pointer[ending]
}

// An ending is how a run ended; err is nil if it counts.
type ending struct{ err error }

// A Snapshot is a line at one moment. Started grows until Counted is true, and
// is the number of records then.
type Snapshot struct {
	Target                         string
	Done, Started, Errors, Skipped int64
	Counted, Over                  bool
	Err                            error // once it is over
	Requests                       Requests
	Tokens                         Tokens
	CostNano, SavedNano            int64
	Models                         []ModelUse
}

func (e *Engine) show(t *graph.Target, b *Build) *Progress {
	p := &Progress{Target: t, b: b}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.lines = append(e.lines, p)
	return p
}

func (p *Progress) end(err error) { p.over.Store(&ending{err}) }

// Snapshots returns a line for each target that runs or has run, in the order
// they started.
func (e *Engine) Snapshots() []Snapshot {
	e.mu.Lock()
	lines := e.lines
	e.mu.Unlock()
	out := make([]Snapshot, 0, len(lines))
	for _, p := range lines {
		r := Result{tally: &p.b.tally}
		cost, _ := r.CostNano()
		one := Snapshot{
			Target: p.Target.Name,
			Done:   p.b.progress.done.Load(), Started: p.b.progress.started.Load(),
			Errors: p.b.progress.errors.Load(), Skipped: p.b.progress.skipped.Load(),
			Counted:  p.b.progress.counted.Load(),
			Requests: r.Requests(), Tokens: r.Tokens(), CostNano: cost, SavedNano: r.SavedNano(),
			Models: p.b.spending.uses(),
		}
		if end := p.over.Load(); end != nil {
			one.Over, one.Err = true, end.err
		}
		out = append(out, one)
	}
	return out
}
