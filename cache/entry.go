package cache

import "time"

// Usage is what the provider says an answer took, in tokens. Known is false
// where it did not say.
type Usage struct {
	Known                                       bool
	Prompt, Completion, CachedPrompt, Reasoning int64
}

// An Entry is a stored answer. Entries are shared between callers: nobody may
// change one that has been Put or that came out of a Store.
type Entry struct {
	Fields Fields // the request

	Raw       []byte // the reply as it came
	Text      string
	Reasoning string
	Finish    string // the provider's finish reason

	Usage     Usage
	CostKnown bool
	CostNano  int64 // in billionths of a US dollar

	ModelResolved string // who says to have answered
	Start, End    time.Time
	Commit        string // the project's commit when it was asked
	Engine        string // the version of isf that asked

	Pack Digest // the pack it came out of; zero for an answer that was asked for here
}

// A Ref names one stored variant of a request.
type Ref struct {
	Key   Key
	Limit int64 // max_tokens of the request, 0 for none
}

// Key is the key of the request that the entry answers.
func (e *Entry) Key() Key { return e.Fields.Key() }

// Limit is the limit that the request was sent with, 0 for none.
func (e *Entry) Limit() int64 { return e.Fields.Limit() }

// Ref names the entry in a store.
func (e *Entry) Ref() Ref { return Ref{e.Key(), e.Limit()} }

// Truncated says that the answer was cut off at its limit.
func (e *Entry) Truncated() bool { return e.Finish == "length" }
