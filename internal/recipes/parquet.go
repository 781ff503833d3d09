package recipes

import (
	"encoding/json"
	"io"

	"github.com/parquet-go/parquet-go"
)

// A rowWriter writes samples in one form. close ends the file, and does not
// close what it is written to.
type rowWriter interface {
	write(s *sample) error
	close() error
}

// lines are rows of JSON.
type lines struct {
	to    io.Writer
	shape Format
}

func (l lines) write(s *sample) error {
	_, err := l.to.Write(s.render(l.shape))
	return err
}

func (l lines) close() error { return nil }

// columns are those of messages that not every dataset needs: a column is there
// only if some row has a value in it.
type columns struct{ weight, extra bool }

func (c *columns) see(s *sample) {
	for _, m := range s.messages {
		c.weight = c.weight || m.weight != nil
		c.extra = c.extra || len(m.rest) > 0
	}
}

// The rows of Parquet files. Extra is what else a message holds, as JSON.
type (
	textRow struct {
		ID   string `parquet:"id"`
		Text string `parquet:"text"`
	}
	talkRow[T any] struct {
		ID       string `parquet:"id"`
		Messages []T    `parquet:"messages,list"`
	}
	turn struct {
		Role    string `parquet:"role"`
		Content string `parquet:"content"`
	}
	turnWeight struct {
		Role    string   `parquet:"role"`
		Content string   `parquet:"content"`
		Weight  *float64 `parquet:"weight,optional"`
	}
	turnExtra struct {
		Role    string  `parquet:"role"`
		Content string  `parquet:"content"`
		Extra   *string `parquet:"extra,optional"`
	}
	turnBoth struct {
		Role    string   `parquet:"role"`
		Content string   `parquet:"content"`
		Weight  *float64 `parquet:"weight,optional"`
		Extra   *string  `parquet:"extra,optional"`
	}
)

func newParquet(w io.Writer, shape Format, c columns) rowWriter {
	switch {
	case shape.isText():
		return table(w, func(s *sample) textRow {
			text, _ := s.text(shape)
			return textRow{s.id, text}
		})
	case c.weight && c.extra:
		return table(w, talks(func(m message) turnBoth { return turnBoth{m.role, m.content, m.number(), m.extra()} }))
	case c.weight:
		return table(w, talks(func(m message) turnWeight { return turnWeight{m.role, m.content, m.number()} }))
	case c.extra:
		return table(w, talks(func(m message) turnExtra { return turnExtra{m.role, m.content, m.extra()} }))
	}
	return table(w, talks(func(m message) turn { return turn{m.role, m.content} }))
}

func talks[T any](turn func(message) T) func(*sample) talkRow[T] {
	return func(s *sample) talkRow[T] {
		row := talkRow[T]{ID: s.id, Messages: make([]T, len(s.messages))}
		for i, m := range s.messages {
			row.Messages[i] = turn(m)
		}
		return row
	}
}

// number is a weight as a column has it; one that is no number is none.
func (m message) number() *float64 {
	var x *float64
	if m.weight != nil && json.Unmarshal(m.weight, &x) != nil {
		return nil
	}
	return x
}

func (m message) extra() *string {
	if len(m.rest) == 0 {
		return nil
	}
	text := string(marshal(m.rest)) // keys come sorted
	return &text
}

// A group of rows is held in memory until it is written. Its size depends on
// the rows alone, so that equal rows are equal bytes.
const (
	groupRows  = 10_000
	groupBytes = 16 << 20
)

// A tableOf writes samples as rows of a Parquet file.
type tableOf[R any] struct {
	to          *parquet.GenericWriter[R]
	row         func(*sample) R
	rows, bytes int // of the group
}

func table[R any](w io.Writer, row func(*sample) R) *tableOf[R] {
	options := []parquet.WriterOption{parquet.Compression(&parquet.Snappy), parquet.CreatedBy("isf", "1.0.0", "0")}
	return &tableOf[R]{to: parquet.NewGenericWriter[R](w, options...), row: row}
}

func (t *tableOf[R]) write(s *sample) error {
	if _, err := t.to.Write([]R{t.row(s)}); err != nil {
		return err
	}
	t.rows++
	for _, m := range s.messages {
		t.bytes += len(m.content)
	}
	if t.rows < groupRows && t.bytes < groupBytes {
		return nil
	}
	t.rows, t.bytes = 0, 0
	return t.to.Flush()
}

func (t *tableOf[R]) close() error { return t.to.Close() }
