package engine

import (
	"errors"
	"fmt"

	"github.com/identity-shaping/isf/dispatch"
)

// errNothingSent answers commands to a build that has not come to ask anything.
var errNothingSent = errors.New("the build has not asked anything yet: try again in a moment")

// tasksFor is how many tasks a stage runs for so many workers: a quarter more,
// so that a worker never waits for a task to get ready.
func tasksFor(workers int) int { return workers + workers/4 + 4 }

// tasksOf makes the room for a stage's tasks, which grows and shrinks with the
// build's workers.
func (b *Build) tasksOf() *room {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := &room{limit: tasksFor(b.workers)}
	b.rooms = append(b.rooms, r)
	return r
}

// setWorkers changes the bound of a running pipeline, unless it has one of its
// own below the build's.
func (b *Build) setWorkers(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.gate != nil {
		return
	}
	for _, r := range b.rooms {
		r.resize(tasksFor(n))
	}
}

// control is the dispatcher, once there is one.
func (e *Engine) control() (*dispatch.Dispatcher, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.live == nil {
		return nil, errNothingSent
	}
	return e.live, nil
}

// SetWorkers changes how many requests are in flight, from now on.
func (e *Engine) SetWorkers(n int) error {
	d, err := e.control()
	if err != nil {
		return err
	}
	d.SetWorkers(n)
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, p := range e.lines {
		p.b.setWorkers(n)
	}
	return nil
}

// Pause sends nothing further until it is called with false.
func (e *Engine) Pause(paused bool) error {
	d, err := e.control()
	if err == nil {
		d.Pause(paused)
	}
	return err
}

// SetBudget changes what this build may cost, in nano-USD. It cannot where a model
// is asked whose price nobody knows: the budget would end the build.
func (e *Engine) SetBudget(nano int64) error {
	s, err := e.Status()
	if err != nil {
		return err
	}
	for _, m := range s.Models {
		if nano > 0 && m.Unpriced > 0 {
			return fmt.Errorf("nobody says what model %q costs, so no budget in USD can hold; the build goes on as it was", m.Name)
		}
	}
	d, err := e.control()
	if err == nil {
		d.SetBudget(nano)
	}
	return err
}

// Drop leaves a model alone for the rest of the build.
func (e *Engine) Drop(model string) error {
	m, err := e.project.Registry.Find(model)
	if err != nil {
		return err
	}
	d, err := e.control()
	if err == nil {
		d.Drop(m.Name)
	}
	return err
}
