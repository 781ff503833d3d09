package engine

import (
	"fmt"
	"slices"
	"sync"

	"github.com/identity-shaping/isf/cache"
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
	sums  []cache.Digest
	seen  map[string]bool // those in ids
}

// offer takes no record.
func (l *lowestIDs) offer(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count++
	sum := cache.DigestOf([]byte(id))
	at, _ := slices.BinarySearchFunc(l.sums, sum, func(a, b cache.Digest) int { return slices.Compare(a[:], b[:]) })
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
