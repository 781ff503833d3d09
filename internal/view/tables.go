package view

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/engine"
)

// mostTables is how many files are indexed at once. The one that was not looked
// at for longest goes.
const mostTables = 4

// tables are the indexes that are in memory.
type tables struct {
	s  *Studio
	mu sync.Mutex
	by map[string]*table // by path

	dropped sync.WaitGroup
}

func newTables(s *Studio) *tables { return &tables{s: s, by: map[string]*table{}} }

// of returns the index of a target's rows, or of its error rows, as the file is
// now.
func (ts *tables) of(name string, errorRows bool) (*table, error) {
	var path string
	var target *graph.Target
	err := ts.s.with(func(w *Workspace) (err error) {
		if target = w.Graph.Target(name); target == nil {
			return errNoTarget
		}
		rows, failed, err := ts.s.o.Rows(w, target)
		if path = rows; errorRows {
			path, err = failed, nil
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if path == "" {
		return nil, os.ErrNotExist
	}
	return ts.open(path, target)
}

func (ts *tables) open(path string, target *graph.Target) (*table, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if t := ts.by[path]; t != nil && t.stamp.same(stampOf(info)) {
		t.used = time.Now()
		return t, nil
	}
	ts.drop(path)
	for len(ts.by) >= mostTables {
		oldest := ""
		for p, t := range ts.by {
			if oldest == "" || t.used.Before(ts.by[oldest].used) {
				oldest = p
			}
		}
		ts.drop(oldest)
	}
	t, err := openTable(path, func(t *table) error { return ts.s.lookUp(t, target.Name) })
	if err != nil {
		return nil, err
	}
	t.used = time.Now()
	ts.by[path] = t
	return t, nil
}

// drop forgets an index. Pages that still read from it keep it until they are
// done.
func (ts *tables) drop(path string) {
	t := ts.by[path]
	if t == nil {
		return
	}
	delete(ts.by, path)
	t.cancel()
	ts.dropped.Go(t.wg.Wait) // its file is closed by the collector, once nobody has it
}

func (ts *tables) close() {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	for _, t := range ts.by {
		t.close()
	}
	clear(ts.by)
	ts.dropped.Wait()
}

var errNoTarget = errors.New("there is no such target")

// lookUp adds what the file of rows does not say: what differs from the build
// before, and what the answers took.
func (s *Studio) lookUp(t *table, name string) error {
	return s.with(func(w *Workspace) error {
		target := w.Graph.Target(name)
		if target == nil {
			return nil
		}
		if err := t.lookUpChanged(w, target); err != nil && !errors.Is(err, engine.ErrNoPrevious) {
			return err
		}
		return t.lookUpUsage(w, target)
	})
}

func (t *table) lookUpChanged(w *Workspace, target *graph.Target) error {
	differs, err := w.Changed(target)
	if err != nil {
		return err
	}
	for i := range t.rows {
		if t.rows[i].is(isFailed) {
			continue // only rows were rows before
		}
		text := make([]byte, t.rows[i].size)
		if _, err := t.file.ReadAt(text, t.rows[i].at); err != nil {
			return err
		}
		if changed, err := differs(text); err == nil && changed {
			t.mu.Lock()
			t.rows[i].flags |= isChanged
			t.mu.Unlock()
		}
	}
	return nil
}

// A maker says that a row was made by an answer.
type maker struct {
	answer uint64 // the beginning of its key
	limit  int64
	row    int32
}

// lookUpUsage joins the record table with the summaries of the store, which is
// read once from end to end.
func (t *table) lookUpUsage(w *Workspace, target *graph.Target) error {
	byID := map[uint64]int32{}
	for i := range t.rows {
		byID[t.rows[i].id] = int32(i)
	}
	var makers []maker
	err := w.Answers(target, func(id string, answers []cache.Ref) {
		i, ok := byID[hashID(id)]
		for _, a := range answers {
			if ok {
				makers = append(makers, maker{keyStart(a.Key), a.Limit, i})
			}
		}
	})
	if err != nil || len(makers) == 0 {
		return err
	}
	slices.SortFunc(makers, func(a, b maker) int {
		switch {
		case a.answer < b.answer:
			return -1
		case a.answer > b.answer:
			return 1
		}
		return 0
	})
	store, err := cache.Open(filepath.Join(w.Root, engine.StateDir), cache.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer store.Close()
	return store.Summaries(func(e cache.Summary) error {
		start := keyStart(e.Ref.Key)
		i, _ := slices.BinarySearchFunc(makers, start, func(m maker, k uint64) int {
			if m.answer < k {
				return -1
			}
			return 1
		})
		for ; i < len(makers) && makers[i].answer == start; i++ {
			if makers[i].limit == e.Ref.Limit {
				t.took(int(makers[i].row), e)
			}
		}
		return nil
	})
}

// took adds an answer to what a row took.
func (t *table) took(i int, e cache.Summary) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := &t.rows[i]
	r.flags |= hasUsage
	r.tokens = int32(min(int64(r.tokens)+e.Usage.Prompt+e.Usage.Completion, math.MaxInt32))
	r.cost += e.CostNano
	r.latency += float32(e.End.Sub(e.Start).Seconds())
}

func keyStart(k cache.Key) (n uint64) {
	for _, b := range k[:8] {
		n = n<<8 | uint64(b)
	}
	return n
}
