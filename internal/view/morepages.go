package view

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"time"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/reviews"
)

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
	err := s.with(func(ws *Workspace) (err error) {
		store, err := cache.Open(filepath.Join(ws.Root, engine.StateDir), cache.Options{ReadOnly: true})
		if err != nil {
			return err
		}
		defer store.Close()
		stats, err = ws.CacheStats(store)
		return err
	})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.page(w, r, "cache", "Cache", "cache", stats)
}

var errReadOnly = errors.New("these pages are read-only: start `isf view --write` to change something here")
