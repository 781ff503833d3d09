package jsontext

import (
	"bufio"
	"errors"
	"fmt"
)

// maxLine is the longest line that is read. A conversation of a million tokens
// fits; a file that is no JSONL at all is noticed before memory is.
const maxLine = 64 << 20

// ReadLine returns the next line of a JSONL file with its newline, valid until
// the next read. At the end it returns io.EOF with what is there.
func ReadLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		if err == nil && line == nil {
			return part, nil
		}
		line = append(line, part...)
		if len(line) > maxLine {
			return nil, fmt.Errorf("a line is longer than %d MiB: is this a JSONL file, with one row to a line?", maxLine>>20)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}
