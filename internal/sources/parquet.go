package sources

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// sheaf is a Parquet file: groups of rows, each with a chunk per column, each
// chunk in pages. Its footer says where chunks lie and, where the writer was
// kind, the least and greatest value of each chunk and page.
type sheaf struct {
	name   string
	file   *parquet.File
	wanted []field // of rows
	cells  []field // that conditions name, in the order of Where
	id, by *field  // what a draw needs to know, nil if it does not
}

// A field is a top-level column.
type field struct {
	parquet.Field
	leaves []int // its columns in the file, in the order of its own leaves
}

// pageBuffer is how much of a chunk is read at a time: most pages are larger,
// so a page costs few reads, and page headers few bytes too many.
const pageBuffer = 32 << 10

func openParquet(f File, q *Query) (table, error) {
	file, err := parquet.OpenFile(f, f.Size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true), parquet.ReadBufferSize(pageBuffer))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, notParquet(err))
	}
	s := &sheaf{name: f.Name, file: file}
	if err := s.project(q.Columns); err != nil {
		return nil, err
	}
	for _, c := range q.Where {
		cell, err := s.leaf(c.Column)
		if err != nil {
			return nil, err
		}
		s.cells = append(s.cells, cell)
	}
	if q.Sample.By != "" {
		by, err := s.leaf(q.Sample.By)
		if err != nil {
			return nil, err
		}
		s.by = &by
	}
	if id, err := s.leaf(idColumn); err == nil {
		s.id = &id
	}
	return s, nil
}

func notParquet(err error) error {
	if strings.Contains(err.Error(), "magic") && !strings.Contains(err.Error(), "encrypt") {
		return errors.New("this is no Parquet file, or not all of one")
	}
	return err
}

// project finds the columns that rows are made of.
func (s *sheaf) project(wanted []Column) error {
	if wanted == nil {
		for _, f := range s.file.Schema().Fields() {
			wanted = append(wanted, Column{Name: f.Name()})
		}
	}
	for _, c := range wanted {
		f, ok := s.find(c.Name)
		if !ok && !c.Optional {
			return missing(s.name, c.Name, s.names())
		}
		if ok {
			s.wanted = append(s.wanted, f)
		}
	}
	return nil
}

func (s *sheaf) names() []string {
	var names []string
	for _, f := range s.file.Schema().Fields() {
		names = append(names, f.Name())
	}
	return names
}

func (s *sheaf) find(name string) (field, bool) {
	schema := s.file.Schema()
	at := columnAt(s.names(), name)
	if at < 0 {
		return field{}, false
	}
	f := field{Field: schema.Fields()[at]}
	for i, path := range schema.Columns() {
		if path[0] == f.Name() {
			f.leaves = append(f.leaves, i)
		}
	}
	return f, true
}

// leaf finds a column of single values.
func (s *sheaf) leaf(name string) (field, error) {
	f, ok := s.find(name)
	switch {
	case !ok:
		return f, missing(s.name, name, s.names())
	case !f.Leaf() || f.Repeated():
		return f, fmt.Errorf("%s: column %q holds lists or objects: conditions and strata need a column of single values", s.name, name)
	}
	return f, nil
}

// matching yields, group by group, the numbers of the rows that match.
func (s *sheaf) matching(ctx context.Context, q *Query) iter.Seq2[selection, error] {
	return func(yield func(selection, error) bool) {
		for i, g := range s.file.RowGroups() {
			if ctx.Err() != nil {
				yield(selection{}, context.Cause(ctx))
				return
			}
			sel := selection{group: i, RowGroup: g}
			var err error
			if sel.rows, err = s.match(ctx, g, q); err != nil {
				yield(sel, fmt.Errorf("%s: %w", s.name, err))
				return
			}
			if len(sel.rows) > 0 && !yield(sel, nil) {
				return
			}
		}
	}
}

// A selection is some rows of one group.
type selection struct {
	parquet.RowGroup
	group int
	rows  []span
}

// A span is the rows from first to before end.
type span struct{ first, end int64 }

