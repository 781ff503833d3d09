package engine

import "github.com/identity-shaping/isf/cache"

// A Record is one item on its way through a pipeline: a value, or what became
// of it. Exactly one of Value, Fail, Skipped and Open says what it is.
type Record struct {
	ID    string
	Given bool // the id was chosen by the author or the source, so a second one is a mistake

	Value   any
	Fail    *Failure // this record came to nothing, and why
	Skipped string   // the author dropped it for this reason
	Open    bool     // it waits for an answer that this run may not ask for

	Trace Trace

	Extracted string    // the text as the model put it, where a locked row stands for it
	lock      *lockNote // of a row of a table with a lock file

	staged bool  // it came out of a stage, and is no record of a source any more
	line   *line // what the writer will write; set by the last stage
}

// A Trace is how a record came about: the pipeline's own input, and each step
// since.
type Trace struct {
	Input  any    // the source record; marshals to JSON
	Source string // its id
	Steps  []Step
}

// A Step is one request of a task, with its answer or its failure.
type Step struct {
	stepName
	Model string // registry name
	Ref   cache.Ref
	Hit   bool
	Kept  *Keep  // the decision by which an older request's answer stands here; nil where it is the answer to what is asked now
	Err   string // why there is no usable answer; "" if there is

	fields cache.Fields // what was asked, where no entry holds it
	entry  *cache.Entry // dropped once the record leaves its stage
}

// light returns the trace without the entries it can look up again, so that
// records which wait between stages stay small.
func (t Trace) light() Trace {
	for i := range t.Steps {
		if t.Steps[i].entry != nil { // siblings share steps that are light already
			t.Steps[i].entry = nil
		}
	}
	return t
}

// Rows is an ordered, lazily made list of records. finish, where not nil, is
// applied to each record by the goroutine that made it, before the record
// takes its place in the order; yield gets them in order and may end the list.
// A caller that needs to know whether the list is whole asks its Build.
type Rows func(finish func(*Record), yield func(Record) bool)

// each hands a record made in the caller's own goroutine to finish and yield.
func each(r Record, finish func(*Record), yield func(Record) bool) bool {
	if finish != nil {
		finish(&r)
	}
	return yield(r)
}

// Concat returns the records of each list, one list after the other.
func Concat(lists []Rows) Rows {
	return func(finish func(*Record), yield func(Record) bool) {
		for _, rows := range lists {
			more := true
			rows(finish, func(r Record) bool {
				more = yield(r)
				return more
			})
			if !more {
				return
			}
		}
	}
}

// Filter returns the records whose value keep accepts. Failed, skipped and
// open records pass.
func Filter(in Rows, keep func(any) bool) Rows {
	return func(finish func(*Record), yield func(Record) bool) {
		in(nil, func(r Record) bool {
			if r.Value != nil && !keep(r.Value) {
				return true
			}
			return each(r, finish, yield)
		})
	}
}
