package recipes

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/identity-shaping/isf/internal/jsontext"
)

// A Conversion makes other rows of samples that have been written already.
// Nothing is left out: a row that has no form in the shape is an error.
type Conversion struct {
	Shape   Format
	Parquet bool // into a Parquet file, for which the samples are read twice
}

// Write writes the samples of r and returns how many there were. name is what r
// is called in errors.
func (c Conversion) Write(name string, r io.ReadSeeker, w io.Writer) (n int, err error) {
	var out rowWriter = lines{w, c.Shape}
	if c.Parquet {
		var all columns
		if err := c.each(name, r, func(s *sample) error { all.see(s); return nil }); err != nil {
			return 0, err
		}
		if _, err := r.Seek(0, io.SeekStart); err != nil {
			return 0, err
		}
		out = newParquet(w, c.Shape, all)
	}
	err = c.each(name, r, func(s *sample) error {
		n++
		return out.write(s)
	})
	return n, errors.Join(err, out.close())
}

// each reads the samples of r.
func (c Conversion) each(name string, r io.Reader, take func(*sample) error) error {
	in := bufio.NewReaderSize(r, 256<<10)
	for number := 1; ; number++ {
		line, err := jsontext.ReadLine(in)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("%s:%d: %w", name, number, err)
		}
		if len(line) == 0 {
			return nil
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		s, err := c.read(line)
		if err != nil {
			return fmt.Errorf("%s:%d: %w", name, number, err)
		}
		if err := take(&s); err != nil {
			return err
		}
	}
}

func (c Conversion) read(line []byte) (sample, error) {
	s, reason, err := decode(line)
	if err == nil && reason == "" && c.Shape.isText() {
		_, reason = s.text(c.Shape)
	}
	var missing *missingError
	switch {
	case errors.As(err, &missing):
		return s, fmt.Errorf("the row has no %w", err)
	case err == nil && reason != "":
		return s, fmt.Errorf("the row has no form in %s: %s; a recipe leaves such rows out", c.Shape, reason)
	}
	return s, err
}
