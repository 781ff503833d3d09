package sources

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/identity-shaping/isf/internal/jsontext"
)

// lines is a JSONL file.
type lines struct{ File }

func openLines(f File, _ *Query) (table, error) { return lines{f}, nil }

// each yields every line that is not blank. Its text is valid until the next.
func (l lines) each(ctx context.Context) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		in := bufio.NewReaderSize(l.stream(), 256<<10)
		for n := int64(1); ; n++ {
			text, err := jsontext.ReadLine(in)
			if ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			if errors.Is(err, io.EOF) && len(text) == 0 {
				return
			}
			row := Row{l.Name, n, text}
			if err != nil && !errors.Is(err, io.EOF) {
				yield(row, fmt.Errorf("%s: %w", row.Place(), err))
				return
			}
			if len(bytes.TrimSpace(text)) > 0 && !yield(row, nil) {
				return
			}
		}
	}
}

// stream reads the file from its beginning to its end.
func (f File) stream() io.Reader { return io.NewSectionReader(f, 0, f.Size) }

func (l lines) rows(ctx context.Context, q *Query) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for row, err := range l.each(ctx) {
			match := err == nil
			if match && len(q.Where) > 0 {
				match, err = l.match(q, row)
			}
			if err != nil || match {
				if !yield(row, err) || err != nil {
					return
				}
			}
		}
	}
}

func (l lines) match(q *Query, row Row) (bool, error) {
	cells, err := l.cells(row)
	if err != nil {
		return false, err
	}
	ok, err := q.matches(cells)
	if err != nil {
		err = fmt.Errorf("%s: %w", row.Place(), err)
	}
	return ok, err
}

// cells decodes a line as far as its fields, and a field when it is asked for.
func (l lines) cells(row Row) (func(string) (any, error), error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(row.Text, &fields); err != nil {
		return nil, fmt.Errorf("%s: not a JSON object: %s", row.Place(), strings.TrimPrefix(err.Error(), "json: "))
	}
	return func(column string) (any, error) {
		raw, ok := fields[column]
		if !ok {
			return nil, nil
		}
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		var v any
		err := d.Decode(&v)
		return fromJSON(v), err
	}, nil
}

func (l lines) draw(ctx context.Context, q *Query, s *sampler, file int) error {
	for row, err := range l.rows(ctx, q) {
		if err != nil {
			return err
		}
		cells, err := l.cells(row)
		if err != nil {
			return err
		}
		id, err := cells(idColumn)
		if err != nil {
			return err
		}
		value := any(nil)
		if s.By != "" {
			if value, err = cells(s.By); err != nil {
				return err
			}
		}
		if err := s.offer(textOf(id), textOf(value), pick{file: file, row: row.N, text: bytes.Clone(row.Text)}); err != nil {
			return err
		}
	}
	return nil
}

func (l lines) picked(_ context.Context, _ *Query, picks []pick) iter.Seq2[Row, error] {
	return withText(l.Name, picks)
}

// withText yields rows whose text came with the draw.
func withText(file string, picks []pick) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for _, p := range picks {
			if !yield(Row{file, p.row, p.text}, nil) {
				return
			}
		}
	}
}
