package cache

import (
	"errors"
	"fmt"
	"sync"
)

// Imported says what became of the answers of a pack.
type Imported struct {
	New     int
	Known   int // were there already, and stayed as they are
	Refused int
	Why     error // the first refusal
}

// importers is how many answers are on their way into the journal at once: they
// share its syncs, and each may need maxForeign of memory a few times.
const importers = 16

// Import stores the answers of a pack that the store does not have. Of each the
// key is computed again from its fields; it keeps the digest of the pack. A pack
// that is not whole is an error, and nothing is taken from it.
func (s *Store) Import(p *Pack) (Imported, error) {
	if err := p.Check(); err != nil {
		return Imported{}, err
	}
	i := importing{store: s, pack: p}
	next := make(chan int)
	var wg sync.WaitGroup
	for range importers {
		wg.Go(func() {
			for n := range next {
				i.note(i.one(n))
			}
		})
	}
	for n := range p.count() {
		if kind, _ := p.at(n); kind == frameEntry && !i.failed() {
			next <- n
		}
	}
	close(next)
	wg.Wait()
	return i.Imported, i.err
}

type importing struct {
	store *Store
	pack  *Pack

	mu sync.Mutex
	Imported
	err error // of our store; ends it
}

// A fate is what became of one answer.
type fate int

const (
	taken   fate = iota
	known        // it was there
	refused      // it is not what it says
	lost         // our store cannot take it
)

func (i *importing) one(n int) (fate, error) {
	_, at := i.pack.at(n)
	_, err := i.store.Lookup(at.ref())
	if err == nil || isNewer(err) {
		return known, nil
	}
	if !errors.Is(err, ErrMiss) {
		return lost, err
	}
	e, err := i.pack.entry(n)
	if err != nil {
		return refused, fmt.Errorf("answer %s: %w", at.ref().Key, err)
	}
	if err := i.store.Put(e); err != nil {
		return lost, err
	}
	return taken, nil
}

func (i *importing) note(f fate, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	switch f {
	case taken:
		i.New++
	case known:
		i.Known++
	case refused:
		i.Refused++
		if i.Why == nil {
			i.Why = err
		}
	case lost:
		i.err = errors.Join(i.err, err)
	}
}

func (i *importing) failed() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.err != nil
}
