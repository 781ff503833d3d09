package view

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/zeebo/blake3"

	"github.com/identity-shaping/isf/internal/samples"
)

// A row is what the index knows of one line of a file. It takes 80 bytes, so
// 100,000 rows are 8 MB; texts stay in the file.
type row struct {
	at   int64 // where its line begins
	size int64 // of the line, without its newline
	line int32 // its number, from 1

	// Known once the details are read.
	turns    int16
	source   uint16 // in table.sources; 0 is none
	id       uint64 // hash of the id
	digest   [16]byte
	length   int32 // characters of the answer
	thinking int32 // characters of the thinking
	score    float32
	flags    flags

	// Known once the answers it was made of were looked up.
	tokens  int32
	latency float32 // seconds, the sum of its steps
	cost    int64   // nano-USD
}

type flags uint8

const (
	hasScore flags = 1 << iota
	isPinned
	isChanged // against the build before
	isFailed  // an error row
	isBroken  // a line that is no row
	hasUsage
)

func (r *row) is(f flags) bool { return r.flags&f != 0 }

// A table is the index of one file of rows. The places of its lines are known
// after one pass that decodes nothing; details follow in the background.
type table struct {
	path  string
	stamp stamp
	file  *os.File  // of lines
	used  time.Time // guarded by tables.mu

	mu       sync.RWMutex
	rows     []row
	placed   bool // all lines are known
	detailed int  // rows whose details are known
	complete bool // all details are known, and what the answers took
	sources  []string
	openings *openings
	err      error

	news    chan struct{} // closed and made anew when more is known
	results *results
	cancel  context.CancelFunc
	wg      sync.WaitGroup
}

// A stamp changes when a file does.
type stamp struct {
	size  int64
	mtime time.Time
	file  fs.FileInfo
}

func stampOf(info fs.FileInfo) stamp { return stamp{info.Size(), info.ModTime(), info} }

func (s stamp) same(o stamp) bool {
	return s.size == o.size && s.mtime.Equal(o.mtime) && os.SameFile(s.file, o.file)
}

// openTable begins to index a file. more looks up what the file does not say.
func openTable(path string, more func(*table) error) (*table, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	fill := func(context.Context) error { return nil }
	if filepath.Ext(path) == ".parquet" {
		if f, fill, err = asLines(f); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	t := &table{path: path, stamp: stampOf(info), file: f, sources: []string{""}, openings: newOpenings(), news: make(chan struct{}), results: newResults(), cancel: cancel}
	t.wg.Go(func() { t.index(ctx, fill, more) })
	return t, nil
}

// asLines returns a file for the rows of a Parquet file as lines, and what writes
// them: a row there cannot be read without its neighbours. It has no name, where
// the system allows that, so that nothing is left by a kill.
func asLines(rows *os.File) (lines *os.File, fill func(context.Context) error, err error) {
	lines, err = os.CreateTemp("", "isf-view-")
	if err != nil {
		return nil, nil, errors.Join(err, rows.Close())
	}
	_ = os.Remove(lines.Name())
	return lines, func(ctx context.Context) error {
		defer rows.Close()
		w := bufio.NewWriterSize(lines, 1<<20)
		for line, err := range samples.Until(ctx, samples.Rows(rows)) {
			if err != nil {
				return err
			}
			_, _ = w.Write(line.Text) // Flush tells
			_ = w.WriteByte('\n')
		}
		return w.Flush()
	}, nil
}

func (t *table) close() {
	t.cancel()
	t.wg.Wait()
	_ = t.file.Close()
}

func (t *table) index(ctx context.Context, fill func(context.Context) error, more func(*table) error) {
	err := fill(ctx)
	if err == nil {
		err = t.place(ctx)
	}
	if err == nil {
		err = t.detail(ctx)
	}
	if err == nil && more != nil {
		err = more(t)
	}
	t.tell(func() {
		t.complete = err == nil
		if t.err = err; ctx.Err() != nil {
			t.err = nil
		}
	})
}

// tell changes what is known, and wakes who waits for more.
func (t *table) tell(change func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	change()
	close(t.news)
	t.news = make(chan struct{})
}

// place finds where lines begin and end.
func (t *table) place(ctx context.Context) error {
	buf := make([]byte, 1<<20)
	var found []row
	var at, begin int64
	line, blank := int32(1), true
	end := func(stop int64) {
		if !blank {
			found = append(found, row{at: begin, size: stop - begin, line: line})
		}
		line, begin, blank = line+1, stop+1, true
	}
	for ctx.Err() == nil {
		n, err := t.file.ReadAt(buf, at)
		for part := buf[:n]; len(part) > 0; {
			i := bytes.IndexByte(part, '\n')
			text := part
			if i >= 0 {
				text = part[:i]
			}
			if blank {
				blank = len(bytes.TrimSpace(text)) == 0
			}
			if i < 0 {
				break
			}
			end(at + int64(n-len(part)+i))
			part = part[i+1:]
		}
		at += int64(n)
		done := errors.Is(err, io.EOF)
		if done && begin < at {
			end(at)
		}
		if len(found) > 0 || done {
			batch := found
			found = nil
			t.tell(func() { t.rows = append(t.rows, batch...); t.placed = done })
		}
		if done {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// wait returns when enough holds, what is to be known is known, or a moment is
// over: a page shows what there is by then.
func (t *table) wait(ctx context.Context, most time.Duration, enough func() bool) {
	over := time.After(most)
	for {
		t.mu.RLock()
		ok, news := enough() || t.complete || t.err != nil, t.news
		t.mu.RUnlock()
		if ok {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-over:
			return
		case <-news:
		}
	}
}

// find returns the line of the record with this id, nil where the index does not
// know it yet. Somebody who comes from the list says the number of its row there,
// which is most often its number here.
func (t *table) find(id, place string) []byte {
	t.mu.RLock()
	var candidates []row
	if n, err := strconv.Atoi(place); err == nil && n >= 0 && n < len(t.rows) {
		candidates = append(candidates, t.rows[n])
	}
	hash := hashID(id)
	for i := range t.rows[:t.detailed] {
		if t.rows[i].id == hash {
			candidates = append(candidates, t.rows[i])
			break
		}
	}
	t.mu.RUnlock()
	for _, r := range candidates {
		if l, err := t.line(r); err == nil {
			if o, err := outlined(l); err == nil && o.ID == id {
				return l.Text
			}
		}
	}
	return nil
}

// read decodes one row of the file.
func (t *table) read(r row) (*samples.Row, error) {
	l, err := t.line(r)
	if err != nil {
		return nil, err
	}
	return samples.Decode(l)
}

// outline decodes what a table shows of a row.
func (t *table) outline(r row) (outline, error) {
	l, err := t.line(r)
	if err != nil {
		return outline{}, err
	}
	return outlined(l)
}

func (t *table) line(r row) (samples.Line, error) {
	text := make([]byte, r.size)
	_, err := t.file.ReadAt(text, r.at)
	return samples.Line{Number: int(r.line), Text: bytes.TrimSpace(text)}, err
}

// hashID is what the index keeps of an id.
func hashID(id string) uint64 {
	sum := blake3.Sum256([]byte(id))
	n := uint64(0)
	for _, b := range sum[:8] {
		n = n<<8 | uint64(b)
	}
	return n
}
