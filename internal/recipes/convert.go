package recipes

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/identity-shaping/isf/internal/jsontext"
)

// Convert writes the samples of r in a format and returns how many there were.
// name is what r is called in errors. Nothing is left out: a row that has no
// form in the format is an error.
func Convert(name string, r io.Reader, w io.Writer, f Format) (n int, err error) {
	in := bufio.NewReaderSize(r, 256<<10)
	for number := 1; ; number++ {
		line, err := jsontext.ReadLine(in)
		if err != nil && !errors.Is(err, io.EOF) {
			return n, fmt.Errorf("%s:%d: %w", name, number, err)
		}
		if len(line) == 0 {
			return n, nil
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		s, reason, err := decode(line)
		var missing *missingError
		switch {
		case errors.As(err, &missing):
			err = fmt.Errorf("the row has no %w", err)
		case err == nil && reason != "":
			err = fmt.Errorf("the row has no form in %s: %s", f, reason)
		}
		if err != nil {
			return n, fmt.Errorf("%s:%d: %w", name, number, err)
		}
		if _, err := w.Write(s.render(f)); err != nil {
			return n, err
		}
		n++
	}
}
