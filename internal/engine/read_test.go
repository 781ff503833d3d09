package engine

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"testing"

	"github.com/identity-shaping/isf/internal/sources"
)

// numbered are the rows 1 to n, whose text is overwritten by the next, and then an error, if there is one.
func numbered(n int, err error) iter.Seq2[sources.Row, error] {
	return func(yield func(sources.Row, error) bool) {
		var text []byte
		for i := range n {
			text = strconv.AppendInt(text[:0], int64(i+1), 10)
			if !yield(sources.Row{File: "f.jsonl", N: int64(i + 1), Text: text}, nil) {
				return
			}
		}
		if err != nil {
			yield(sources.Row{}, err)
		}
	}
}

func TestRowsThatAreReadAheadComeInOrderUpToTheFirstMistake(t *testing.T) {
	const all = 5000
	cut := errors.New("the file ends here")
	tests := []struct {
		name string
		bad  int // the row that cannot be decoded
		end  error
		want int
		err  string
	}{
		{"whole", 0, nil, all, "<nil>"},
		{"a row that is no JSON", 4321, cut, 4320, "f.jsonl:4321: not a JSON object: bad"},
		{"a file that cannot be read to its end", 0, cut, all, cut.Error()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := &reading{decode: func(text []byte) (any, error) {
				if string(text) == strconv.Itoa(tt.bad) {
					return nil, errors.New("bad")
				}
				return map[string]any{"id": string(text)}, nil
			}}
			got, last := 0, error(nil)
			ctx, cancel := context.WithCancel(t.Context())
			for one := range r.ahead(ctx, numbered(all, tt.end)) {
				for _, rec := range one.records {
					if got++; rec.ID != strconv.Itoa(got) {
						t.Fatalf("got row %s at place %d", rec.ID, got)
					}
				}
				last = one.err
			}
			cancel()
			r.wg.Wait()
			if got != tt.want || fmt.Sprint(last) != tt.err {
				t.Errorf("got %d rows and %v; want %d and %s", got, last, tt.want, tt.err)
			}
		})
	}
}

func TestReadingAheadStopsWithItsReader(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	read := 0
	r := &reading{decode: func(text []byte) (any, error) { return map[string]any{"id": string(text)}, nil }}
	rows := func(yield func(sources.Row, error) bool) {
		for row, err := range numbered(1_000_000, nil) {
			if read++; !yield(row, err) {
				return
			}
		}
	}
	for one := range r.ahead(ctx, rows) {
		if len(one.records) != 1 {
			t.Errorf("the first batch has %d records, want one that starts at once", len(one.records))
		}
		break
	}
	cancel()
	r.wg.Wait()
	if most := 20 * batchRows; read > most {
		t.Errorf("%d rows were read, want at most %d", read, most)
	}
}

// A stop must not look like the end of the source: rows that are left out would
// be missing in an output that counts.
func TestASourceThatIsStoppedSaysSo(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r := &reading{decode: func(text []byte) (any, error) { return map[string]any{"id": string(text)}, nil }}
	var last error
	for one := range r.ahead(ctx, numbered(100_000, nil)) {
		cancel()
		last = one.err
	}
	r.wg.Wait()
	if !errors.Is(last, context.Canceled) {
		t.Errorf("the last batch says %v, want that it was cancelled", last)
	}
}
