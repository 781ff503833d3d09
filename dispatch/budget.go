package dispatch

import (
	"fmt"
	"sync"
)

// A Spend is money, tries and tokens: spent, on the wire, or allowed. As a bound, 0 is none.
type Spend struct {
	CostNano int64 `json:"nano_usd"`
	Requests int64 `json:"requests"` // every try counts
	Tokens   int64 `json:"tokens"`   // prompt and completion
}

func (s Spend) plus(o Spend) Spend {
	return Spend{s.CostNano + o.CostNano, s.Requests + o.Requests, s.Tokens + o.Tokens}
}

func (s Spend) minus(o Spend) Spend {
	return s.plus(Spend{-o.CostNano, -o.Requests, -o.Tokens})
}

// exceeds names the first bound that s is above, "" if it is within all.
func (s Spend) exceeds(bound Spend) string {
	switch {
	case bound.CostNano > 0 && s.CostNano > bound.CostNano:
		return "cost"
	case bound.Requests > 0 && s.Requests > bound.Requests:
		return "requests"
	case bound.Tokens > 0 && s.Tokens > bound.Tokens:
		return "tokens"
	}
	return ""
}

// A Bound is one budget.
type Bound struct {
	Name  string // "build", "day"
	Limit Spend
	Total func() Spend // what was spent under it, by others too; nil: what this dispatcher spent
}

// Over ends sending: the next try could exceed a budget.
type Over struct {
	Bound string // its name
	What  string // "cost", "requests" or "tokens"
	Limit Spend
	Spent Spend // under this bound, without what never came back
	Next  Spend // what the try that does not fit was expected to take
}

func (o *Over) Error() string {
	return fmt.Sprintf("the %s budget of this %s is spent", o.What, o.Bound)
}

// A purse checks budgets before each try, with what the tries that are out may still cost. A try that does
// not fit waits until others have come home for less than was held for them; the one that does not fit
// while nothing is out ends the sending. So a budget is exceeded at most by what guesses were short of.
type purse struct {
	mu      sync.Mutex
	bounds  []Bound
	spent   Spend
	held    Spend
	out     int           // tries that hold something
	blind   int           // of which those whose cost nobody can guess yet
	changed chan struct{} // closed when something comes home, or a bound changes
	told    func(Spend)   // hears of everything that is spent
	holds   func(Spend)   // hears of held
}

func newPurse(bounds []Bound, told, holds func(Spend)) *purse {
	nobody := func(Spend) {}
	p := &purse{bounds: bounds, told: nobody, holds: nobody, changed: make(chan struct{})}
	if told != nil {
		p.told = told
	}
	if holds != nil {
		p.holds = holds
	}
	return p
}

// bounded says whether anything, and whether money, is bounded.
func (p *purse) bounded() (something, money bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, b := range p.bounds {
		something = something || b.Limit != Spend{}
		money = money || b.Limit.CostNano > 0
	}
	return something, money
}

// A hold is what one try may take.
type hold struct {
	Spend
	blind bool // its cost cannot be guessed; of those only one is out at a time
}

// take takes h if it fits; settle must follow. Else it returns what to wait for, or, where nothing is out
// that could come home for less, the end.
func (p *purse) take(h hold) (*Over, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	over := p.over(h)
	if over == nil && (!h.blind || p.blind == 0) {
		p.held = p.held.plus(h.Spend)
		p.out++
		if h.blind {
			p.blind++
		}
		p.holds(p.held)
		return nil, nil
	}
	if p.out == 0 {
		return over, nil
	}
	return nil, p.changed
}

func (p *purse) over(h hold) *Over {
	for _, b := range p.bounds {
		if b.Limit == (Spend{}) {
			continue
		}
		spent := p.under(b)
		what := spent.plus(p.held).plus(h.Spend).exceeds(b.Limit)
		if what == "" && h.blind && b.Limit.CostNano > 0 && spent.CostNano >= b.Limit.CostNano {
			what = "cost"
		}
		if what != "" {
			return &Over{Bound: b.Name, What: what, Limit: b.Limit, Spent: spent, Next: h.Spend}
		}
	}
	return nil
}

// under is what was spent under a bound. p.mu is held.
func (p *purse) under(b Bound) Spend {
	if b.Total != nil {
		return b.Total()
	}
	return p.spent
}

// settle puts what a try really took in the place of what was held for it.
func (p *purse) settle(h hold, took Spend) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = p.held.minus(h.Spend)
	p.spent = p.spent.plus(took)
	p.out--
	if h.blind {
		p.blind--
	}
	if took != (Spend{}) {
		p.told(took)
	}
	p.holds(p.held)
	if len(p.bounds) > 0 {
		p.wake()
	}
}

func (p *purse) wake() {
	close(p.changed)
	p.changed = make(chan struct{})
}
