package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/zeebo/blake3"

	"github.com/identity-shaping/isf/dispatch"
	"github.com/identity-shaping/isf/graph"
)

// trying is a run over a few records of a pipeline.
type trying struct {
	e         *Engine
	t         *graph.Target
	q         *Pipeline
	revisions map[string]string

	ids []string // of the records that are made
	of  int      // how many there are, 0 if nobody counted

	picked, made *dispatch.Tally // set-up requests are sent while picking
}

func (y *trying) begin() (*Build, error) {
	b, err := y.e.begin(y.t, y.q)
	if err != nil {
		return nil, err
	}
	b.revisions = y.revisions
	return b, nil
}

// walk runs the pipeline over the records that chosen accepts.
func (y *trying) walk(b *Build, chosen func(string) bool, finish func(*Record), got func(Record)) {
	b.chosen = chosen
	rows := b.prepare()
	defer b.guard()
	sources := limiter{b: b}
	rows(finish, func(r Record) bool {
		if sources.admit(r) == take {
			got(r)
		}
		return true
	})
}

// pick chooses n records by the hash of their ids, so that they are spread over
// all of them, are the same from one try to the next, and stay the same when
// others are added. It reads every source once and makes no record.
func (y *trying) pick(n int) error {
	b, err := y.begin()
	if err != nil {
		return err
	}
	defer func() { y.picked = &b.tally }()
	lowest := &lowestIDs{most: n, seen: map[string]bool{}}
	y.walk(b, lowest.offer, nil, func(Record) {})
	if b.setup.isOpen() {
		return y.verdict(b)
	}
	y.ids, y.of = lowest.ids, lowest.count
	return nil
}

// lowestIDs keeps the ids with the lowest hashes of those it is offered.
type lowestIDs struct {
	most  int
	mu    sync.Mutex // stages may read their sources side by side
	count int
	ids   []string // in the order of their hashes
	sums  [][32]byte
	seen  map[string]bool // those in ids
}

// offer takes no record.
func (l *lowestIDs) offer(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count++
	sum := blake3.Sum256([]byte(id))
	at, _ := slices.BinarySearchFunc(l.sums, sum, func(a, b [32]byte) int { return slices.Compare(a[:], b[:]) })
	if at == l.most || l.seen[id] {
		return false
	}
	l.ids, l.sums, l.seen[id] = slices.Insert(l.ids, at, id), slices.Insert(l.sums, at, sum), true
	if len(l.ids) > l.most {
		delete(l.seen, l.ids[l.most])
		l.ids, l.sums = l.ids[:l.most], l.sums[:l.most]
	}
	return false
}

// choose takes ids of records, or of rows of the last build.
func (y *trying) choose(ids []string) error {
	source := map[string]string{}
	err := y.e.project.tableRows(tablePath(y.t.Name), func(r tableRow) {
		if slices.Contains(ids, r.ID) {
			source[r.ID] = r.source()
		}
	})
	for _, id := range ids {
		if from, ok := source[id]; ok {
			id = from
		}
		if !slices.Contains(y.ids, id) {
			y.ids = append(y.ids, id)
		}
	}
	return err
}

// source is the record that the first request of a row was about.
func (r tableRow) source() string {
	if len(r.Steps) > 0 {
		return r.Steps[0].Record
	}
	return r.ID
}

// A triedRow is what a try keeps of a row beside its line.
type triedRow struct {
	source  string
	id      string
	steps   []Step
	skipped string
	fail    *Failure
	text    []byte // nil where it failed or was skipped
}

// make runs the chosen records.
func (y *trying) make() (rows []triedRow, err error) {
	b, err := y.begin()
	if err != nil {
		return nil, err
	}
	met, open := map[string]bool{}, 0
	for _, id := range y.ids {
		met[id] = false
	}
	var mu sync.Mutex
	chosen := func(id string) bool {
		mu.Lock()
		defer mu.Unlock()
		_, wanted := met[id]
		if wanted {
			met[id] = true
		}
		return wanted
	}
	enc := &encoder{b: b}
	y.walk(b, chosen, enc.tried, func(r Record) {
		if r.Open || r.line == nil {
			open++
			return
		}
		row := *r.line.tried
		row.id, row.fail, row.skipped = r.ID, r.Fail, r.Skipped
		if r.Fail == nil && r.Skipped == "" {
			row.text = r.line.text
		}
		rows = append(rows, row)
	})
	y.made = &b.tally
	if open > 0 || b.Err() != nil || b.setup.isOpen() {
		return nil, y.verdict(b)
	}
	for _, id := range y.ids {
		if !met[id] {
			return nil, fmt.Errorf("%s reads no record %q: name a row, or a record of its source", y.t.Name, id)
		}
	}
	return rows, nil
}

// counts adds up both runs. What the first sent was a hit in the second.
func (y *trying) counts(t *Trial) {
	made := Result{tally: y.made}
	t.Requests, t.Tokens = made.Requests(), made.Tokens()
	t.CostNano, t.Priced = made.CostNano()
	if y.picked == nil {
		return
	}
	first := Result{tally: y.picked}
	set := first.Requests()
	t.Requests.Sent, t.Requests.Retries = t.Requests.Sent+set.Sent, t.Requests.Retries+set.Retries
	t.Requests.Hits -= set.Total - set.Hits
	nano, priced := first.CostNano()
	t.CostNano, t.Priced = t.CostNano+nano, t.Priced && priced
	t.Tokens.Prompt += first.Tokens().Prompt
	t.Tokens.Completion += first.Tokens().Completion
	t.Tokens.CachedPrompt += first.Tokens().CachedPrompt
}