// match reads the cells that conditions name, of those rows that statistics
// leave in question.
func (s *sheaf) match(ctx context.Context, g parquet.RowGroup, q *Query) ([]span, error) {
	maybe, err := s.candidates(g, q)
	if err != nil || len(q.Where) == 0 || len(maybe) == 0 {
		return maybe, err
	}
	columns := make([]*column, len(s.cells))
	for i, c := range s.cells {
		columns[i] = openColumn(g, c.leaves[0])
		defer columns[i].close()
	}
	var found []span
	for n := range rowsOf(maybe) {
		if n%1024 == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		ok := true
		for i := 0; ok && i < len(columns); i++ {
			v, err := columns[i].cell(n)
			if err != nil {
				return nil, err
			}
			if ok, err = q.Where[i].holds(scalar(s.cells[i], v)); err != nil {
				return nil, err
			}
		}
		if ok {
			found = extend(found, n)
		}
	}
	return found, nil
}

// rowsOf yields the numbers of the rows of spans.
func rowsOf(spans []span) iter.Seq[int64] {
	return func(yield func(int64) bool) {
		for _, s := range spans {
			for n := s.first; n < s.end; n++ {
				if !yield(n) {
					return
				}
			}
		}
	}
}

// extend adds a row behind all others.
func extend(spans []span, n int64) []span {
	if last := len(spans) - 1; last >= 0 && spans[last].end == n {
		spans[last].end++
		return spans
	}
	return append(spans, span{n, n + 1})
}

func (s *sheaf) rows(ctx context.Context, q *Query) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for sel, err := range s.matching(ctx, q) {
			if err != nil {
				yield(Row{}, err)
				return
			}
			if !pass(s.read(ctx, sel), yield) {
				return
			}
		}
	}
}

// read yields the rows of a selection.
func (s *sheaf) read(ctx context.Context, sel selection) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		r := s.reader(sel.RowGroup)
		defer r.close()
		before := s.before(sel.group)
		for n := range rowsOf(sel.rows) {
			row := Row{File: s.name, N: before + n + 1}
			var err error
			if ctx.Err() != nil {
				err = context.Cause(ctx)
			} else if row.Text, err = r.row(n); err != nil {
				err = fmt.Errorf("%s: %w", row.Place(), err)
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

// before counts the rows in front of a group.
func (s *sheaf) before(group int) (n int64) {
	for _, g := range s.file.RowGroups()[:group] {
		n += g.NumRows()
	}
	return n
}

func (s *sheaf) draw(ctx context.Context, q *Query, d *sampler, file int) error {
	for sel, err := range s.matching(ctx, q) {
		if err != nil {
			return err
		}
		if err := s.drawGroup(sel, d, file); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

// drawGroup reads ids and strata, where the file has them, and nothing else.
func (s *sheaf) drawGroup(sel selection, d *sampler, file int) error {
	columns := [2]*column{}
	for i, f := range []*field{s.id, s.by} {
		if f != nil {
			columns[i] = openColumn(sel.RowGroup, f.leaves[0])
			defer columns[i].close()
		}
	}
	for n := range rowsOf(sel.rows) {
		var texts [2]string
		for i, f := range []*field{s.id, s.by} {
			if f == nil {
				continue
			}
			v, err := columns[i].cell(n)
			if err != nil {
				return err
			}
			texts[i] = textOf(scalar(*f, v))
		}
		if err := d.offer(texts[0], texts[1], pick{file: file, group: sel.group, row: n}); err != nil {
			return err
		}
	}
	return nil
}

func (s *sheaf) picked(ctx context.Context, _ *Query, picks []pick) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for len(picks) > 0 {
			group := picks[0].group
			sel := selection{RowGroup: s.file.RowGroups()[group], group: group}
			for len(picks) > 0 && picks[0].group == group {
				sel.rows = extend(sel.rows, picks[0].row)
				picks = picks[1:]
			}
			if !pass(s.read(ctx, sel), yield) {
				return
			}
		}
	}
}

// whole reports an end of the file where there should be a row.
func whole(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
