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
	"slices"
	"strings"
	"sync"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/jsontext"
)

// A model that is asked again says the same in other words. What was made from
// the old words would be made again for nothing. So a table may have a lock
// file: rows that say what a locked row of the same paragraph says keep its id
// and its text. Rows that say something new are added to the file, which is
// committed and is an input of the table.
//
// An edit that is undone finds the rows it had, and leaves none of its own: each
// row has the number of the build that added it, among those that added any. A
// build that adds nothing forgets the rows that came after all that it uses.
// Those of the first build are never forgotten, nor one that has stood for other
// words: a model could not be asked for it again.

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
	Edit int    `json:"edit,omitempty"`
}

func (r lockedRow) same(o lockedRow) bool { return r.ID == o.ID && r.Text == o.Text }

// A grownSource is a locked source with what a build uses of it and adds to it.
type grownSource struct {
	*lockedSource
	used []bool // by row
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
	grown   map[string]*grownSource
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
	s := &stability{name: lockPath(output), field: q.Stable, byID: map[string]*lockedSource{}, grown: map[string]*grownSource{}}
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
		r.lock = &lockNote{source: source, row: lockedRow{ID: r.ID, Text: texts[i]}}
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

// added is the number of a row until it is written.
const added = -1

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
		to = &grownSource{lockedSource: &lockedSource{ID: n.source.ID, Text: n.source.Text}}
		if old := s.byID[to.ID]; old != nil {
			to.Rows = append(to.Rows, old.Rows...)
		} else {
			s.order = append(s.order, to.lockedSource)
		}
		to.used = make([]bool, len(to.Rows))
		s.grown[n.source.ID] = to
	}
	i := slices.IndexFunc(to.Rows, n.row.same)
	switch {
	case i < 0:
		to.Rows, to.used = append(to.Rows, lockedRow{n.row.ID, n.row.Text, added}), append(to.used, true)
	case n.was != "" && n.was != n.row.Text && to.Rows[i].Edit != added:
		to.Rows[i].Edit, to.used[i] = 0, true
	default:
		to.used[i] = true
	}
	switch {
	case n.was == "":
		s.added = append(s.added, n.row.Text)
	case n.was != n.row.Text:
		s.kept = append(s.kept, reworded{n.row.Text, n.was})
	}
}

// write puts the lock file in its place. whole says that the build looked at
// every source.
func (s *stability) write(files *os.Root, rows int, whole bool, place func(name string, text []byte) error) error {
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
	for _, one := range s.after(whole) {
		text, err := marshal(one)
		if err != nil {
			return err
		}
		b.Write(append(text, '\n'))
	}
	if bytes.Equal(b.Bytes(), s.before) {
		return nil
	}
	return place(s.name, b.Bytes())
}

// after is what the file says after the build.
func (s *stability) after(whole bool) (out []*lockedSource) {
	last, used, adds := s.edits()
	keep := last // the number up to which rows are remembered
	if whole && !adds {
		keep = used
	}
	for _, list := range [][]*lockedSource{s.old, s.order} {
		for _, one := range list {
			if grown := s.grown[one.ID]; grown != nil {
				one = grown.lockedSource
			}
			next := &lockedSource{ID: one.ID, Text: one.Text}
			for _, r := range one.Rows {
				if r.Edit == added {
					r.Edit = last + 1
				} else if r.Edit > keep {
					continue
				}
				next.Rows = append(next.Rows, r)
			}
			if len(next.Rows) > 0 {
				out = append(out, next)
			}
		}
	}
	return out
}

// edits returns the highest number of a row, that of a row which the build uses,
// and whether the build adds any.
func (s *stability) edits() (last, used int, adds bool) {
	last = -1
	for _, one := range s.old {
		for _, r := range one.Rows {
			last = max(last, r.Edit)
		}
	}
	for _, one := range s.grown {
		for i, r := range one.Rows {
			adds = adds || r.Edit == added
			if one.used[i] {
				used = max(used, r.Edit)
			}
		}
	}
	return last, used, adds
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
