package engine

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
)

// ahead is how many records a stage admits beyond its oldest unfinished one.
// One answer that hangs for a minute at 100 records a second stays below it.
const ahead = 10_000

// aheadValues is the same for a stage whose rows feed another stage: they wait
// as values in memory, not as lines in a spill file.
const aheadValues = 1_000

// Func turns one record's value into the values of further records.
type Func func(t *Task, value any) ([]any, error)

// Each applies fn to each record of in, in parallel, and returns what it
// makes in the order of in.
func Each(b *Build, name string, in Rows, fn Func) Rows {
	return func(finish func(*Record), yield func(Record) bool) {
		s := &stage{b: b, name: name, fn: fn, finish: finish, jobs: make(chan todo), quit: make(chan struct{})}
		window := max(ahead, 2*b.workers)
		if finish == nil {
			window = max(aheadValues, 2*b.workers)
		}
		s.slots = make(chan *slot, window)
		s.tasks = b.tasksOf()
		s.run(in, yield)
	}
}

// A stage is one running Each. One goroutine pulls from its input and starts
// tasks; the caller's own takes finished records in order.
type stage struct {
	b      *Build
	name   string
	fn     Func
	finish func(*Record)

	slots chan *slot    // in input order; its capacity bounds how far work runs ahead
	tasks *room         // for running tasks
	jobs  chan todo     // to goroutines that have ended a task
	quit  chan struct{} // closed when nobody takes any more
	wg    sync.WaitGroup
	spill spill
}

// A slot keeps the place of one input record in the order.
type slot struct {
	done    chan struct{}
	records []Record
}

func (s *stage) run(in Rows, yield func(Record) bool) {
	defer s.spill.close()
	s.wg.Go(func() { s.pull(in) })
	open := true
	for sl := range s.slots {
		<-sl.done
		for i := range sl.records {
			if !open {
				break
			}
			r := sl.records[i]
			if err := s.spill.restore(&r); err != nil {
				s.b.Fail(err)
			}
			if open = yield(r); !open {
				close(s.quit)
			}
		}
		sl.records = nil
	}
	s.wg.Wait()
}

// pull starts a task for each record of in, until there are no more, nobody
// takes them, or the build stops.
func (s *stage) pull(in Rows) {
	defer close(s.slots)
	defer close(s.jobs)
	defer s.b.guard()
	sources := limiter{b: s.b}
	in(nil, func(r Record) bool {
		switch sources.admit(r) {
		case leaveOut:
			return true
		case over:
			return false
		}
		if s.b.stopped() {
			s.b.cutShort()
			return s.b.rest.add(s.finish != nil)
		}
		sl := &slot{done: make(chan struct{})}
		if r.Value == nil {
			sl.records = []Record{r}
			s.settle(sl)
			return s.place(sl)
		}
		if !s.tasks.take(s.quit) {
			return false
		}
		if !s.place(sl) {
			s.tasks.give()
			return false
		}
		s.b.progress.started.Add(s.last())
		s.hand(todo{r, sl})
		return true
	})
	if s.finish != nil && !s.b.stopped() {
		s.b.progress.counted.Store(true)
	}
}

// A todo is a record with its place.
type todo struct {
	record Record
	slot   *slot
}

// hand gives a record to a goroutine that has ended one, or else to a new one. They
// are kept because their stacks have grown to what a task needs: growing one for
// each record took a tenth of the time of a rebuild. A task that ends its
// goroutine takes it along.
func (s *stage) hand(j todo) {
	select {
	case s.jobs <- j:
	default:
		s.wg.Go(func() {
			for more := true; more; j, more = <-s.jobs {
				s.do(j.record, j.slot)
			}
		})
	}
}

// A limiter ends a list of source records after as many as the build is to
// take. Records that come out of a stage are not counted again.
type limiter struct {
	b     *Build
	taken int
}

// An admission is what a limiter says of a record.
type admission int

const (
	take     admission = iota
	leaveOut           // this one, and go on with the next
	over               // it is beyond the limit, and so are all that follow
)

func (l *limiter) admit(r Record) admission {
	switch {
	case r.staged:
		return take
	case l.b.chosen != nil && !l.b.chosen(r.ID):
		return leaveOut
	case l.b.limit == 0:
		return take
	case l.taken == l.b.limit:
		l.b.cut.Store(true)
		return over
	}
	l.taken++
	return take
}

// last is 1 in the stage whose records the build counts as its progress.
func (s *stage) last() int64 {
	if s.finish != nil {
		return 1
	}
	return 0
}

func (s *stage) place(sl *slot) bool {
	select {
	case s.slots <- sl:
		return true
	case <-s.quit:
		return false
	}
}

// do runs one task. It ends in one of four ways: a return, a Goexit because
// an answer may not be asked for, a panic, or a Goexit by user code.
func (s *stage) do(in Record, sl *slot) {
	t := newTask(s.b, s.name, in)
	returned := false
	var values []any
	var err error
	defer func() {
		p := recover()
		switch {
		case p != nil:
			sl.records = t.failed(panicFailure(s.b.root(), p))
		case t.isOpen():
			sl.records = []Record{{ID: in.ID, Given: in.Given, Open: true}}
		case !returned:
			sl.records = t.failed(failf("unexpected_error", "the task ended its own goroutine"))
		default:
			sl.records = t.outcome(values, err)
			if s.finish != nil {
				s.b.stable.apply(in, sl.records)
			}
		}
		s.settle(sl)
		s.b.progress.done.Add(s.last())
		if t.isOpen() {
			s.b.progress.open.Add(s.last())
			s.b.rest.hide(s.last() == 0)
		}
		s.tasks.give()
	}()
	values, err = s.fn(t, in.Value)
	returned = true
}

// settle finishes the records of a slot and lets the order have them.
func (s *stage) settle(sl *slot) {
	for i := range sl.records {
		r := &sl.records[i]
		r.staged = true
		if s.finish != nil {
			s.finish(r)
			s.spill.offer(r)
		} else {
			r.Trace = r.Trace.light()
		}
	}
	close(sl.done)
}

// guard makes a panic outside any task, as in a source of the author's own or
// behind a barrier, fail the target and not the process. It is deferred.
func (b *Build) guard() {
	if p := recover(); p != nil {
		b.Fail(panicFailure(b.root(), p))
	}
}

// panicFailure names the place in the project where user code panicked.
func panicFailure(root string, p any) *Failure {
	place := ""
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for panicking := false; ; {
		f, more := frames.Next()
		if panicking && !strings.HasPrefix(f.Function, "runtime.") {
			place = fmt.Sprintf(" at %s:%d", relative(root, f.File), f.Line)
			break
		}
		panicking = panicking || f.Function == "runtime.gopanic"
		if !more {
			break
		}
	}
	return failf("unexpected_error", "panic: %v%s", p, place)
}

func relative(root, file string) string {
	rel, err := filepath.Rel(root, file)
	if err != nil || strings.HasPrefix(rel, "..") {
		return filepath.Base(file)
	}
	return filepath.ToSlash(rel)
}
