package term

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// A Line is what one target has done so far, and what State it is in: one of
// the constants, or any other word, which is shown as it is.
type Line struct {
	Target              string
	Done, Running       int64 // records
	Unknown             int64 // records of which nobody knows yet whether anything must be sent
	Total               int64 // records, -1 while unknown
	About               bool  // Total is a guess
	Hits, Sent, Retries int64 // requests; Sent counts every try
	Tokens              int64
	CostNano            int64 // of what was sent, in nano-USD, as far as it is known
	ExpectedNano        int64 // what it was expected to cost before it began; counts while Total is unknown
	SavedNano           int64 // what the hits cost when they were asked
	Models              []Share
	State               string
	Errors              int64
}

// A Share is what one model took of a target's cost.
type Share struct {
	Model    string
	CostNano int64
}

// The states that are drawn in their own way.
const (
	Waiting = "waiting" // for other targets; nothing done yet
	Running = "running"
	Paused  = "paused" // by a person
	Done    = "done"
	Failed  = "failed"
	Stopped = "stopped" // by a person or a budget, before its end
)

// A Progress shows how far the targets of a build are. On a terminal it is a
// block at the bottom that is drawn over; what Logf prints goes above it. In a
// pipe it is a plain line per target now and then. Its methods may be called
// from many goroutines.
type Progress struct {
	screen Screen

	mu      sync.Mutex
	out     io.Writer
	lines   []Line
	paces   map[string]*Pace
	drawn   []int             // widths of the rows on the terminal
	at      time.Time         // of the last frame
	printed map[string]string // in a pipe: the last line of each target
	states  map[string]string // in a pipe: the state it told
	shares  string            // in a pipe: the last line of models
}

const (
	frame = 125 * time.Millisecond // between frames: 8 Hz moves, faster only flickers
	quiet = 5 * time.Second        // between plain lines about one target
)

// NewProgress shows progress on out, which is what s says.
func NewProgress(out io.Writer, s Screen) *Progress {
	return &Progress{screen: s, out: out, paces: map[string]*Pace{}, printed: map[string]string{}, states: map[string]string{}}
}

// Run shows what snapshot returns until ctx ends. A terminal's block is then
// removed, since a report follows.
func (p *Progress) Run(ctx context.Context, snapshot func() []Line) {
	t := time.NewTicker(frame)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			p.Clear()
			return
		case <-t.C:
			p.Show(snapshot())
		}
	}
}

// Show shows the lines if it is time for a frame.
func (p *Progress) Show(lines []Line) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.take(lines)
	if p.screen.Terminal {
		if now := p.screen.now(); now.Sub(p.at) >= frame {
			p.at = now
			p.draw("")
		}
		return
	}
	p.print(false)
}

// Close shows the lines for good. What is printed later goes below them.
func (p *Progress) Close(lines []Line) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.take(lines)
	if p.screen.Terminal {
		p.draw("")
	} else {
		p.print(true)
	}
	p.lines, p.drawn = nil, nil
}

// Clear removes the block from the terminal, to make room for a summary.
func (p *Progress) Clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lines = nil
	if len(p.drawn) > 0 {
		p.draw("")
	}
}

// Logf prints a line above the block. What it prints is made safe.
func (p *Progress) Logf(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := strings.TrimRight(Safe(fmt.Sprintf(format, args...)), "\n") + "\n"
	if p.screen.Terminal {
		p.draw(text)
		return
	}
	io.WriteString(p.out, text)
}

// take remembers the lines and what they say about speed.
func (p *Progress) take(lines []Line) {
	p.lines = append(p.lines[:0], lines...)
	now := p.screen.now()
	for i := range p.lines {
		l := &p.lines[i]
		l.Target, l.State = SafeLine(l.Target), SafeLine(l.State)
		pc := p.paces[l.Target]
		if pc == nil {
			pc = &Pace{}
			p.paces[l.Target] = pc
		}
		pc.Add(now, l.Done, l.CostNano)
	}
}

// draw puts text above the block and the block below it, in one write, so that
// no half of it is ever seen. Rows are drawn over rather than erased first.
func (p *Progress) draw(text string) {
	width, height := usualWidth, usualHeight
	if p.screen.Size != nil {
		width, height = p.screen.Size()
	}
	var b strings.Builder
	if up := rowsOf(p.drawn, width); up > 0 {
		fmt.Fprintf(&b, "\x1b[%dA\r", up)
	}
	if text != "" {
		b.WriteString("\x1b[J" + text)
	}
	p.drawn = p.drawn[:0]
	for _, row := range p.table(width-1, height-1) { // a full row would make some terminals wrap
		b.WriteString(row + "\x1b[K\n")
		p.drawn = append(p.drawn, Columns(row))
	}
	b.WriteString("\x1b[J")
	io.WriteString(p.out, b.String())
}

// rowsOf is how many rows the terminal shows for lines of these widths: after
// it became narrower, more than there are lines.
func rowsOf(widths []int, width int) int {
	n := 0
	for _, w := range widths {
		n += max(1, (w+width-1)/max(1, width))
	}
	return n
}
