package cli

import (
	"context"
	"errors"
	"io"
	"path"
	"sync"

	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/term"
)

// A display shows a running build on standard error.
type display struct {
	progress *term.Progress
	foreseen map[string]engine.Forecast // by target, as far as somebody looked
	stop     context.CancelFunc
	wg       sync.WaitGroup
}

func newDisplay(out io.Writer, foreseen []engine.Forecast) *display {
	d := &display{progress: term.NewProgress(out, screenOf(out)), foreseen: map[string]engine.Forecast{}}
	for _, f := range foreseen {
		d.foreseen[f.Target.Name] = f
	}
	return d
}

// log prints a line above the display.
func (d *display) log(text string) { d.progress.Logf("%s", text) }

// watch starts showing e's progress.
func (d *display) watch(e *engine.Engine) {
	ctx, stop := context.WithCancel(context.Background())
	d.stop = stop
	d.wg.Go(func() {
		d.progress.Run(ctx, func() []term.Line { return d.lines(e) })
	})
}

// close ends the display. On a terminal the report takes its place.
func (d *display) close() {
	if d.stop != nil {
		d.stop()
		d.wg.Wait()
	}
}

// lines are the targets as they stand. What nobody has counted yet is what was
// foreseen.
func (d *display) lines(e *engine.Engine) (lines []term.Line) {
	status, err := e.Status()
	paused := err == nil && status.Paused
	for _, s := range e.Snapshots() {
		lines = append(lines, line(s, d.foreseen[s.Target], paused))
	}
	return lines
}

// line is one target as it stands, of what was foreseen.
func line(s engine.Snapshot, f engine.Forecast, paused bool) term.Line {
	l := term.Line{
		Target: path.Base(s.Target), Done: s.Done, Running: s.Started - s.Done, Total: -1,
		Hits: s.Requests.Hits, Sent: s.Requests.Sent, Retries: s.Requests.Retries,
		Tokens: s.Tokens.Prompt + s.Tokens.Completion, CostNano: s.CostNano, SavedNano: s.SavedNano, Models: shares(s.Models), Errors: s.Errors, State: term.Running,
	}
	switch {
	case s.Counted:
		l.Total = s.Started
	case f.Records >= s.Started && f.Records > 0:
		l.Total, l.About = f.Records, f.Recall
	default:
		l.ExpectedNano = f.CostNano
	}
	switch {
	case paused && !s.Over:
		l.State = term.Paused
	case s.Over && s.Err == nil:
		l.State = term.Done
	case s.Over && (errors.Is(s.Err, engine.ErrStopped) || errors.Is(s.Err, engine.ErrInterrupted)):
		l.State = term.Stopped
	case s.Over:
		l.State = term.Failed
	}
	return l
}

func shares(uses []engine.ModelUse) (out []term.Share) {
	for _, u := range uses {
		out = append(out, term.Share{Model: u.Name, CostNano: u.CostNano})
	}
	return out
}
