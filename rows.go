package isf

import (
	"fmt"
	"iter"

	"github.com/identity-shaping/isf/internal/engine"
)

// Rows is an ordered list of records of one type. It is made lazily, while it
// is read; a Rows is read once.
type Rows[T any] struct{ rows engine.Rows }

// Each applies fn to each record of in and returns the rows it makes, in the
// order of in. Records run in parallel, each in a goroutine of its own; fn may
// return any number of rows. stage names this step in provenance and in ids.
func Each[A, B any](b *Build, stage string, in Rows[A], fn func(*Task, A) ([]B, error)) Rows[B] {
	return Rows[B]{engine.Each(b, stage, in.rows, func(t *Task, v any) ([]any, error) {
		rows, err := fn(t, v.(A))
		return boxed(rows), err
	})}
}

func boxed[T any](rows []T) []any {
	out := make([]any, len(rows))
	for i, r := range rows {
		out[i] = r
	}
	return out
}

// All waits for every record of in and hands fn all of them at once, for what
// needs a view of the whole: duplicates, the best k, balance, joins. fn asks no
// model. A row that fn passes on keeps its id and its provenance.
func All[A, B any](b *Build, stage string, in Rows[A], fn func([]A) ([]B, error)) Rows[B] {
	return Rows[B]{engine.All(b, stage, in.rows, func(all []any) ([]any, error) {
		typed := make([]A, len(all))
		for i, v := range all {
			typed[i] = v.(A)
		}
		rows, err := fn(typed)
		return boxed(rows), err
	})}
}

// Filter returns the rows that keep accepts.
func Filter[T any](in Rows[T], keep func(T) bool) Rows[T] {
	return Rows[T]{engine.Filter(in.rows, func(v any) bool { return keep(v.(T)) })}
}

// Concat returns the rows of each list, one list after the other.
func Concat[T any](lists ...Rows[T]) Rows[T] {
	rows := make([]engine.Rows, len(lists))
	for i, l := range lists {
		rows[i] = l.rows
	}
	return Rows[T]{engine.Concat(rows)}
}

// From returns an author's own records. An error from seq fails the target.
func From[T any](b *Build, seq iter.Seq2[T, error]) Rows[T] {
	return Rows[T]{engine.From(b, func(yield func(any, error) bool) {
		for v, err := range seq {
			if !yield(v, err) {
				return
			}
		}
	})}
}

// Of returns the given records.
func Of[T any](b *Build, items ...T) Rows[T] {
	return From(b, func(yield func(T, error) bool) {
		for _, v := range items {
			if !yield(v, nil) {
				return
			}
		}
	})
}

// One returns a single row, for the end of a function given to Each.
func One[T any](row T) ([]T, error) { return []T{row}, nil }

// A Paragraph is a paragraph of a Markdown file with the headings it stands
// under, outermost first.
type Paragraph = engine.Paragraph

// A Section is a heading of a Markdown file with its text.
type Section = engine.Section

// Paragraphs returns the body paragraphs of a Markdown file. A paragraph is
// named by its text and its headings, so an edit renames no other.
func Paragraphs(b *Build, f File) Rows[Paragraph] {
	return Rows[Paragraph]{engine.Paragraphs(b, f)}
}

// Sections returns the sections of a Markdown file that have text.
func Sections(b *Build, f File) Rows[Section] {
	return Rows[Section]{engine.Sections(b, f)}
}

// Errorf fails a record. kind is the category that reports count by, as
// "parse_error".
func Errorf(kind, format string, args ...any) error {
	return &engine.KindError{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// Skip drops a record for a reason. That is no error.
func Skip(reason string) error { return &engine.SkipError{Reason: reason} }

// Chosen reports whether an id belongs to the given fraction of all ids, 0 to
// 1. It says the same on every machine, and a larger fraction keeps what a
// smaller one chose.
func Chosen(id string, fraction float64) bool { return engine.Chosen(id, fraction) }
