package sources

import (
	"errors"
	"math"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// candidates are the rows of a group that can match as far as statistics tell:
// those of the chunk, then those of its pages.
func (s *sheaf) candidates(g parquet.RowGroup, q *Query) ([]span, error) {
	maybe := []span{{0, g.NumRows()}}
	if g.NumRows() == 0 {
		return nil, nil
	}
	for i := range q.Where {
		chunk := g.ColumnChunks()[s.cells[i].leaves[0]]
		if !s.chunkMay(&q.Where[i], s.cells[i], chunk) {
			return nil, nil
		}
	}
	for i := range q.Where {
		chunk := g.ColumnChunks()[s.cells[i].leaves[0]]
		pages, err := s.pagesMay(&q.Where[i], s.cells[i], chunk, g.NumRows())
		if err != nil {
			return nil, err
		}
		if maybe = intersect(maybe, pages); len(maybe) == 0 {
			return nil, nil
		}
	}
	return maybe, nil
}

func (s *sheaf) chunkMay(c *Cond, f field, chunk parquet.ColumnChunk) bool {
	known, ok := chunk.(*parquet.FileColumnChunk)
	if !ok {
		return true
	}
	lo, hi, ok := known.Bounds()
	return !ok || possibleIn(c, f, lo, hi)
}

// pagesMay are the rows of those pages that can match. Without an index these
// are all rows.
func (s *sheaf) pagesMay(c *Cond, f field, chunk parquet.ColumnChunk, rows int64) ([]span, error) {
	index, offsets, err := pageIndex(chunk)
	if err != nil || index == nil || index.NumPages() != offsets.NumPages() {
		return []span{{0, rows}}, err
	}
	var maybe []span
	for p := range index.NumPages() {
		if index.NullPage(p) && c.Value != nil && c.Op != "in" || !index.NullPage(p) && !possibleIn(c, f, index.MinValue(p), index.MaxValue(p)) {
			continue
		}
		end := rows
		if p+1 < offsets.NumPages() {
			end = offsets.FirstRowIndex(p + 1)
		}
		if first := offsets.FirstRowIndex(p); len(maybe) > 0 && maybe[len(maybe)-1].end == first {
			maybe[len(maybe)-1].end = end
		} else {
			maybe = append(maybe, span{first, end})
		}
	}
	return maybe, nil
}

// pageIndex reads the index of a chunk's pages, nil if the file has none.
func pageIndex(chunk parquet.ColumnChunk) (parquet.ColumnIndex, parquet.OffsetIndex, error) {
	offsets, err := chunk.OffsetIndex()
	if errors.Is(err, parquet.ErrMissingOffsetIndex) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	index, err := chunk.ColumnIndex()
	if errors.Is(err, parquet.ErrMissingColumnIndex) {
		return nil, nil, nil
	}
	return index, offsets, err
}

// possibleIn reports whether a value between two bounds can match. Bounds of
// text may be cut short, which leaves them bounds; a bound that is no number
// says nothing.
func possibleIn(c *Cond, f field, lo, hi parquet.Value) bool {
	if lo.IsNull() || hi.IsNull() || !ordered(f) {
		return true
	}
	low, high := scalar(f, lo), scalar(f, hi)
	for _, v := range []any{low, high} {
		if n, ok := v.(float64); ok && math.IsNaN(n) {
			return true
		}
	}
	return c.possible(low, high)
}

// ordered says whether values as we see them have the order of the statistics.
// Decimals, for one, are bytes to the file and numbers to us.
func ordered(f field) bool {
	if f.Type().Kind() == parquet.Int96 {
		return false
	}
	switch t := logical(f).(type) {
	case nil, *format.StringType, *format.EnumType, *format.DateType, *format.TimestampType:
		return true
	case *format.IntType:
		return t.IsSigned
	}
	return false
}

// intersect keeps the rows that are in both lists of spans.
func intersect(a, b []span) []span {
	var out []span
	for len(a) > 0 && len(b) > 0 {
		both := span{max(a[0].first, b[0].first), min(a[0].end, b[0].end)}
		if both.first < both.end {
			out = append(out, both)
		}
		if a[0].end < b[0].end {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return out
}
