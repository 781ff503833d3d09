// Package sources reads rows of JSONL, CSV and Parquet files, in the project
// or on a server.
//
// A Location says where rows are; a File is one open file of it; a Query says
// which of its rows and columns are wanted. A Row is one of them, as a JSON
// object.
//
// What always holds: rows come out in the order of their files and of their
// places in them, and which ones come out depends on bytes and query alone,
// never on the machine or the time. Of a Parquet file only those bytes are
// read that the query needs, as far as the file's own statistics tell them. A
// remote location is read at a pin, which names its content: a commit of the
// hub, or what a web server calls this version. What was fetched is kept in a
// folder, checked whenever it is read again, and losing it costs time only.
package sources

import (
	"context"
	"fmt"
	"io"
	"iter"
	"path"
	"slices"
	"strings"
)

// A File is an open file with rows.
type File struct {
	Name string // for messages, and for the format by its extension
	Size int64
	io.ReaderAt
}

// A Row is one row of a file.
type Row struct {
	File string
	N    int64 // line, or number of the row, from 1
	Text []byte
}

// Place is where the row is, for messages.
func (r Row) Place() string { return fmt.Sprintf("%s:%d", r.File, r.N) }

// formats are the extensions of files that have rows.
var formats = map[string]func(File, *Query) (table, error){
	".jsonl":   openLines,
	".ndjson":  openLines,
	".csv":     openCSV,
	".tsv":     openCSV,
	".parquet": openParquet,
}

// A table is a file that was understood as far as its columns.
type table interface {
	// rows yields what the query selects, leaving its sample aside.
	rows(ctx context.Context, q *Query) iter.Seq2[Row, error]
	// draw offers the sampler each row the query selects. What it keeps with a
	// row is what picked gets.
	draw(ctx context.Context, q *Query, s *sampler, file int) error
	// picked yields the rows that were drawn, in order.
	picked(ctx context.Context, q *Query, picks []pick) iter.Seq2[Row, error]
}

// HasRows says whether a file of this name is one that rows are read from.
func HasRows(name string) bool { return formats[strings.ToLower(path.Ext(name))] != nil }

// Extensions lists what HasRows accepts, for messages.
const Extensions = ".jsonl, .csv, .tsv and .parquet"

func open(f File, q *Query) (table, error) {
	format := formats[strings.ToLower(path.Ext(f.Name))]
	if format == nil {
		return nil, fmt.Errorf("%s: rows are read from %s files", f.Name, Extensions)
	}
	return format(f, q)
}

// Rows yields the rows of files that q selects. An error ends them.
func Rows(ctx context.Context, files []File, q Query) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		if err := q.check(); err != nil {
			yield(Row{}, err)
			return
		}
		if q.Sample.N > 0 {
			sampled(ctx, files, &q, yield)
			return
		}
		for _, f := range files {
			t, err := open(f, &q)
			if err != nil {
				yield(Row{}, err)
				return
			}
			if !pass(t.rows(ctx, &q), yield) {
				return
			}
		}
	}
}

// sampled goes through the rows twice: first to draw, by what the draw needs to
// know of each, and then to read those that were drawn.
func sampled(ctx context.Context, files []File, q *Query, yield func(Row, error) bool) {
	s := newSampler(q.Sample)
	tables := make([]table, len(files))
	for i, f := range files {
		t, err := open(f, q)
		if err == nil {
			err = t.draw(ctx, q, s, i)
		}
		if err != nil {
			yield(Row{}, err)
			return
		}
		tables[i] = t
	}
	picks := s.drawn()
	for i, t := range tables {
		n := slices.IndexFunc(picks, func(p pick) bool { return p.file > i })
		if n < 0 {
			n = len(picks)
		}
		if n > 0 && !pass(t.picked(ctx, q, picks[:n]), yield) {
			return
		}
		picks = picks[n:]
	}
}

// pass hands rows on until yield has enough or there was an error.
func pass(rows iter.Seq2[Row, error], yield func(Row, error) bool) bool {
	for r, err := range rows {
		if !yield(r, err) || err != nil {
			return false
		}
	}
	return true
}
