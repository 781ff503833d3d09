package engine

import (
	"errors"
	"fmt"

	"github.com/identity-shaping/isf/dispatch"
)

// A Failure says why a record has no row. Kind is the category that reports
// count by.
type Failure struct {
	Kind    string
	Message string
	Lost    bool // a transport failure: the next build asks again
}

func (f *Failure) Error() string { return f.Message }

// A KindError is what a pipeline returns to fail a record with a category of
// its own.
type KindError struct {
	Kind    string
	Message string
}

func (e *KindError) Error() string { return e.Message }

// A SkipError is what a pipeline returns to drop a record, which is no error.
type SkipError struct{ Reason string }

func (e *SkipError) Error() string { return "skipped: " + e.Reason }

// failure classifies what a task returned.
func failure(err error) *Failure {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f
	}
	if e, ok := errors.AsType[*KindError](err); ok {
		return &Failure{Kind: e.Kind, Message: err.Error()}
	}
	if e, ok := errors.AsType[*dispatch.Failed](err); ok {
		return &Failure{Kind: e.Type, Message: err.Error(), Lost: e.Transport}
	}
	return &Failure{Kind: "error", Message: err.Error()}
}

func failf(kind, format string, args ...any) *Failure {
	return &Failure{Kind: kind, Message: fmt.Sprintf(format, args...)}
}