// tried is finish for a try: it keeps how a record came about.
func (e *encoder) tried(r *Record) {
	kept := &triedRow{source: r.Trace.Source, steps: r.Trace.Steps}
	if r.Open {
		return
	}
	e.finish(r)
	if r.line == nil {
		r.line = &line{}
	}
	r.line.tried = kept
}

// verdict says why not every record came to its end.
func (y *trying) verdict(b *Build) error {
	if err := b.verdict(newCounter(1)); err != nil {
		return err
	}
	return ErrStopped
}

// newCounter is a writer that has counted open records and nothing else.
func newCounter(open int) *writer { return &writer{Counts: Counts{Open: open}} }

// compare puts the rows beside those of the output that came from the same
// records.
func (y *trying) compare(rows []triedRow) ([]TriedRecord, error) {
	g := &trialGroups{of: map[string]int{}, names: map[string]string{}}
	for _, id := range y.ids {
		g.at(id)
	}
	for _, r := range rows {
		g.now(y.e, r)
	}
	was, err := y.was(g)
	if err != nil {
		return nil, err
	}
	for i := range g.records {
		if err := g.records[i].pair(g.made[i], was[g.records[i].ID]); err != nil {
			return nil, err
		}
	}
	return g.records, nil
}

// was reads the rows of the output that were made of the chosen records, by
// record.
func (y *trying) was(g *trialGroups) (map[string][][]byte, error) {
	p := y.e.project
	source := map[string]string{}
	err := p.tableRows(tablePath(y.t.Name), func(r tableRow) {
		if from := g.sourceOf(r); from != "" {
			source[r.ID] = from
		}
	})
	if err != nil {
		return nil, err
	}
	was := map[string][][]byte{}
	err = p.eachRow(y.t.Output, func(id string, line []byte) error {
		from, ok := source[id]
		if !ok {
			from, ok = g.names[id] // nothing is known of the last build but its rows
		}
		if ok && g.has(from) {
			text, err := contentOf(line)
			was[from] = append(was[from], text)
			return err
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return was, err
}

// trialGroups are the records of a try, in their order.
type trialGroups struct {
	of      map[string]int    // record → its place
	names   map[string]string // whatever a step or a row is named by → record
	records []TriedRecord
	made    [][]triedRow
	seen    map[stepName]bool
}

func (g *trialGroups) at(id string) int {
	i, ok := g.of[id]
	if !ok {
		i = len(g.records)
		g.of[id] = i
		g.names[id] = id
		g.records = append(g.records, TriedRecord{ID: id, Rows: []TriedRow{}, Priced: true})
		g.made = append(g.made, nil)
	}
	return i
}

func (g *trialGroups) has(id string) bool { _, ok := g.of[id]; return ok }

// now adds a row, and counts what was asked for it. Rows of one record share
// its first steps.
func (g *trialGroups) now(e *Engine, row triedRow) {
	if row.source == "" {
		row.source = row.id // made at a barrier, of no one record
	}
	i := g.at(row.source)
	g.made[i] = append(g.made[i], row)
	g.names[row.id] = row.source
	rec := &g.records[i]
	for _, s := range row.steps {
		g.names[s.Record] = row.source
		if g.seen == nil {
			g.seen = map[stepName]bool{}
		}
		if g.seen[s.stepName] {
			continue
		}
		g.seen[s.stepName] = true
		if s.Hit {
			rec.Hits++
		} else {
			rec.Sent++
		}
		entry, err := e.store().Lookup(s.Ref)
		rec.Priced = rec.Priced && err == nil && entry.CostKnown
		if err == nil {
			rec.CostNano += entry.CostNano
		}
	}
}

// sourceOf returns the record that a row of the last build was made of, "" if
// it is none of these.
func (g *trialGroups) sourceOf(r tableRow) string {
	for _, s := range r.Steps {
		if from := g.names[s.Record]; from != "" {
			return from
		}
	}
	return g.names[r.ID]
}

// pair sets rows side by side: those of one id, then the others in their
// order.
func (rec *TriedRecord) pair(now []triedRow, was [][]byte) error {
	before := map[string][]byte{}
	var order []string
	for _, text := range was {
		id := rowID(text)
		before[id] = text
		order = append(order, id)
	}
	stays := map[string]bool{}
	for _, n := range now {
		stays[n.id] = true
	}
	left := slices.DeleteFunc(order, func(id string) bool { return stays[id] })
	for _, n := range now {
		row := TriedRow{ID: n.id, Was: before[n.id]}
		if row.Was == nil && len(left) > 0 {
			row.Was, left = before[left[0]], left[1:]
		}
		if err := row.set(n); err != nil {
			return err
		}
		rec.Rows = append(rec.Rows, row)
	}
	for _, id := range left {
		rec.Rows = append(rec.Rows, TriedRow{ID: id, Kind: RowRemoved, Was: before[id]})
	}
	return nil
}

func (row *TriedRow) set(n triedRow) (err error) {
	switch {
	case n.fail != nil:
		row.Kind, row.Reason = RowFailed, n.fail.Kind+": "+n.fail.Message
		return nil
	case n.skipped != "":
		row.Kind, row.Reason = RowSkipped, n.skipped
		return nil
	}
	if row.Now, err = contentOf([]byte(strings.TrimSpace(string(n.text)))); err != nil {
		return err
	}
	switch {
	case row.Was == nil:
		row.Kind = RowAdded
	case string(row.Was) == string(row.Now):
		row.Kind = RowSame
	default:
		row.Kind = RowChanged
	}
	return nil
}
