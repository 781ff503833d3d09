package engine

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/jsontext"
)

// A model that is asked again says the same in other words. What was made from
// the old words would be made again for nothing. So a table may have a lock
// file: rows that say what a locked row of the same paragraph says keep its id
// and its text. Rows that say something new are added to the file, which is
// committed and is an input of the table. Nothing is ever taken out of it, so
// an edit that is undone finds the rows it had.

// lockedSource is one line of a lock file: what a task worked on, and the rows
// that have come of it.
type lockedSource struct {
	ID   string      `json:"source"`
	Text string      `json:"text"` // of the paragraph
	Rows []lockedRow `json:"rows"`
}

type lockedRow struct {
	ID   string `json:"id"`
	Text string `json:"text"` // of the row
}

// stability is the lock file of one build. What was read stays as it is; what
// the build adds is kept apart, and written when the output gets its place.
type stability struct {
	name   string // of the file
	field  string // of a row, which has its text
	before []byte
	old    []*lockedSource
	byID   map[string]*lockedSource

	mu      sync.Mutex
	applied bool
	kept    []reworded // in the order of the rows
	added   []string
	grown   map[string]*lockedSource
	order   []*lockedSource // sources that are new
}

// A reworded row stands in the words of the lock.
type reworded struct{ was, now string }

func lockPath(output string) string {
	return strings.TrimSuffix(output, path.Ext(output)) + ".lock.jsonl"
}

// lockInput is the lock file of a table that has one.
func (q *Pipeline) lockInput(output string) []graph.Input {
	if q.Stable == "" {
		return nil
	}
	return []graph.Input{graph.File{Attr: lockAttr, Path: lockPath(output)}}
}

// lockAttr is what a table calls its lock file among its inputs. No field of a
// pipeline can have the name.
const lockAttr = "lock file"

// stability reads the lock file of a table, nil where it has none.
func (p *Project) stability(q *Pipeline, output string) (*stability, error) {
	if q.Stable == "" {
		return nil, nil
	}
	s := &stability{name: lockPath(output), field: q.Stable, byID: map[string]*lockedSource{}, grown: map[string]*lockedSource{}}
	var err error
	if s.before, err = p.Files.ReadFile(s.name); errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	in := bufio.NewReader(bytes.NewReader(s.before))
	for n := 1; ; n++ {
		line, err := jsontext.ReadLine(in)
		if len(bytes.TrimSpace(line)) > 0 {
			one := new(lockedSource)
			jerr := jsontext.Strict(line, one)
			if jerr == nil && one.ID == "" {
				jerr = errors.New("it names no source")
			}
			if jerr != nil {
				return nil, fmt.Errorf("%s:%d: this is no line of a lock file; mend it or take it out: %w", s.name, n, jerr)
			}
			if s.byID[one.ID] == nil {
				s.old, s.byID[one.ID] = append(s.old, one), one
			}
		}
		if errors.Is(err, io.EOF) {
			return s, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// apply gives the rows that one task made the ids and texts of locked rows
// that say the same.
func (s *stability) apply(in Record, rows []Record) {
	if s == nil {
		return
	}
	source := &lockedSource{ID: in.ID, Text: stringsOf(in.Value)}
	var texts []string
	var at []int
	for i := range rows {
		if text, ok := textField(rows[i].Value, s.field); ok {
			texts, at = append(texts, text), append(at, i)
		}
	}
	from := s.source(source)
	for i, locked := range match(from, source.Text, texts) {
		r := &rows[at[i]]
		r.lock = &lockNote{source: source, row: lockedRow{r.ID, texts[i]}}
		if locked == nil {
			continue
		}
		r.lock.row, r.lock.was = *locked, texts[i]
		if locked.Text != texts[i] {
			r.Extracted = texts[i]
		}
		value, err := withText(r.Value, s.field, *locked)
		if err != nil {
			r.Value, r.Fail = nil, failf("invalid_row", "%s: %s", s.name, err)
			continue
		}
		r.Value, r.ID, r.Given = value, locked.ID, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.applied = s.applied || len(texts) > 0
}

// A lockNote is what the writer notes of a row.
type lockNote struct {
	source *lockedSource
	row    lockedRow
	was    string // how the model put it, where the row is a locked one
}

// note keeps what a row adds to the lock. The writer calls it in the order of
// the rows.
func (s *stability) note(n *lockNote) {
	if s == nil || n == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	to := s.grown[n.source.ID]
	if to == nil {
		to = &lockedSource{ID: n.source.ID, Text: n.source.Text}
		if old := s.byID[to.ID]; old != nil {
			to.Rows = append(to.Rows, old.Rows...)
		} else {
			s.order = append(s.order, to)
		}
		s.grown[to.ID] = to
	}
	known := false
	for _, r := range to.Rows {
		known = known || r == n.row
	}
	if !known {
		to.Rows = append(to.Rows, n.row)
	}
	switch {
	case n.was == "":
		s.added = append(s.added, n.row.Text)
	case n.was != n.row.Text:
		s.kept = append(s.kept, reworded{n.row.Text, n.was})
	}
}

// write puts the lock file in its place.
func (s *stability) write(files *os.Root, rows int, place func(name string, text []byte) error) error {
	if s == nil {
		return nil
	}
	if rows > 0 && !s.applied {
		return fmt.Errorf("isf.Stable(%q): no row that the pipeline's last Each makes has a text %q", s.field, s.field)
	}
	now, err := files.ReadFile(s.name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if !bytes.Equal(now, s.before) {
		return fmt.Errorf("%s was edited while the build ran: build again", s.name)
	}
	var b bytes.Buffer
	for _, list := range [][]*lockedSource{s.old, s.order} {
		for _, one := range list {
			if grown := s.grown[one.ID]; grown != nil {
				one = grown
			}
			text, err := marshal(one)
			if err != nil {
				return err
			}
			b.Write(append(text, '\n'))
		}
	}
	if bytes.Equal(b.Bytes(), s.before) {
		return nil
	}
	return place(s.name, b.Bytes())
}

// mostTold is how many rows a build lists.
const mostTold = 10

// notes tell a person what became of the rows of a table that was locked
// before.
func (s *stability) notes() (out []string) {
	if s == nil || len(s.old) == 0 || len(s.kept)+len(s.added) == 0 {
		return nil
	}
	out = append(out, fmt.Sprintf("%s said in other words and kept as locked, %s new in %s", plural(len(s.kept), "row"), plural(len(s.added), "row"), s.name))
	for i, text := range s.added {
		if i == mostTold {
			return append(out, fmt.Sprintf("and %d more", len(s.added)-mostTold))
		}
		out = append(out, "+ "+text)
	}
	return out
}
