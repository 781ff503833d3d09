package engine

import (
	"encoding/json"
	"fmt"
)

// A UsageError is a mistake in what was asked of isf: exit code 2.
type UsageError struct{ err error }

func (e *UsageError) Error() string { return e.err.Error() }
func (e *UsageError) Unwrap() error { return e.err }

// Usagef makes a UsageError.
func Usagef(format string, args ...any) error { return &UsageError{fmt.Errorf(format, args...)} }

// jsonText is text that is JSON already.
type jsonText string

func (jsonText) valid(text string) bool { return json.Valid([]byte(text)) }

// MarshalJSON returns the text itself.
func (t jsonText) MarshalJSON() ([]byte, error) { return []byte(t), nil }
