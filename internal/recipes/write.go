package recipes

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
)

// Write writes the chosen rows, once. validation is not used unless the recipe
// splits.
func (m *Mix) Write(ctx context.Context, train, validation io.Writer) error {
	var bound *big.Int
	if m.recipe.Split != nil {
		bound = m.recipe.Split.bound()
	}
	out := m.writers(train, validation)
	var line lineReader
	n := 0
	err := m.chosen.each(func(r record) error {
		if n++; n%256 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		s, err := m.again(&line, r.b())
		if err != nil {
			return err
		}
		to, count := out[0], &m.Train
		if bound != nil && validates(bound, s.id) {
			to, count = out[1], &m.Validation
		}
		*count++
		m.tick()
		return to.write(&s)
	})
	for _, w := range out {
		err = errors.Join(err, w.close())
	}
	return err
}

// writers are those of both files, the second for what is held out.
func (m *Mix) writers(train, validation io.Writer) [2]rowWriter {
	shape, columns := m.recipe.Shape(), m.columns
	if !m.recipe.Parquet {
		return [2]rowWriter{lines{train, shape}, lines{validation, shape}}
	}
	out := [2]rowWriter{newParquet(train, shape, columns), lines{}}
	if m.recipe.Split != nil {
		out[1] = newParquet(validation, shape, columns)
	}
	return out
}

// again reads a row for the second time.
func (m *Mix) again(line *lineReader, at uint64) (sample, error) {
	source := sourceOf(at)
	text, err := line.read(m.files[source], offsetOf(at))
	if err != nil {
		return sample{}, fmt.Errorf("%s: %w", m.sources[source].Path, err)
	}
	s, reason, err := m.sample(source, text)
	if err == nil && reason != "" {
		err = errors.New("it is another row than a moment ago")
	}
	if err != nil {
		return s, fmt.Errorf("%s changed while it was read: %w", m.sources[source].Path, err)
	}
	return s, nil
}

// A lineReader reads lines at any offset into one buffer.
type lineReader struct{ buf []byte }

// firstRead is what most rows fit into.
const firstRead = 8 << 10

func (l *lineReader) read(f *os.File, offset int64) ([]byte, error) {
	if l.buf == nil {
		l.buf = make([]byte, firstRead)
	}
	have := 0
	for {
		n, err := f.ReadAt(l.buf[have:], offset+int64(have))
		if end := bytes.IndexByte(l.buf[have:have+n], '\n'); end >= 0 {
			return l.buf[:have+end], nil
		}
		have += n
		if errors.Is(err, io.EOF) {
			return l.buf[:have], nil
		}
		if err != nil {
			return nil, err
		}
		l.buf = append(l.buf, make([]byte, len(l.buf))...)
	}
}
