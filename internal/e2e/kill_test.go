package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/identity-shaping/isf/internal/sim"
)

const (
	// workers of each killed build; no more requests than this are in flight in
	// it when it dies.
	workers = 8
	// sown is how many records each round adds: more than a build asks before
	// it is killed, most of the time.
	sown = 12
)

// killed are the builds of each round. Two of them ask the same requests.
var killed = []string{"plain", "picky", "plain-again"}

// kills is how many processes the test kills; `make soak` wants more.
func kills() int {
	n, err := strconv.Atoi(os.Getenv("ISF_KILLS"))
	if err != nil {
		return 300
	}
	return n
}

// Builds of several targets and queries run side by side on one project, with
// a model that fails, refuses, breaks off and hangs, and each is killed at a
// random moment, again and again. No answer that was acknowledged is asked for
// again, no more are served twice than were in flight at a kill, no target is
// called current that is not, no output is half-written, and the next command
// just works.
func TestKillLosesNothingAndNeverLies(t *testing.T) {
	isf := quickISF(t)
	model := newWitness(sim.Options{
		Latency: 5 * time.Millisecond, Jitter: 20 * time.Millisecond,
		ErrorRate: 0.01, RateLimit: 0.002, RetryAfter: 5 * time.Millisecond, CutRate: 0.01, HangRate: 0.002,
	})
	server := httptest.NewServer(model)
	defer server.Close()
	k := &killing{T: t, isf: isf, dir: t.TempDir(), model: model, chance: rand.New(rand.NewPCG(1, uint64(kills())))}
	k.configure(server.URL + "/v1")
	for k.kills < kills() {
		k.round()
	}
	if out, err := k.command(append([]string{"build"}, killed...)...).CombinedOutput(); err != nil {
		t.Fatalf("the build after all kills failed: %v\n%s", err, out)
	}
	k.honest()
	k.account()
}

// A killing is a project whose processes are killed.
type killing struct {
	*testing.T
	isf, dir string
	model    *witness
	chance   *rand.Rand

	seeds, queries  int
	kills, inFlight int
	acknowledged    map[string]int // key → how often it had been served by then
}

// configure writes a project whose builds outlive what the model does.
func (k *killing) configure(url string) {
	if err := writeOdd(k.dir, "", 0); err != nil {
		k.Fatal(err)
	}
	config := fmt.Sprintf("project: {name: Odd}\nidentity: {prefix: odd, provider: sim, model: sim/plain, variants: []}\nretry: {tries: 12, pause_after: 1000}\nmodels:\n  plain: {provider: sim, model: sim/plain, base_url: %s, timeout: 0.3}\n", url)
	if err := os.WriteFile(filepath.Join(k.dir, "isf.yaml"), []byte(config), 0o644); err != nil {
		k.Fatal(err)
	}
	k.acknowledged = map[string]int{}
}

func (k *killing) command(args ...string) *exec.Cmd {
	cmd := exec.Command(k.isf, args...)
	cmd.Args[0] = "odd"
	cmd.Dir = k.dir
	return cmd
}

// round starts processes and kills each at a moment of its own.
func (k *killing) round() {
	grow(k.T, k.dir, k.seeds, k.seeds+sown)
	k.seeds += sown
	var all sync.WaitGroup
	var died sync.Map
	run := func(in int, args ...string) {
		after := time.Duration(k.chance.IntN(250)) * time.Millisecond // the moment is the test's input
		all.Go(func() {
			if k.kill(k.command(args...), after) {
				died.Store(strings.Join(args, " "), in)
			}
		})
	}
	for _, target := range killed {
		run(workers, "build", target, "-w", strconv.Itoa(workers), "--events", target+".events")
	}
	k.queries++
	run(1, "query", "plain", fmt.Sprint("Question ", k.queries))
	all.Wait()
	died.Range(func(_, in any) bool {
		k.kills++
		k.inFlight += in.(int)
		return true
	})
	for _, target := range killed {
		k.note(filepath.Join(k.dir, target+".events"))
	}
	k.honest()
}

// kill says whether the process was still there to be killed.
func (k *killing) kill(cmd *exec.Cmd, after time.Duration) bool {
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		k.Error(err)
		return false
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	err := cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && !exit.Exited() {
		return true
	}
	if err != nil {
		k.Errorf("%v: %v\n%s", cmd.Args, err, said.String())
	}
	return false
}

