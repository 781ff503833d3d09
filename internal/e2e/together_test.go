package e2e

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/identity-shaping/isf/internal/sim"
)

// An usher is a simulated model that answers the first requests with each of some
// words, and holds the rest of them until it is opened. Whatever has none of these
// words is answered at once.
type usher struct {
	model  *sim.Server
	free   int
	words  []string
	mu     sync.Mutex
	seen   map[string]int
	holds  sync.WaitGroup // until one request of each word is held
	opened chan struct{}
}

func newUsher(free int, words ...string) *usher {
	u := &usher{model: sim.New(sim.Options{}), free: free, words: words, seen: map[string]int{}, opened: make(chan struct{})}
	u.holds.Add(len(words))
	return u
}

func (u *usher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client went away
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	for _, word := range u.words {
		if strings.Contains(string(body), word) && u.held(word) {
			select {
			case <-u.opened:
			case <-r.Context().Done():
				return
			}
		}
	}
	u.model.ServeHTTP(w, r)
}

func (u *usher) held(word string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.seen[word]++
	if u.seen[word] == u.free+1 {
		u.holds.Done()
	}
	return u.seen[word] > u.free
}

// Two builds of different targets run side by side, and meanwhile people ask,
// prepare and look. Each process acknowledges in a journal of its own, and what
// one has got is a hit for the others while all of them run.
func TestManyProcessesOnOneProject(t *testing.T) {
	u := newUsher(2, "Again:", "? One.")
	server := httptest.NewServer(u)
	defer server.Close()
	dir := t.TempDir()
	if err := writeOdd(dir, server.URL+"/v1", 5); err != nil {
		t.Fatal(err)
	}
	mustISF(t, dir, "build", "plain")
	for name, text := range map[string]string{
		"training/data/mix.yaml":   "categories: {all: {files: [said.jsonl]}}\nmode: simple\nthinking: allow\n",
		"training/data/said.jsonl": `{"id":"a","messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Ho"}]}` + "\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var builds []*exec.Cmd
	for _, target := range []string{"plain-again", "parallel"} {
		cmd := command(dir, "build", target, "-w", "8")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		builds = append(builds, cmd)
	}
	u.holds.Wait() // both have got answers, and wait for more
	for _, cmd := range builds {
		if names, _ := filepath.Glob(filepath.Join(dir, ".isf/journal", fmt.Sprintf("%d-*", cmd.Process.Pid))); len(names) == 0 {
			t.Errorf("process %d has no journal of its own", cmd.Process.Pid)
		}
	}

	want(t, mustISF(t, dir, "status", "plain-again", "parallel"), "RUNNING  training/data/plain-again", "RUNNING  training/data/parallel")
	want(t, mustISF(t, dir, "status", "plain"), "CURRENT")
	want(t, mustISF(t, dir, "show", "plain:seed-1"), "What is it about the number one?")
	want(t, mustISF(t, dir, "sample", "plain", "-n", "1"), "1 of 5 rows")
	want(t, mustISF(t, dir, "train", "data", "prep", "mix"), "prepared/mix", "1 sample")
	want(t, mustISF(t, dir, "plan", "plain-again"), "A build would send")
	want(t, mustISF(t, dir, "cache", "verify"), "answers are whole")
	if first := mustISF(t, dir, "query", "plain", "What is the sea?"); strings.Contains(first, "from the cache") {
		t.Errorf("a question that nobody has asked is %s", first)
	}
	want(t, mustISF(t, dir, "query", "plain", "What is the sea?"), "from the cache")
	want(t, mustISF(t, dir, "query", "plain", "What is it about the number one?"), "from the cache")

	close(u.opened)
	for _, cmd := range builds {
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %v", cmd.Args, err)
		}
	}
	want(t, mustISF(t, dir, "status", "--exit-code", "plain", "plain-again", "parallel"), "CURRENT")
	if n := u.model.Stats(); n.AnswersServed != n.DistinctKeys || n.AnswersServed != 5+5+15+1 {
		t.Errorf("%d answers were served to %d requests, want 26", n.AnswersServed, n.DistinctKeys)
	}
}

// Ctrl-C while thousands of records are read ahead of those that wait for their
// answers: the file is not read to its end, and nothing is lost or current.
func TestCtrlCWhileALargeFileIsReadAhead(t *testing.T) {
	h := hold(t, 50_000, 4, "build", "plain", "-w", "4")
	if err := h.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Skipf("this system sends no such signal to a process: %v", err)
	}
	close(h.opened)
	if code := h.finish(t); code != 130 {
		t.Errorf("it exits with %d, want 130:\n%s", code, h.out.String())
	}
	out, code := h.run("status", "--exit-code", "plain")
	want(t, out, "MISSING")
	if code != 3 {
		t.Errorf("status --exit-code is %d, want 3", code)
	}
	served := h.model.Stats().AnswersServed
	if served < 4 || served > 1000 {
		t.Errorf("%d answers were served, want those of a moment", served)
	}
	out, _ = h.run("cache", "verify")
	want(t, out, fmt.Sprintf("%d answers are whole", served))
	out, _ = h.run("plan", "plain")
	want(t, out, fmt.Sprintf("%d from the cache", served))
}
