package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"time"

	"github.com/identity-shaping/isf/internal/engine"
)

// A trace is a file in the trace format of Chrome, for chrome://tracing and
// ui.perfetto.dev: targets in one group of rows, and the tries of each model in
// another, as many rows as there were tries on the wire at once.
type trace struct {
	file  *os.File
	out   *bufio.Writer
	began time.Time
	rows  map[string]*traceGroup
	since map[string]time.Time // when targets started
	first bool
}

// A traceGroup is what Chrome calls a process. busy says until when each of its
// rows, which Chrome calls threads, is taken.
type traceGroup struct {
	id   int
	busy []time.Time
}

// A span is one event of the format.
type span struct {
	Name  string         `json:"name"`
	Phase string         `json:"ph"`
	At    int64          `json:"ts"` // microseconds
	Took  int64          `json:"dur,omitempty"`
	Group int            `json:"pid"`
	Row   int            `json:"tid"`
	Args  map[string]any `json:"args,omitempty"`
}

func newTrace(path string, began time.Time) (*trace, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	t := &trace{file: f, out: bufio.NewWriter(f), began: began, rows: map[string]*traceGroup{}, since: map[string]time.Time{}, first: true}
	_, err = t.out.WriteString("[")
	return t, err
}

func (t *trace) add(e engine.Event) error {
	switch e.Kind {
	case engine.TargetStarted:
		t.since[e.Target] = e.Time
	case engine.TargetEnded:
		return t.span("targets", e.Target, t.since[e.Target], e.Time, map[string]any{"state": e.Result.State, "requests": e.Result.Requests})
	case engine.TryEnded:
		name := string(e.Try.Kind)
		if e.Try.Type != "" {
			name = e.Try.Type
		}
		args := map[string]any{"key": e.Try.Key.String(), "try": e.Try.Try, "status": e.Try.Status}
		return t.span(e.Try.Provider+"/"+e.Try.Model, name, e.Time.Add(-e.Try.Took), e.Time, args)
	}
	return nil
}

// span draws one thing into the first row of its group that is free. Things
// come in the order of their ends, so what is drawn already ends before.
func (t *trace) span(group, name string, from, to time.Time, args map[string]any) error {
	g := t.rows[group]
	if g == nil {
		g = &traceGroup{id: len(t.rows) + 1}
		t.rows[group] = g
		if err := t.write(span{Name: "process_name", Phase: "M", Group: g.id, Args: map[string]any{"name": group}}); err != nil {
			return err
		}
	}
	row := slices.IndexFunc(g.busy, func(until time.Time) bool { return !until.After(from) })
	if row < 0 {
		row = len(g.busy)
		g.busy = append(g.busy, time.Time{})
	}
	g.busy[row] = to
	return t.write(span{name, "X", from.Sub(t.began).Microseconds(), max(to.Sub(from).Microseconds(), 1), g.id, row + 1, args})
}

func (t *trace) write(s span) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	comma := ",\n"
	if t.first {
		comma, t.first = "\n", false
	}
	_, err = t.out.WriteString(comma + string(text))
	return err
}

func (t *trace) close() error {
	_, err := t.out.WriteString("\n]\n")
	return errors.Join(err, t.out.Flush(), t.file.Close())
}
