package dispatch

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/identity-shaping/isf/internal/price"
)

// askEach asks n different questions at once and returns the answers' number and the errors.
func askEach(f *fixture, m *Model, n int) (answers int64, errs []error) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var got atomic.Int64
	for i := range n {
		wg.Go(func() {
			_, err := ask(f, m, fmt.Sprintf("question %d", i))
			if err == nil {
				got.Add(1)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			errs = append(errs, err)
		})
	}
	wg.Wait()
	return got.Load(), errs
}

// The reply of the tests takes 11 + 7 tokens: with this price 18,000 nano-USD.
var testPrice = &price.Price{Prompt: 1_000_000_000, Completion: 1_000_000_000, CachedPrompt: 1_000_000_000}

const testCost = 18_000

func TestABudgetEndsTheSendingLikeAStop(t *testing.T) {
	tests := []struct {
		name        string
		limit       Spend
		before      Spend
		what        string
		least, most int64 // answers
	}{
		{"requests", Spend{Requests: 7}, Spend{}, "requests", 7, 7},
		{"requests, some of them before", Spend{Requests: 7}, Spend{Requests: 4}, "requests", 3, 3},
		{"requests, all of them before", Spend{Requests: 7}, Spend{Requests: 7}, "requests", 0, 0},
		{"cost", Spend{CostNano: 30 * testCost}, Spend{}, "cost", 26, 30},
		{"tokens", Spend{Tokens: 540}, Spend{}, "tokens", 26, 30},
		{"cost, before the others", Spend{CostNano: 30 * testCost, Tokens: 1 << 40, Requests: 1 << 40}, Spend{}, "cost", 26, 30},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var sent atomic.Int64
			m := serve(t, func(w http.ResponseWriter, r *http.Request) {
				sent.Add(1)
				replyWith(200, completion("Hi"))(w, r)
			})
			m.Price, m.Sampling.MaxTokens = testPrice, 7
			f := open(t, func(o *Options) {
				total := tt.before
				o.Spent = func(s Spend) { total = total.plus(s) }
				o.Bounds = []Bound{{Name: "build", Limit: tt.limit}}
				if tt.before != (Spend{}) {
					o.Bounds[0].Total = func() Spend { return total }
				}
			})
			answers, errs := askEach(f, m, 100)
			if answers < tt.least || answers > tt.most || answers != sent.Load() {
				t.Errorf("%d answers to %d tries, want %d to %d, each kept", answers, sent.Load(), tt.least, tt.most)
			}
			var over *Over
			for _, err := range errs {
				if !errors.As(err, &over) || over.What != tt.what || over.Bound != "build" {
					t.Fatalf("got %v, want the %s budget", err, tt.what)
				}
			}
			if got := over.Spent.Requests - tt.before.Requests; got != answers {
				t.Errorf("the error counts %d requests, want %d", got, answers)
			}
		})
	}
}

func TestEveryTryCountsAgainstABudget(t *testing.T) {
	m := serve(t, replyWith(500, ``))
	var told []Spend
	f := open(t, func(o *Options) {
		o.Bounds = []Bound{{Name: "build", Limit: Spend{Requests: 3}}}
		o.Spent = func(s Spend) { told = append(told, s) }
	})
	_, err := ask(f, m, "Hi")
	var over *Over
	if !errors.As(err, &over) || over.Spent.Requests != 3 || len(f.heard()) != 3 || len(told) != 3 {
		t.Errorf("got %v after %d tries, %d told, want the budget after three", err, len(f.heard()), len(told))
	}
}

// TestAFirstTryOfUnknownPriceGoesAlone asks a provider whose replies say the cost: as long as nobody
// can guess, one try at a time can exceed the budget.
func TestAFirstTryOfUnknownPriceGoesAlone(t *testing.T) {
	var now, most atomic.Int64
	m := serve(t, func(w http.ResponseWriter, r *http.Request) {
		most.Store(max(most.Load(), now.Add(1)))
		time.Sleep(2 * time.Millisecond)
		now.Add(-1)
		replyWith(200, strings.Replace(completion("Hi"), "0.00012345", "1.5", 1))(w, r)
	})
	f := open(t, func(o *Options) { o.Bounds = []Bound{{Name: "day", Limit: Spend{CostNano: 1e9}}} })
	answers, errs := askEach(f, m, 20)
	var over *Over
	if answers != 1 || most.Load() != 1 || !errors.As(errs[0], &over) || over.Spent.CostNano != 15e8 {
		t.Errorf("%d answers, %d at once, %v, want one and then the budget", answers, most.Load(), errs)
	}
}

