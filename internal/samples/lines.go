package samples

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/identity-shaping/isf/internal/jsontext"
)

// A Line is a row as it stands in a file. Its text is valid until the next line
// is read, unless it was drawn.
type Line struct {
	Number int // from 1
	Text   []byte
}

// Lines returns the lines of a JSONL file that are not blank. A line that is too
// long, or a disk that fails, ends it.
func Lines(r io.Reader) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		in := bufio.NewReaderSize(r, 256<<10)
		for n := 1; ; n++ {
			text, err := jsontext.ReadLine(in)
			if err != nil && !errors.Is(err, io.EOF) {
				yield(Line{}, fmt.Errorf("line %d: %w", n, err))
				return
			}
			if text = bytes.TrimSpace(text); len(text) > 0 && !yield(Line{n, text}, nil) {
				return
			}
			if err != nil {
				return
			}
		}
	}
}
