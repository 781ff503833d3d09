package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/identity-shaping/isf/internal/sim"
)

// workers of each killed process; no more requests than this are in flight in
// it when it dies.
const workers = 8

// kills is how many times the test kills two builds; `make soak` wants more.
func kills(t *testing.T) int {
	n, err := strconv.Atoi(os.Getenv("ISF_KILLS"))
	if err != nil {
		return 50
	}
	return n
}

// Two builds of different targets are killed at random moments, again and
// again. No acknowledged answer is asked for twice, no target is called
// current that is not, no output is half-written, and the next build just
// works.
func TestKillLosesNothingAndNeverLies(t *testing.T) {
	model := sim.New(sim.Options{Latency: 5 * time.Millisecond, Jitter: 20 * time.Millisecond})
	server := httptest.NewServer(model)
	defer server.Close()
	dir := t.TempDir()
	if err := writeOdd(dir, server.URL+"/v1", 0); err != nil {
		t.Fatal(err)
	}
	n := kills(t)
	chance := rand.New(rand.NewPCG(1, uint64(n)))
	inFlight, seeds := 0, 0
	for range n {
		grow(t, dir, seeds, seeds+40)
		seeds += 40
		a := start(t, dir, "build", "plain", "-w", strconv.Itoa(workers))
		b := start(t, dir, "build", "plain-again", "-w", strconv.Itoa(workers))
		time.Sleep(time.Duration(50+chance.IntN(400)) * time.Millisecond) // the moment is the test's input
		a.kill()
		b.kill()
		inFlight += 2 * workers
		honest(t, dir, seeds)
	}
	if out, err := command(dir, "build", "plain", "plain-again").CombinedOutput(); err != nil {
		t.Fatalf("the build after all kills failed: %v\n%s", err, out)
	}
	honest(t, dir, seeds)
	stats := model.Stats()
	again := stats.AnswersServed - stats.DistinctKeys
	t.Logf("%d kills: %d answers served, %d distinct, %d asked again; at most %d were in flight", n, stats.AnswersServed, stats.DistinctKeys, again, inFlight)
	if again > int64(inFlight) {
		t.Errorf("%d answers were asked for again, more than the %d in flight at the kills", again, inFlight)
	}
	if want := int64(2 * seeds); stats.DistinctKeys != want {
		t.Errorf("%d distinct requests, want %d", stats.DistinctKeys, want)
	}
}

type process struct{ cmd *exec.Cmd }

// command is an isf with the odd pipelines, as a process of its own.
func command(dir string, args ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Args[0] = "odd" // the name decides which command this binary is
	cmd.Dir = dir
	return cmd
}

func start(t *testing.T, dir string, args ...string) process {
	t.Helper()
	cmd := command(dir, args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return process{cmd}
}

func (p process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

func grow(t *testing.T, dir string, from, to int) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(dir, "seeds.jsonl"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(seedLines(from, to)); err != nil {
		t.Fatal(err)
	}
}

// honest checks that what is there is whole, and that CURRENT is said only of
// a target with a row for every seed.
func honest(t *testing.T, dir string, seeds int) {
	t.Helper()
	out, err := command(dir, "status", "--json", "plain", "plain-again").Output()
	if err != nil {
		t.Fatalf("status after a kill: %v", err)
	}
	var status struct {
		Targets []struct{ Name, State, Output string }
	}
	if err := json.Unmarshal(out, &status); err != nil {
		t.Fatal(err)
	}
	for _, s := range status.Targets {
		rows, err := wholeRows(filepath.Join(dir, s.Output))
		if err != nil && !os.IsNotExist(err) {
			t.Errorf("%s: %v", s.Output, err)
		}
		switch {
		case s.State == "CURRENT" && rows != seeds:
			t.Errorf("%s is called CURRENT with %d rows of %d", s.Name, rows, seeds)
		case s.State == "RUNNING" || s.State == "EDITED":
			t.Errorf("%s is called %s after a kill", s.Name, s.State)
		}
	}
}

// wholeRows counts the rows of a file, each of which must be complete.
func wholeRows(path string) (int, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	if len(text) > 0 && !bytes.HasSuffix(text, []byte("\n")) {
		return 0, fmt.Errorf("the last line is cut off")
	}
	n := 0
	lines := bufio.NewScanner(strings.NewReader(string(text)))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if !json.Valid(lines.Bytes()) {
			return n, fmt.Errorf("line %d is cut off", n+1)
		}
		n++
	}
	return n, lines.Err()
}
