package dispatch

import (
	"fmt"
	"maps"
	"slices"
	"sync"
)

// DefaultPauseAfter is how many requests of one model may fail in a row, each after all its tries, before
// the model is left alone: more than chance makes, and few enough to save the rest from the same.
const DefaultPauseAfter = 20

// Paused is what a request gets whose model is left alone for the rest of the build, while others go on.
type Paused struct {
	Model    string // its name in the registry
	Failures int    // in a row
	Last     string // what the last one said, "" where a person dropped the model
}

func (p *Paused) Error() string {
	if p.Last == "" {
		return fmt.Sprintf("model %q was dropped from this build", p.Model)
	}
	return fmt.Sprintf("model %q failed %d times in a row and is left alone (%s)", p.Model, p.Failures, p.Last)
}

// troubles counts failures in a row by model. Only failures on the way count: one that a request brings
// upon itself says nothing of the next.
type troubles struct {
	after int

	mu     sync.Mutex
	inRow  map[string]int
	paused map[string]*Paused
}

func newTroubles(after int) *troubles {
	return &troubles{after: after, inRow: map[string]int{}, paused: map[string]*Paused{}}
}

// of is nil, or why the model is left alone.
func (ts *troubles) of(m *Model) error {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if p := ts.paused[m.Name]; p != nil {
		return p
	}
	return nil
}

// see counts how a request ended.
func (ts *troubles) see(m *Model, failed *Failed) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if failed == nil {
		delete(ts.inRow, m.Name)
		return
	}
	if !failed.Transport {
		return
	}
	ts.inRow[m.Name]++
	if n := ts.inRow[m.Name]; n >= ts.after && ts.paused[m.Name] == nil {
		ts.paused[m.Name] = &Paused{Model: m.Name, Failures: n, Last: failed.Message}
	}
}

func (ts *troubles) drop(model string) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.paused[model] = &Paused{Model: model}
}

// names are the models that are left alone, sorted.
func (ts *troubles) names() []string {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	return slices.AppendSeq([]string{}, slices.Values(slices.Sorted(maps.Keys(ts.paused)))) // never nil: JSON
}
