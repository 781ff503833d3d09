package isf

import (
	"reflect"

	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/jsontext"
	"github.com/identity-shaping/isf/internal/sources"
)

// A Source is what Read reads: a Target, a File or Data.
type Source = engine.Source

// Read returns the rows of a source, as a stream. T is a struct whose JSON
// fields are the columns it wants; of a Parquet file no others are read. A
// column that a CSV or Parquet file lacks is an error, unless its field is a
// pointer, says omitempty or omitzero, or is the id.
//
// Options leave rows out before they are read: see Where and SampleRows.
func Read[T any](b *Build, src Source, opts ...ReadOption) Rows[T] {
	q := sources.Query{Columns: sources.ColumnsOf(reflect.TypeFor[T]())}
	for _, o := range opts {
		o(&q)
	}
	return Rows[T]{engine.Read(b, src, q, func(text []byte) (any, error) { return jsontext.Decode[T](text) })}
}

// A ReadOption says which rows Read returns.
type ReadOption func(*sources.Query)

// Where keeps the rows whose column compares with value as op says: ==, !=, <,
// <=, >, >=, or in with a slice of values. A row that has no value there only
// matches == nil. Several conditions must all hold.
func Where(column, op string, value any) ReadOption {
	return func(q *sources.Query) {
		q.Where = append(q.Where, sources.Cond{Column: column, Op: op, Value: value})
	}
}

// SampleRows draws n of the rows that match; 0 means all. Which ones depends on
// the seed and on their ids, or where rows have no id on their places, so it is
// the same on every machine, a larger sample holds all of a smaller one, and
// rows come out in the order of the source.
func SampleRows(n int, seed int64) ReadOption {
	return func(q *sources.Query) { q.Sample.N, q.Sample.Seed = n, seed }
}

// StratifyBy makes a sample whose values of a column stand in the given
// proportion: {"1": 1, "5": 3} is three rows with 5 for each with 1, and none
// with any other. Without shares the proportion is that of the source. A value
// with too few rows gives all it has. Where SampleRows takes all rows, or is
// absent, it changes nothing.
func StratifyBy(column string, shares map[string]float64) ReadOption {
	return func(q *sources.Query) { q.Sample.By, q.Sample.Shares = column, shares }
}
