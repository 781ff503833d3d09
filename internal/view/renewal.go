package view

import "sync"

// A renewal compiles the project's code once for each state that it is seen in.
type renewal struct {
	mu   sync.Mutex
	code string // the digest that was compiled last, or is compiled now
	busy bool
	err  error // why it did not lead to a newer isf
	wg   sync.WaitGroup
}

// renew begins to compile code of this digest, unless it has been tried, and
// returns what is known to be wrong with it. What runs is left in peace until
// there is something newer.
func (s *Studio) renew(code string) error {
	r := &s.renewal
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy || r.code == code {
		return r.err
	}
	r.code, r.busy, r.err = code, true, nil
	r.wg.Go(func() {
		err := s.o.Renew(s.hub.ctx)
		r.mu.Lock()
		r.busy, r.err = false, err
		r.mu.Unlock()
		if err == nil {
			select {
			case s.renewed <- struct{}{}:
			default: // that is known already
			}
		}
	})
	return nil
}
