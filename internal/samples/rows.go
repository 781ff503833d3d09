package samples

import (
	"context"
	"iter"
	"os"
	"path"

	"github.com/identity-shaping/isf/internal/sources"
)

// Rows returns the rows of a file: its lines, or those of a Parquet file as if
// they were lines. An error ends them.
func Rows(f *os.File) iter.Seq2[Line, error] {
	if path.Ext(f.Name()) != ".parquet" {
		return Lines(f)
	}
	return func(yield func(Line, error) bool) {
		info, err := f.Stat()
		if err != nil {
			yield(Line{}, err)
			return
		}
		file := sources.File{Name: path.Base(f.Name()), Size: info.Size(), ReaderAt: f}
		for row, err := range sources.Rows(context.Background(), []sources.File{file}, sources.Query{}) {
			if !yield(Line{int(row.N), row.Text}, err) || err != nil {
				return
			}
		}
	}
}

// Until are rows as long as ctx lasts; then its error.
func Until(ctx context.Context, rows iter.Seq2[Line, error]) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		for row, err := range rows {
			if err == nil && ctx.Err() != nil {
				row, err = Line{}, context.Cause(ctx)
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}
