package engine

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/jsontext"
)

// A record table keeps, for each record of a target's last build, the requests
// it was made of, so that the next one can say what changed. Losing it costs
// explanations only.

func tablePath(target string) string { return path.Join(StateDir, "records", flatten(target)+".jsonl") }

// A stepName says which request of which record a step is, whatever it says.
type stepName struct {
	Stage   string
	Record  string
	Place   int
	Attempt int
}

// A stepRef is a step and the answer it got.
type stepRef struct {
	stepName
	Ref cache.Ref
	Hit bool // it was in the cache already
}

// tableRow is one line of a record table.
type tableRow struct {
	ID     string      `json:"id"`
	Line   string      `json:"line"` // digest of what a reader of the target sees
	Failed string      `json:"failed,omitempty"`
	Left   string      `json:"skipped,omitempty"` // why there is no row
	Steps  []tableStep `json:"steps,omitempty"`
}

type tableStep struct {
	Stage   string `json:"s"`
	Record  string `json:"r"`
	Place   int    `json:"p"`
	Attempt int    `json:"a,omitempty"`
	Ref     string `json:"k"` // key:limit
	Hit     bool   `json:"h,omitempty"`
}

type recordTable struct {
	file *graph.Pending
	buf  *bufio.Writer
}

func newRecordTable(file *graph.Pending) *recordTable {
	return &recordTable{file, bufio.NewWriterSize(file, 64<<10)}
}

func (t *recordTable) add(r Record) error {
	row := tableRow{ID: r.ID, Line: hex.EncodeToString(r.line.sum[:8])}
	switch {
	case r.Fail != nil:
		row.Failed = r.Fail.Kind
	case r.Skipped != "":
		row.Line, row.Left = "", r.Skipped
	}
	for _, s := range r.line.steps {
		row.Steps = append(row.Steps, tableStep{s.Stage, s.Record, s.Place, s.Attempt, refText(s.Ref), s.Hit})
	}
	text, err := json.Marshal(row)
	if err != nil {
		return err
	}
	_, err = t.buf.Write(append(text, '\n'))
	return err
}

// tableRows reads a record table. There may be none.
func (p *Project) tableRows(name string, take func(tableRow)) error {
	return p.tableRowsHolding(name, nil, take)
}

// tableRowOf finds a record in a record table; it is empty where there is none.
func (p *Project) tableRowOf(name, id string) (found tableRow, err error) {
	quoted, err := json.Marshal(id)
	if err != nil {
		return found, err
	}
	err = p.tableRowsHolding(name, quoted, func(r tableRow) {
		if r.ID == id {
			found = r
		}
	})
	return found, err
}

// tableRowsHolding leaves out lines without a text before they are decoded, which
// takes most of the time.
func (p *Project) tableRowsHolding(name string, text []byte, take func(tableRow)) error {
	f, err := p.Files.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 256<<10)
	for {
		line, err := jsontext.ReadLine(in)
		var row tableRow
		if len(line) > 0 && bytes.Contains(line, text) && json.Unmarshal(line, &row) == nil { // a torn line is a record nobody remembers
			take(row)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// lastSteps returns the answers of a target's last build by the steps they
// were for.
func (p *Project) lastSteps(target string) (map[stepName]cache.Ref, error) {
	steps := map[stepName]cache.Ref{}
	err := p.tableRows(tablePath(target), func(row tableRow) {
		for _, s := range row.refs() {
			steps[s.stepName] = s.Ref
		}
	})
	return steps, err
}

// Answers calls take with the answers that each record of a target's last build
// was made of.
func (p *Project) Answers(t *graph.Target, take func(id string, answers []cache.Ref)) error {
	return p.tableRows(tablePath(t.Name), func(row tableRow) {
		var answers []cache.Ref
		for _, s := range row.refs() {
			answers = append(answers, s.Ref)
		}
		take(row.ID, answers)
	})
}

// refs returns the steps of a row; one that cannot be read is left out.
func (r tableRow) refs() []stepRef {
	out := make([]stepRef, 0, len(r.Steps))
	for _, s := range r.Steps {
		if ref, ok := parseRef(s.Ref); ok {
			out = append(out, stepRef{stepName{s.Stage, s.Record, s.Place, s.Attempt}, ref, s.Hit})
		}
	}
	return out
}

func parseRef(text string) (cache.Ref, bool) {
	key, limit, found := strings.Cut(text, ":")
	k, err := cache.ParseKey(key)
	n, nerr := strconv.ParseInt(limit, 10, 64)
	return cache.Ref{Key: k, Limit: n}, found && err == nil && nerr == nil
}
