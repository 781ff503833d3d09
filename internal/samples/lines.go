package samples

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
)

// A Line is a row as it stands in a file. Its text is valid until the next line
// is read, unless it was drawn.
type Line struct {
	Number int // from 1
	Text   []byte
}

// maxLine bounds a line. A row with its provenance has a few hundred
// kilobytes; a file without newlines must not fill the memory.
const maxLine = 64 << 20

// Lines returns the lines of a JSONL file that are not blank. A line that is too
// long, or a disk that fails, ends it.
func Lines(r io.Reader) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		in := bufio.NewReaderSize(r, 256<<10)
		for n := 1; ; n++ {
			text, err := readLine(in)
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

func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		if err == nil && line == nil {
			return part, nil
		}
		line = append(line, part...)
		if len(line) > maxLine {
			return nil, fmt.Errorf("it is longer than %d MiB: is this a JSONL file, with one row to a line?", maxLine>>20)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}
