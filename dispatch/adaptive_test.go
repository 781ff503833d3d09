package dispatch

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/identity-shaping/isf/cache"
)

// crowded is a server with a capacity that it does not tell: what is beyond it is refused at once, without
// a word on when to come back.
type crowded struct {
	capacity func(since time.Duration) int
	chance   float64 // the share of what it would take that is refused all the same, from the first second on
	after    string  // Retry-After of what is refused, if anything
	start    time.Time

	mu      sync.Mutex
	busy    int
	refused int
	late    int // refused after the first ten seconds
	settled int // all that came after them
}

func (c *crowded) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	since := time.Since(c.start)
	if since > 10*time.Second {
		c.settled++
	}
	if c.busy < c.capacity(since) && (since < time.Second || rand.Float64() >= c.chance) {
		c.busy++
		return true
	}
	c.refused++
	if since > 10*time.Second {
		c.late++
	}
	return false
}

func (c *crowded) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy--
}

func (c *crowded) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	if !c.enter() {
		if c.after != "" {
			w.Header().Set("Retry-After", c.after)
		}
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	time.Sleep(800*time.Millisecond + 50*time.Millisecond*time.Duration(rand.IntN(9)))
	c.leave()
	_, _ = fmt.Fprint(w, completion("Yes."))
}

func TestALaneFindsAHiddenCapacity(t *testing.T) {
	const ideal = 120 * time.Second // with a latency of one second on average
	tests := []struct {
		name     string
		capacity func(time.Duration) int
		requests int
	}{
		{"8", func(time.Duration) int { return 8 }, 8 * 120},
		{"40", func(time.Duration) int { return 40 }, 40 * 120},
		{"200", func(time.Duration) int { return 200 }, 200 * 120},
		{"50, then 12, then 50", func(since time.Duration) int {
			if since > 40*time.Second && since < 80*time.Second {
				return 12
			}
			return 50
		}, 50*80 + 12*40},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.name == "200" && os.Getenv("ISF_SOAK") == "" {
				t.Skip("24,000 requests; make soak-dispatch asks them")
			}
			synctest.Test(t, func(t *testing.T) {
				s := &crowded{capacity: tt.capacity, start: time.Now()}
				took := besiege(t, s, 500, tt.requests)
				late := 100 * float64(s.late) / float64(s.settled)
				t.Logf("%.1f s, ideal %.0f s: %.2f; %d refused, %.2f%% of those after ten seconds", took.Seconds(), ideal.Seconds(), took.Seconds()/ideal.Seconds(), s.refused, late)
				if took > ideal*115/100 {
					t.Errorf("took %s, want at most 15%% more than %s", took, ideal)
				}
				if late > 2 {
					t.Errorf("%.1f%% were refused after the first ten seconds, want at most 2%%", late)
				}
			})
		})
	}
}

// Refusals that come whatever the load slow nobody down; where a limit comes to be among them it is found.
func TestRefusalsByChanceDoNotCloseALane(t *testing.T) {
	const workers = 40
	tests := []struct {
		name   string
		chance float64
		after  string // Retry-After
		limit  int    // from the thirtieth second on
		ideal  time.Duration
		most   float64 // of that
	}{
		{"one in fifty", 0.02, "", workers, 60 * time.Second, 1.8},
		{"one in twenty", 0.05, "", workers, 60 * time.Second, 1.8},
		{"one in twenty, to come back after five seconds", 0.05, "5", workers, 60 * time.Second, 2.5},
		{"one in twenty, and a limit", 0.05, "", workers / 2, 90 * time.Second, 2.5},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &crowded{chance: tt.chance, after: tt.after, start: time.Now(), capacity: func(since time.Duration) int {
					if since > 30*time.Second {
						return tt.limit
					}
					return workers
				}}
				took := besiege(t, s, workers, workers*60)
				got := took.Seconds() / tt.ideal.Seconds()
				t.Logf("%.1f s, %.2f of ideal, %d of %d refused", took.Seconds(), got, s.refused, s.refused+workers*60)
				if got > tt.most {
					t.Errorf("took %s, want at most %.2f × %s", took, tt.most, tt.ideal)
				}
			})
		})
	}
}

// minutely answers so many in each minute, and asks what is beyond them to wait for the next, unless it is mute.
type minutely struct {
	start time.Time
	limit int
	mute  bool

	mu      sync.Mutex
	minute  time.Duration
	n       int
	refused int
}

func (m *minutely) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	rest := m.enter()
	if rest > 0 {
		if !m.mute {
			w.Header().Set("Retry-After", fmt.Sprint(rest.Seconds()))
		}
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	time.Sleep(time.Second)
	_, _ = fmt.Fprint(w, completion("Yes."))
}

// enter is 0, or how long the minute still lasts.
func (m *minutely) enter() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	since := time.Since(m.start)
	if now := since.Truncate(time.Minute); now != m.minute {
		m.minute, m.n = now, 0
	}
	if m.n++; m.n <= m.limit {
		return 0
	}
	m.refused++
	return m.minute + time.Minute - since
}

// Few of those who ask for a minute's requests are refused, but all until the minute is over: that is no chance.
func TestALimitOfAMinuteIsNotTakenForChance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &minutely{start: time.Now(), limit: 60}
		took := besiege(t, s, 40, 60*10)
		t.Logf("%.0f s, %d refused", took.Seconds(), s.refused)
		if took > 10*time.Minute {
			t.Errorf("took %s, want ten minutes at most", took)
		}
		if s.refused > 10*15 {
			t.Errorf("%d were refused in ten minutes, want few in each", s.refused)
		}
	})
}

// A limit of the minute that nobody tells of loses no request, and is not pressed: all wait until somebody is let in.
func TestALimitOfAMinuteThatIsNotTold(t *testing.T) {
	for _, limit := range []int{10, 60, 600} {
		synctest.Test(t, func(t *testing.T) {
			const minutes, workers = 5, 40
			s := &minutely{start: time.Now(), limit: limit, mute: true}
			took := besiege(t, s, workers, minutes*limit) // fails for each that is not answered
			t.Logf("%d a minute: %.0f s, %d refused", limit, took.Seconds(), s.refused)
			if took > minutes*time.Minute {
				t.Errorf("%d a minute: took %s, want %d minutes at most", limit, took, minutes)
			}
			if s.refused > minutes*4*workers { // all that are out when the minute is used up are refused, and now and then once more
				t.Errorf("%d a minute: %d were refused in %d minutes, want few in each", limit, s.refused, minutes)
			}
		})
	}
}

// besiege asks n questions with so many workers, and says how long it took.
func besiege(t *testing.T, s http.Handler, workers, n int) time.Duration {
	store, err := cache.Open(filepath.Join(t.TempDir(), ".isf"), cache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	d, err := New(Options{Store: store, Workers: workers, Getenv: os.Getenv, Sim: s})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	m := &Model{Provider: "sim", ID: "crowded"}
	start := time.Now()
	questions := make(chan int)
	var wg sync.WaitGroup
	for range workers + workers/5 {
		wg.Go(func() {
			for i := range questions {
				if _, err := d.Ask(context.Background(), &Request{Model: m, Messages: user(fmt.Sprintf("Question %d?", i))}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range n {
		questions <- i
	}
	close(questions)
	wg.Wait()
	return time.Since(start)
}
