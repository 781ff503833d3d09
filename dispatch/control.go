package dispatch

import (
	"cmp"
	"net/url"
	"slices"
	"time"
)

// A Status is what a dispatcher does at one moment.
type Status struct {
	Workers int  `json:"workers"`
	Busy    int  `json:"on_the_wire"`
	Waiting int  `json:"waiting"`
	Paused  bool `json:"paused"`

	SpentNano int64    `json:"spent_nano_usd"`
	Requests  int64    `json:"requests"`
	LimitNano int64    `json:"limit_nano_usd"` // 0 is none
	Dropped   []string `json:"dropped"`        // models that are left alone
	Lanes     []Lane   `json:"lanes"`

	Budgets  []Budget         `json:"budgets"`  // those that are set
	Failures map[string]int64 `json:"failures"` // tries that failed, also those that a later try made good, by type
}

// A Budget is a bound that is set, and what was spent under it.
type Budget struct {
	Name  string `json:"name"`
	Spent Spend  `json:"spent"`
	Limit Spend  `json:"limit"` // 0 is none
}

// A Lane is how one model at one endpoint goes.
type Lane struct {
	Provider string  `json:"provider"`
	Model    string  `json:"model"`
	Host     string  `json:"host"`
	Busy     int     `json:"on_the_wire"`
	Limit    int     `json:"at_most"`
	Quiet    float64 `json:"quiet_seconds"` // that it still has to wait
}

// Status looks at everything once.
func (d *Dispatcher) Status() Status {
	s := Status{Dropped: d.troubles.names(), Lanes: []Lane{}, Budgets: []Budget{}, Failures: d.failures.All()}
	d.purse.mu.Lock()
	s.SpentNano, s.Requests = d.purse.spent.CostNano, d.purse.spent.Requests
	if len(d.purse.bounds) > 0 {
		s.LimitNano = d.purse.bounds[0].Limit.CostNano
	}
	for _, b := range d.purse.bounds {
		if b.Limit != (Spend{}) {
			s.Budgets = append(s.Budgets, Budget{b.Name, d.purse.under(b), b.Limit})
		}
	}
	d.purse.mu.Unlock()
	places := d.everywhere()
	g := d.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.clock.Now()
	s.Workers, s.Busy, s.Paused = g.workers, g.busy, g.paused
	for _, t := range g.turns {
		for _, ln := range t.lines {
			s.Waiting += len(ln.queue)
		}
	}
	for _, p := range places {
		host := ""
		if u, err := url.Parse(p.endpoint.base); err == nil && !p.endpoint.sim {
			host = u.Host
		}
		quiet := max(0, p.lane.free(now, 0).Sub(now))
		s.Lanes = append(s.Lanes, Lane{p.provider, p.model, host, p.lane.busy, p.lane.limit, quiet.Round(time.Millisecond).Seconds()})
	}
	return s
}

// everywhere are the places in use, in an order that does not change.
func (d *Dispatcher) everywhere() (out []*place) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range d.places {
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b *place) int {
		return cmp.Or(cmp.Compare(a.provider, b.provider), cmp.Compare(a.model, b.model), cmp.Compare(a.endpoint.base, b.endpoint.base))
	})
	return out
}

// SetWorkers changes how many tries may be on the wire. Fewer than are there now let those come home.
func (d *Dispatcher) SetWorkers(n int) {
	places := d.everywhere()
	g := d.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, p := range places {
		if p.lane.limit == p.lane.most || p.lane.limit > n {
			p.lane.limit = n // it never met a limit of the provider, or has to come below this one
		}
		p.lane.most = n
	}
	g.workers = n
	g.serve()
}

// Pause lets nothing further onto the wire until Resume.
func (d *Dispatcher) Pause(paused bool) {
	d.gate.mu.Lock()
	defer d.gate.mu.Unlock()
	d.gate.paused = paused
	d.gate.serve()
}

// SetBudget changes the first of the bounds, in nano-USD; 0 is none.
func (d *Dispatcher) SetBudget(nano int64) {
	d.purse.mu.Lock()
	defer d.purse.mu.Unlock()
	if len(d.purse.bounds) == 0 {
		d.purse.bounds = []Bound{{Name: "build"}}
	}
	d.purse.bounds[0].Limit.CostNano = nano
	d.purse.wake()
}

// Drop leaves a model alone from now on.
func (d *Dispatcher) Drop(model string) { d.troubles.drop(model) }
