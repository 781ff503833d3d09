package sources

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// sheet is a CSV or TSV file. Its first record names the columns.
type sheet struct {
	File
	header []string
	wanted []cell
}

// A cell is a column that is wanted and its place in a record.
type cell struct {
	Column
	at int
}

func openCSV(f File, q *Query) (table, error) {
	s := &sheet{File: f}
	header, err := s.reader().Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	if len(header) == 0 {
		return nil, fmt.Errorf("%s is empty: its first line has to name the columns", f.Name)
	}
	s.header = header
	wanted := q.Columns
	if wanted == nil {
		for _, name := range header {
			wanted = append(wanted, Column{Name: name})
		}
	}
	for _, c := range wanted {
		at := columnAt(header, c.Name)
		if at < 0 && !c.Optional {
			return nil, missing(f.Name, c.Name, header)
		}
		if at >= 0 {
			s.wanted = append(s.wanted, cell{c, at})
		}
	}
	for _, name := range q.named() {
		if columnAt(header, name) < 0 {
			return nil, missing(f.Name, name, header)
		}
	}
	return s, nil
}

// named are the columns that conditions and strata name.
func (q *Query) named() []string {
	var names []string
	for _, c := range q.Where {
		names = append(names, c.Column)
	}
	if q.Sample.By != "" {
		names = append(names, q.Sample.By)
	}
	return names
}

// columnAt finds a column by its name, and else by its name in other letter
// case, as encoding/json does.
func columnAt(header []string, name string) int {
	if i := slices.Index(header, name); i >= 0 {
		return i
	}
	return slices.IndexFunc(header, func(h string) bool { return strings.EqualFold(h, name) })
}

var bom = []byte("\xef\xbb\xbf") // spreadsheets put it in front

func (s *sheet) reader() *csv.Reader {
	start := make([]byte, len(bom))
	from := int64(0)
	if n, _ := s.ReadAt(start, 0); n == len(bom) && bytes.Equal(start, bom) {
		from = int64(len(bom))
	}
	r := csv.NewReader(io.NewSectionReader(s, from, s.Size-from))
	r.ReuseRecord = true
	if strings.HasSuffix(strings.ToLower(s.Name), ".tsv") {
		r.Comma = '\t'
		r.LazyQuotes = true
	}
	return r
}

// each yields every record.
func (s *sheet) each(ctx context.Context) iter.Seq2[csvRow, error] {
	return func(yield func(csvRow, error) bool) {
		r := s.reader()
		for first := true; ; first = false {
			record, err := r.Read()
			if ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			switch {
			case errors.Is(err, io.EOF):
				return
			case err != nil:
				yield(csvRow{}, fmt.Errorf("%s: %w", s.Name, err))
				return
			case first:
				continue
			}
			line, _ := r.FieldPos(0)
			if !yield(csvRow{s, int64(line), record}, nil) {
				return
			}
		}
	}
}

// selected yields the records that match.
func (s *sheet) selected(ctx context.Context, q *Query) iter.Seq2[csvRow, error] {
	return func(yield func(csvRow, error) bool) {
		for row, err := range s.each(ctx) {
			match := false
			if err == nil {
				match, err = q.matches(func(column string) (any, error) { return row.cell(column, q) })
				if err != nil {
					err = fmt.Errorf("%s:%d: %w", s.Name, row.line, err)
				}
			}
			if err != nil || match {
				if !yield(row, err) || err != nil {
					return
				}
			}
		}
	}
}

// A csvRow is one record, valid until the next.
type csvRow struct {
	sheet  *sheet
	line   int64
	record []string
}

// cell returns the value of a column, as a number or a boolean where a
// condition on the column compares it with one.
func (r csvRow) cell(column string, q *Query) (any, error) {
	text := r.record[columnAt(r.sheet.header, column)]
	if text == "" {
		return nil, nil
	}
	i := slices.IndexFunc(q.Where, func(c Cond) bool { return c.Column == column })
	sample := q.Where[i].Value
	if list, ok := sample.([]any); ok && len(list) > 0 {
		sample = list[0]
	}
	switch sample.(type) {
	case int64, float64:
		return number(column, text)
	case bool:
		return strconv.ParseBool(text)
	}
	return text, nil
}

func number(column, text string) (any, error) {
	text = strings.TrimSpace(text)
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, fmt.Errorf("column %q holds %q, which is not a number", column, text)
	}
	return f, nil
}

// text is the row as a JSON object of the columns that are wanted.
func (r csvRow) text() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, c := range r.sheet.wanted {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(quote(c.Name))
		b.WriteByte(':')
		v, err := c.json(r.record[c.at])
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", r.sheet.Name, r.line, err)
		}
		b.Write(v)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// json is a cell's value by the kind of the field it is for.
func (c Column) json(text string) ([]byte, error) {
	if c.Kind == Text {
		return quote(text), nil
	}
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return []byte("null"), nil
	case c.Kind == Plain:
		text = plainCell(text)
	}
	if !json.Valid([]byte(text)) {
		return nil, fmt.Errorf("column %q holds %q, which is %s", c.Name, shorten(text), map[Kind]string{Plain: "neither a number nor true or false", Nested: "not JSON"}[c.Kind])
	}
	return []byte(text), nil
}

// plainCell writes what people and spreadsheets write for numbers and booleans
// as JSON does: +5, 05, .5, TRUE.
func plainCell(text string) string {
	if b := strings.ToLower(text); b == "true" || b == "false" {
		return b
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return strconv.FormatInt(n, 10)
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil && !json.Valid([]byte(text)) {
		return strconv.FormatFloat(f, 'g', -1, 64)
	}
	return text
}

func quote(s string) []byte {
	b, _ := json.Marshal(s)
	return b
}

func shorten(s string) string {
	const most = 60
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}

func (s *sheet) rows(ctx context.Context, q *Query) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for r, err := range s.selected(ctx, q) {
			row := Row{File: s.Name, N: r.line}
			if err == nil {
				row.Text, err = r.text()
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

func (s *sheet) draw(ctx context.Context, q *Query, d *sampler, file int) error {
	for r, err := range s.selected(ctx, q) {
		if err != nil {
			return err
		}
		text, err := r.text()
		if err != nil {
			return err
		}
		id, value := "", ""
		if at := columnAt(s.header, idColumn); at >= 0 {
			id = r.record[at]
		}
		if d.By != "" {
			value = r.record[columnAt(s.header, d.By)]
		}
		if err := d.offer(id, value, pick{file: file, row: r.line, text: text}); err != nil {
			return err
		}
	}
	return nil
}

func (s *sheet) picked(_ context.Context, _ *Query, picks []pick) iter.Seq2[Row, error] {
	return withText(s.Name, picks)
}
