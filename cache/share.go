package cache

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// PackSuffix ends the names of packs in a share.
const PackSuffix = ".isfpack"

// A share is a folder of packs that several stores read through: what is not in
// the store is looked for there, and kept in the store when it is found. Packs
// never change once they have their names, so nobody locks anything. What
// cannot be read there is a miss.
type share struct {
	dir string

	mu     sync.Mutex
	packs  map[string]*Pack // by file name; nil for one that cannot be read
	looked time.Time
}

// shareEvery is how often a miss looks for packs that have been published since.
const shareEvery = 10 * time.Second

// open returns the packs that are there, and what is wrong with others.
func (h *share) open(now time.Time) (packs []*Pack, problems []error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if age := now.Sub(h.looked); h.packs == nil || age < 0 || age >= shareEvery {
		h.looked = now
		problems = h.look()
	}
	for _, p := range h.packs {
		if p != nil {
			packs = append(packs, p)
		}
	}
	slices.SortFunc(packs, func(a, b *Pack) int { return cmp.Compare(a.path, b.path) })
	return packs, problems
}

func (h *share) look() (problems []error) {
	if h.packs == nil {
		h.packs = map[string]*Pack{}
	}
	entries, err := os.ReadDir(h.dir)
	if err != nil {
		return []error{fmt.Errorf("shared answers cannot be read: %w", err)}
	}
	for _, e := range entries {
		if _, known := h.packs[e.Name()]; known || filepath.Ext(e.Name()) != PackSuffix {
			continue
		}
		p, err := OpenPack(filepath.Join(h.dir, e.Name()))
		if err != nil {
			problems = append(problems, fmt.Errorf("shared answers are passed over: %w", err))
		}
		h.packs[e.Name()] = p
	}
	return problems
}

func (h *share) close() error {
	if h == nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	var err error
	for _, p := range h.packs {
		if p != nil {
			err = errors.Join(err, p.Close())
		}
	}
	h.packs = nil
	return err
}

// A sighting is where in a pack an answer is.
type sighting struct {
	pack *Pack
	at   int
}

// variants are the answers under a key in this pack. newer says that there is
// one that only a newer isf can read.
func (p *Pack) variants(k Key, seen map[*stored]sighting) (vs []*stored, newer error) {
	for i := p.from(frameEntry, Ref{Key: k}.name()); i < p.count(); i++ {
		kind, n := p.at(i)
		if kind != frameEntry || n.ref().Key != k {
			break
		}
		f, err := p.frame(i)
		if err != nil {
			continue
		}
		v, err := decodeWith(f.body, unpackForeign)
		switch {
		case isNewer(err):
			newer = fmt.Errorf("%s: %w", p.path, err)
		case err == nil && v.ref() == n.ref():
			vs = append(vs, v)
			seen[v] = sighting{p, i}
		}
	}
	return vs, newer
}

// shared returns an answer out of the share, by the rule of Get, and keeps it.
func (s *Store) shared(k Key, limit int64) (*Entry, error) {
	if s.share == nil {
		return nil, ErrMiss
	}
	seen := map[*stored]sighting{}
	var vs []*stored
	var newer error
	for _, p := range s.sharedPacks() {
		some, later := p.variants(k, seen)
		vs, newer = append(vs, some...), cmp.Or(newer, later)
	}
	slices.SortStableFunc(vs, func(a, b *stored) int {
		return cmp.Compare(orMost(limitOf(a.parts)), orMost(limitOf(b.parts)))
	})
	for {
		v := hit(vs, limit)
		if v == nil {
			return nil, cmp.Or(newer, error(ErrMiss))
		}
		e, err := seen[v].pack.entry(seen[v].at)
		if err == nil && !s.o.ReadOnly {
			err = s.Put(e)
			return e, err
		}
		if err == nil {
			return e, nil
		}
		vs = slices.DeleteFunc(vs, func(o *stored) bool { return o == v })
	}
}

func (s *Store) sharedPacks() []*Pack {
	packs, problems := s.share.open(s.o.Now())
	for _, p := range problems {
		s.warn(p.Error())
	}
	return packs
}

// Shared says whether exactly this answer is in the share.
func (s *Store) Shared(r Ref) bool {
	if s.share == nil {
		return false
	}
	for _, p := range s.sharedPacks() {
		i := p.from(frameEntry, r.name())
		if i == p.count() {
			continue
		}
		if kind, n := p.at(i); kind == frameEntry && n == r.name() {
			return true
		}
	}
	return false
}
