package recipes

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"

	"github.com/identity-shaping/isf/internal/jsontext"
)

// A Mix is a recipe over sources that were read once. Close lets go of it.
type Mix struct {
	Report
	recipe  *Recipe
	sources []Source
	files   []*os.File // of the sources, open so that both readings see one file
	dir     string     // of scratch files
	tick    func()     // after each row that is read or written

	entries scratch // an entry for each usable row, in their order
	rows    uint64  // entries
	repeats *repeats
	chosen  *sorter // what Write writes, in its order
	columns columns
}

// An entry remembers a row: its place (source and offset) and shuffle key.
const entryBytes = 16

// A place names a source by its index and a row by its offset, so that places
// sort as the recipe lists its rows.
const offsetBits = 48

func place(source int, offset int64) uint64 { return uint64(source)<<offsetBits | uint64(offset) }

func sourceOf(place uint64) int   { return int(place >> offsetBits) }
func offsetOf(place uint64) int64 { return int64(place & (1<<offsetBits - 1)) }

// Scan reads every source and decides which rows go in. dir is a folder for
// scratch files; tick, if not nil, is called after each row. A source without
// a file (Path "") has no rows.
func Scan(ctx context.Context, r *Recipe, project *os.Root, sources []Source, dir string, tick func()) (*Mix, error) {
	if tick == nil {
		tick = func() {}
	}
	m := &Mix{
		Report: newReport(r, sources), recipe: r, sources: sources, dir: dir, tick: tick,
		files: make([]*os.File, len(sources)), repeats: newRepeats(r.Dedupe, dir),
	}
	err := m.readAll(ctx, project)
	if err == nil {
		err = m.choose()
	}
	if err != nil {
		m.Close()
		return nil, err
	}
	return m, nil
}

func (m *Mix) readAll(ctx context.Context, project *os.Root) (err error) {
	if len(m.sources) > math.MaxUint16 {
		return fmt.Errorf("%s has %d sources; at most %d are possible", m.path, len(m.sources), math.MaxUint16)
	}
	if err := m.entries.open(m.dir); err != nil {
		return err
	}
	for i, s := range m.sources {
		if s.Path == "" {
			continue
		}
		if m.files[i], err = project.Open(s.Path); err != nil {
			return fmt.Errorf("%s '%s' cannot be read: %w", s.Kind, s.Name, err)
		}
		if err := m.scan(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

// Close removes what Scan kept.
func (m *Mix) Close() {
	for _, f := range m.files {
		if f != nil {
			_ = f.Close()
		}
	}
	m.entries.close()
	m.repeats.close()
	if m.chosen != nil {
		m.chosen.close()
	}
}

// scan reads one source to its end.
func (m *Mix) scan(ctx context.Context, source int) error {
	in := bufio.NewReaderSize(m.files[source], 256<<10)
	offset, index := int64(0), 0
	for number := 1; ; number++ {
		if number%256 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		line, err := jsontext.ReadLine(in)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("%s:%d: %w", m.sources[source].Path, number, err)
		}
		if len(line) == 0 {
			return nil
		}
		if len(bytes.TrimSpace(line)) > 0 {
			if err := m.take(source, offset, line); err != nil {
				return m.explain(err, source, index, number)
			}
			index++
			m.tick()
		}
		offset += int64(len(line))
	}
}

// explain names a row that is no sample, in the words of the Python toolkit.
func (m *Mix) explain(err error, source, index, line int) error {
	s := m.sources[source]
	var missing *missingError
	if errors.As(err, &missing) {
		//lint:ignore ST1005 these are the toolkit's words
		return fmt.Errorf("Sample %d in %s '%s' missing required fields: %w (%s:%d)", index, s.Kind, s.Name, err, s.Path, line)
	}
	return fmt.Errorf("%s:%d: sample %d in %s '%s': %w", s.Path, line, index, s.Kind, s.Name, err)
}

// take checks a row and remembers it if it can be used.
func (m *Mix) take(source int, offset int64, line []byte) error {
	count := m.of(source)
	count.Rows++
	s, reason, err := m.sample(source, line)
	if err != nil {
		return err
	}
	if reason != "" {
		count.Dropped[reason]++
		return nil
	}
	m.columns.see(&s)
	if m.recipe.Shape().isText() && slices.ContainsFunc(s.messages, func(msg message) bool { return msg.weight != nil }) {
		m.Weights++
	}
	if err := m.repeats.add(&s, m.rows); err != nil {
		return err
	}
	key := uint64(0)
	if m.recipe.Seed != nil {
		key = shuffleKey(*m.recipe.Seed, m.recipe.Categories[m.sources[source].Category].Name, m.sources[source], s.id)
	}
	m.rows++
	count.Usable++
	r := newRecord(place(source, offset), key, 0)
	return m.entries.write(r[:entryBytes])
}

// sample reads a row as the recipe wants it.
func (m *Mix) sample(source int, line []byte) (sample, string, error) {
	s, reason, err := decode(line)
	if err != nil || reason != "" {
		return s, reason, err
	}
	c := m.recipe.Categories[m.sources[source].Category]
	return s, s.fit(c.Thinking, m.recipe.Shape(), m.recipe.DropSystem), nil
}
