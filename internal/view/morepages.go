package view

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strconv"
	"time"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/reviews"
)

// pageChanges is how many changes a page of a diff has.
const pageChanges = 20

// A diffPage is what the last build of a target changed.
type diffPage struct {
	Name                    string
	Added, Removed, Changed int
	Changes                 []recordChange
	Page, Pages             int
	Missing                 string
	Write                   bool
}

type recordChange struct {
	ID, Kind string
	View     *changeView
}

func (s *Studio) diffPage(w http.ResponseWriter, r *http.Request) {
	p := diffPage{Name: r.PathValue("name"), Write: s.o.Write, Pages: 1}
	p.Page, _ = strconv.Atoi(r.URL.Query().Get("page"))
	p.Page = max(p.Page, 1)
	err := s.with(func(ws *Workspace) error {
		t := ws.Graph.Target(p.Name)
		if t == nil {
			return errNoTarget
		}
		diff, err := ws.Changes(t, "")
		if err != nil {
			p.Missing = err.Error()
			return nil
		}
		p.fill(diff.Changes)
		return nil
	})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.page(w, r, "diff", "Diff of "+p.Name, "graph", p)
}

func (p *diffPage) fill(all []engine.Change) {
	p.Pages = max(1, (len(all)+pageChanges-1)/pageChanges)
	p.Page = min(p.Page, p.Pages)
	for i, c := range all {
		switch c.Kind() {
		case engine.RowAdded:
			p.Added++
		case engine.RowRemoved:
			p.Removed++
		default:
			p.Changed++
		}
		if i/pageChanges == p.Page-1 {
			p.Changes = append(p.Changes, recordChange{c.ID, c.Kind(), newChange(c)})
		}
	}
}

// A reviewPage is one row that nobody has judged.
type reviewPage struct {
	Name   string
	Record *recordPage // nil: all are judged
	Left   int
	Known  bool
	Write  bool
}

func (s *Studio) reviewPage(w http.ResponseWriter, r *http.Request) {
	p := reviewPage{Name: r.PathValue("name"), Write: s.o.Write}
	t, err := s.tables.of(p.Name, false)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	// A second is patience enough for some hundred thousand rows; of more, one of
	// those that are known is shown.
	t.wait(r.Context(), time.Second, func() bool { return t.detailed == len(t.rows) && t.placed })
	book, err := reviews.Open(t.path)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	sel, err := t.choose(r.Context(), query{Review: "none"}, book, nil)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	p.Left, p.Known = sel.total, sel.whole
	if sel.total > 0 {
		t.mu.RLock()
		one := t.rows[sel.at(rand.IntN(sel.total))]
		t.mu.RUnlock()
		row, err := t.read(one)
		if err == nil {
			p.Record, err = s.record(r, p.Name, row.ID)
		}
		if err != nil {
			s.fail(w, r, err)
			return
		}
	}
	s.page(w, r, "review", "Review of "+p.Name, "graph", p)
}

func (s *Studio) cachePage(w http.ResponseWriter, r *http.Request) {
	var stats engine.CacheStats
	saved := int64(0)
	err := s.with(func(ws *Workspace) (err error) {
		store, err := cache.Open(filepath.Join(ws.Root, engine.StateDir), cache.Options{ReadOnly: true})
		if err != nil {
			return err
		}
		defer store.Close()
		if stats, err = ws.CacheStats(store); err == nil && stats.Entries > 0 {
			saved = stats.CostNano / stats.Entries * stats.Recent.Hits
		}
		return err
	})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.page(w, r, "cache", "Cache", "cache", struct {
		engine.CacheStats
		Saved int64
	}{stats, saved})
}

var errReadOnly = errors.New("these pages are read-only: start `isf view --write` to change something here")
