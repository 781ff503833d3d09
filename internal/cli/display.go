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
	stop     context.CancelFunc
	wg       sync.WaitGroup
}

func newDisplay(out io.Writer) *display {
	return &display{progress: term.NewProgress(out, screenOf(out))}
}

// log prints a line above the display.
func (d *display) log(text string) { d.progress.Logf("%s", text) }

// watch starts showing e's progress.
func (d *display) watch(e *engine.Engine) {
	ctx, stop := context.WithCancel(context.Background())
	d.stop = stop
	d.wg.Go(func() {
		d.progress.Run(ctx, func() []term.Line { return progressLines(e.Snapshots()) })
	})
}

// close ends the display. On a terminal the report takes its place.
func (d *display) close() {
	if d.stop != nil {
		d.stop()
		d.wg.Wait()
	}
}

func progressLines(snapshots []engine.Snapshot) []term.Line {
	lines := make([]term.Line, 0, len(snapshots))
	for _, s := range snapshots {
		l := term.Line{
			Target: path.Base(s.Target), Done: s.Done, Running: s.Started - s.Done, Total: -1,
			Hits: s.Requests.Hits, Sent: s.Requests.Sent, Retries: s.Requests.Retries,
			Tokens: s.Tokens.Prompt + s.Tokens.Completion, CostNano: s.CostNano, SavedNano: s.SavedNano, Models: shares(s.Models), Errors: s.Errors, State: term.Running,
		}
		if s.Counted {
			l.Total = s.Started
		}
		switch {
		case s.Over && s.Err == nil:
			l.State = term.Done
		case s.Over && (errors.Is(s.Err, engine.ErrStopped) || errors.Is(s.Err, engine.ErrInterrupted)):
			l.State = term.Stopped
		case s.Over:
			l.State = term.Failed
		}
		lines = append(lines, l)
	}
	return lines
}

func shares(uses []engine.ModelUse) (out []term.Share) {
	for _, u := range uses {
		out = append(out, term.Share{Model: u.Name, CostNano: u.CostNano})
	}
	return out
}
