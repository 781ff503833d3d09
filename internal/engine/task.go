package engine

import (
	"cmp"
	"errors"
	"slices"
	"sync"
)

// A Task works on one record. Its methods may be called from several
// goroutines; those that ask may end the calling goroutine, and then the
// record stays open.
type Task struct {
	b      *Build
	stage  string
	record Record

	mu     sync.Mutex
	places int
	steps  []Step
	made   map[string]bool // ids made by ID
	open   bool
}

func newTask(b *Build, stage string, r Record) *Task {
	return &Task{b: b, stage: stage, record: r}
}

// ID returns an id made from parts. Two rows that come out with the same made
// id are the same row: the later one is dropped and counted.
func (t *Task) ID(parts ...string) string {
	id := contentID(t.stage, parts...)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.made == nil {
		t.made = map[string]bool{}
	}
	t.made[id] = true
	return id
}

func (t *Task) isOpen() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.open
}

// suspend marks the record open. The caller then ends its goroutine.
func (t *Task) suspend() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open = true
}

// reserve gives out n places in request order, so that parallel steps keep it.
func (t *Task) reserve(n int) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.places += n
	return t.places - n
}

func (t *Task) add(s Step) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.steps = append(t.steps, s)
}

// outcome turns what the task returned into records.
func (t *Task) outcome(values []any, err error) []Record {
	if s, ok := errors.AsType[*SkipError](err); ok {
		return []Record{{ID: t.record.ID, Given: t.record.Given, Skipped: s.Reason, Trace: t.trace()}}
	}
	if err == nil && len(values) == 0 {
		return []Record{{ID: t.record.ID, Given: t.record.Given, Skipped: "no rows", Trace: t.trace()}}
	}
	if err != nil {
		return t.failed(failure(err))
	}
	for _, v := range values {
		if s, ok := v.(*Sample); ok {
			if s == nil {
				return t.failed(failf("skipped", "Task returned None"))
			}
			if err := s.check(); err != nil {
				return t.failed(failure(err))
			}
		}
	}
	records, err := t.name(values)
	if err != nil {
		return t.failed(failure(err))
	}
	trace := t.trace()
	for i := range records {
		records[i].Trace = trace
	}
	return records
}

func (t *Task) failed(f *Failure) []Record {
	return []Record{{ID: t.record.ID, Given: t.record.Given, Fail: f, Trace: t.trace()}}
}

// trace returns the steps that led to the record, then the task's own, in
// request order.
func (t *Task) trace() Trace {
	t.mu.Lock()
	defer t.mu.Unlock()
	slices.SortStableFunc(t.steps, func(a, b Step) int {
		return cmp.Or(cmp.Compare(a.Place, b.Place), cmp.Compare(a.Attempt, b.Attempt))
	})
	from := t.record.Trace
	return Trace{Input: from.Input, Source: from.Source, Steps: slices.Concat(from.Steps, t.steps)}
}