func TestWithoutAPriceNoBudgetInMoneyCanHold(t *testing.T) {
	unbilled := strings.Replace(completion("Hi"), `,"cost":0.00012345`, "", 1)
	for _, tt := range []struct {
		provider string
		limit    Spend
		answers  int64
		kind     string
	}{
		{"lab", Spend{CostNano: 1e9}, 0, "no_price"},
		{"openrouter", Spend{CostNano: 1e9}, 1, "no_price"},
		{"lab", Spend{Requests: 100}, 5, ""},
	} {
		m := serve(t, replyWith(200, unbilled))
		m.Provider = tt.provider
		f := open(t, func(o *Options) { o.Bounds = []Bound{{Name: "build", Limit: tt.limit}} })
		answers, errs := askEach(f, m, 5)
		var fatal *Fatal
		if answers != tt.answers || (tt.kind != "") != (len(errs) > 0 && errors.As(errs[0], &fatal) && fatal.Type == tt.kind) {
			t.Errorf("%s: %d answers and %v, want %d and %q", tt.provider, answers, errs, tt.answers, tt.kind)
		}
	}
}

func TestWhoWaitsForABudgetCanBeCancelled(t *testing.T) {
	release := make(chan struct{})
	m := serve(t, func(w http.ResponseWriter, r *http.Request) {
		<-release
		replyWith(200, completion("Hi"))(w, r)
	})
	f := open(t, func(o *Options) { o.Bounds = []Bound{{Name: "build", Limit: Spend{Requests: 1}}} })
	first := make(chan error)
	go func() { _, err := ask(f, m, "first"); first <- err }()
	for f.purse.outNow() == 0 {
		time.Sleep(time.Millisecond)
	}
	ctx, cancel := context.WithCancel(context.Background())
	second := make(chan error)
	go func() {
		_, err := f.Ask(ctx, &Request{Model: m, Messages: user("second")})
		second <- err
	}()
	cancel()
	if err := <-second; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the caller's cancellation", err)
	}
	close(release)
	if err := <-first; err != nil {
		t.Error(err)
	}
}

func (p *purse) outNow() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out
}

// A budget is exceeded by no more than what was out when the last try was let in took beyond what was held
// for it, whatever tries take and in whatever order they come home.
func TestABudgetHoldsButForWhatIsOut(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		limit := Spend{CostNano: r.Int64N(2000), Requests: r.Int64N(60), Tokens: r.Int64N(3000)}
		p := newPurse([]Bound{{Name: "build", Limit: limit}}, nil, nil)
		var out []hold
		spent, beyond := Spend{}, Spend{} // beyond is what those that are out may take over what is held
		few := func() Spend { return Spend{r.Int64N(100), 1, r.Int64N(100)} }
		for range 500 {
			if len(out) > 0 && r.IntN(2) == 0 {
				i := r.IntN(len(out))
				took := few()
				p.settle(out[i], took)
				spent = spent.plus(took)
				beyond = beyond.plus(Spend{max(0, took.CostNano-out[i].CostNano), 0, max(0, took.Tokens-out[i].Tokens)})
				out = slices.Delete(out, i, i+1)
				continue
			}
			h := hold{Spend: few(), blind: r.IntN(10) == 0}
			over, wait := p.take(h)
			switch {
			case over == nil && wait == nil:
				out = append(out, h)
				held := spent
				for _, o := range out {
					held = held.plus(o.Spend)
				}
				if what := held.exceeds(limit); what != "" {
					t.Fatalf("seed %d: a try was let in that does not fit: %s", seed, what)
				}
				beyond = Spend{}
			case over != nil && len(out) > 0:
				t.Fatalf("seed %d: the sending ended although %d are out", seed, len(out))
			}
		}
		if what := spent.minus(beyond).exceeds(limit); what != "" {
			t.Errorf("seed %d: %+v spent of %+v, of which %+v beyond what was held", seed, spent, limit, beyond)
		}
	}
}

// TestAnswersOfTheCacheTellWhatOthersWillTake has a budget that a first try, of which nobody knows how long its
// answer is, does not fit, and one like an answer of the cache does.
func TestAnswersOfTheCacheTellWhatOthersWillTake(t *testing.T) {
	m := serve(t, replyWith(200, completion("Hi")))
	before := open(t, nil)
	if _, err := before.Ask(context.Background(), &Request{Model: m, Messages: user("Hi")}); err != nil {
		t.Fatal(err)
	}
	ask := func(draws ...int) error {
		f := open(t, func(o *Options) {
			o.Store, o.Bounds = before.store, []Bound{{Name: "build", Limit: Spend{Tokens: 100}}}
		})
		for _, draw := range draws {
			if _, err := f.Ask(context.Background(), &Request{Model: m, Messages: user("Hi"), Draw: draw}); err != nil {
				return err
			}
		}
		return nil
	}
	var over *Over
	if err := ask(1); !errors.As(err, &over) || over.Next.Tokens <= 100 {
		t.Errorf("got %v, want the budget not to allow it", err)
	}
	if err := ask(0, 1); err != nil {
		t.Errorf("got %v, want an answer, as the cache tells that it is short", err)
	}
}