// note reads from the events of a build which answers it was acknowledged.
func (k *killing) note(events string) {
	text, err := os.ReadFile(events)
	if err != nil {
		return // killed before it wrote any
	}
	for line := range strings.Lines(string(text)) {
		var e struct{ Event, Key, Error string }
		if json.Unmarshal([]byte(line), &e) == nil && e.Event == "step" && e.Error == "" {
			if _, known := k.acknowledged[e.Key]; !known {
				k.acknowledged[e.Key] = k.model.times(e.Key)
			}
		}
	}
	if err := os.Remove(events); err != nil {
		k.Error(err)
	}
}

func (k *killing) honest() {
	k.Helper()
	honest(k.T, k.command(append([]string{"status", "--json"}, killed...)...), func(target string) int {
		if strings.HasSuffix(target, "picky") {
			return k.plainSeeds()
		}
		return k.seeds
	})
}

// plainSeeds counts the seeds that picky makes rows of.
func (k *killing) plainSeeds() (n int) {
	for line := range strings.Lines(seedLines(0, k.seeds)) {
		if !strings.Contains(line, "three") && !strings.Contains(line, "four") {
			n++
		}
	}
	return n
}

// account compares what the model served with what was lost in flight.
func (k *killing) account() {
	stats := k.model.Stats()
	again := stats.AnswersServed - stats.DistinctKeys
	k.Logf("%d processes killed: %d answers served, %d distinct, %d served again; at most %d were in flight; %d known to be acknowledged", k.kills, stats.AnswersServed, stats.DistinctKeys, again, k.inFlight, len(k.acknowledged))
	if again > int64(k.inFlight) {
		k.Errorf("%d answers were served again, more than the %d in flight at the kills", again, k.inFlight)
	}
	if want := int64(2 * k.seeds); stats.DistinctKeys < want || stats.DistinctKeys > want+int64(k.queries) {
		k.Errorf("%d distinct requests, want %d and at most %d queries", stats.DistinctKeys, want, k.queries)
	}
	for key, served := range k.acknowledged {
		if n := k.model.times(key); n > served {
			k.Errorf("%s was acknowledged, and then asked again: served %d times, %d before", key, n, served)
		}
	}
	if len(k.acknowledged) == 0 {
		k.Error("no build told of an acknowledged answer")
	}
}

// A witness is a simulated model that counts for each key how often its answer
// went out whole.
type witness struct {
	*sim.Server
	mu     sync.Mutex
	served map[string]int
}

func newWitness(o sim.Options) *witness {
	return &witness{Server: sim.New(o), served: map[string]int{}}
}

func (m *witness) times(key string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.served[key]
}

func (m *witness) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	whole := &wholly{ResponseWriter: w}
	m.Server.ServeHTTP(whole, r)
	if whole.answered() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.served[r.Header.Get("Idempotency-Key")]++
	}
}

// wholly notes whether an answer has as many bytes as it announced.
type wholly struct {
	http.ResponseWriter
	status, n int
}

func (w *wholly) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *wholly) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *wholly) Write(b []byte) (int, error) {
	n, err := w.ResponseWriter.Write(b)
	w.n += n
	return n, err
}

func (w *wholly) answered() bool {
	return w.status <= http.StatusOK && w.n > 0 && w.Header().Get("Content-Length") == strconv.Itoa(w.n)
}

// quickISF is this test's binary without the race detector, which is each isf of
// TestMain by its name: what is killed a moment after its start should have done
// something by then, and what is only run is run in a quarter of the time.
func quickISF(t *testing.T) string {
	t.Helper()
	quick.Do(func() {
		if quick.dir, quick.err = os.MkdirTemp("", "isf-quick-"); quick.err != nil {
			return
		}
		if out, err := exec.Command("go", "test", "-c", "-o", quick.path(), ".").CombinedOutput(); err != nil {
			quick.err = fmt.Errorf("compiling isf: %w\n%s", err, out)
		}
	})
	if quick.err != nil {
		t.Fatal(quick.err)
	}
	return quick.path()
}

var quick compiled

// A compiled isf is made once for all tests, and removed after the last.
type compiled struct {
	sync.Once
	dir string
	err error
}

func (c *compiled) path() string { return filepath.Join(c.dir, exe("isf")) }
