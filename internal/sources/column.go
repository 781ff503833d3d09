package sources

import (
	"io"

	"github.com/parquet-go/parquet-go"
)

// A column reads the values of one chunk, row by row, forwards. Pages between
// the rows it is asked for are not read where the file has an index of them.
type column struct {
	pages   parquet.Pages
	seeks   bool // there is an index of pages
	nested  bool // a row may have any number of values
	values  parquet.ValueReader
	waiting []parquet.Value // read from the page, not yet taken
	buffer  [256]parquet.Value
	at      int64 // the row that waiting begins with
	end     int64 // the first row behind the page; unknown where nested
}

func openColumn(g parquet.RowGroup, leaf int) *column {
	chunk := g.ColumnChunks()[leaf]
	_, err := chunk.OffsetIndex() // pages look for it, but do not read it
	path := g.Schema().Columns()[leaf]
	found, _ := g.Schema().Lookup(path...)
	return &column{pages: chunk.Pages(), seeks: err == nil, nested: found.MaxRepetitionLevel > 0}
}

func (c *column) close() { _ = c.pages.Close() }

// cell returns the only value of a row.
func (c *column) cell(row int64) (parquet.Value, error) {
	var one [1]parquet.Value
	values, err := c.row(row, one[:0])
	if err != nil || len(values) != 1 {
		return parquet.Value{}, whole(err)
	}
	return values[0], nil
}

// row appends the values of a row, which is behind all that were asked for.
func (c *column) row(row int64, out []parquet.Value) ([]parquet.Value, error) {
	if err := c.skip(row); err != nil {
		return out, whole(err)
	}
	return c.take(out)
}

// skip makes row the next one.
func (c *column) skip(row int64) error {
	ahead := row - c.at
	inPage := !c.nested && row < c.end
	if ahead > 0 && !inPage && c.seeks {
		if err := c.pages.SeekToRow(row); err != nil {
			return err
		}
		c.at, c.end, c.values, c.waiting = row, row, nil, nil
		return nil
	}
	for c.at < row {
		if _, err := c.take(nil); err != nil {
			return err
		}
	}
	return nil
}

// take removes the values of the next row. A row ends where a value begins
// another: at repetition level 0. With pages of the first version it may go on
// in the next page.
func (c *column) take(out []parquet.Value) ([]parquet.Value, error) {
	v, err := c.next()
	if err != nil {
		return out, err
	}
	out = append(out, v)
	c.at++
	for c.nested {
		if v, err = c.peek(); err == io.EOF || (err == nil && v.RepetitionLevel() == 0) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		out = append(out, v)
		c.waiting = c.waiting[1:]
	}
	return out, nil
}

func (c *column) next() (parquet.Value, error) {
	v, err := c.peek()
	if err == nil {
		c.waiting = c.waiting[1:]
	}
	return v, err
}

// peek returns the value that waits, reading on where none does.
func (c *column) peek() (parquet.Value, error) {
	for len(c.waiting) == 0 {
		if c.values == nil {
			page, err := c.pages.ReadPage()
			if err != nil {
				return parquet.Value{}, err
			}
			c.values, c.end = page.Values(), c.at+page.NumRows()
		}
		n, err := c.values.ReadValues(c.buffer[:])
		c.waiting = c.buffer[:n]
		if err == io.EOF {
			c.values = nil
		} else if err != nil {
			return parquet.Value{}, err
		}
	}
	return c.waiting[0], nil
}
