package e2e

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/identity-shaping/isf/internal/sim"
)

// A gate is a simulated model that answers so many requests and then holds all
// others until it is opened.
type gate struct {
	model   *sim.Server
	free    int64
	arrived chan struct{} // closed when the first request is held
	opened  chan struct{}
	over    chan struct{} // closed when the test ends, whatever it has opened
	seen    atomic.Int64
	held    atomic.Bool
}

func newGate(free int64) *gate {
	return &gate{model: sim.New(sim.Options{}), free: free, arrived: make(chan struct{}), opened: make(chan struct{}), over: make(chan struct{})}
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if g.seen.Add(1) > g.free {
		if g.held.CompareAndSwap(false, true) {
			close(g.arrived)
		}
		select {
		case <-g.opened:
		case <-g.over:
			return
		case <-r.Context().Done(): // is noticed only where the body has been read
			return
		}
	}
	g.model.ServeHTTP(w, r)
}

// A held build is one whose requests wait at a gate.
type held struct {
	*gate
	dir string
	cmd *exec.Cmd
	out bytes.Buffer
}

func hold(t *testing.T, seeds int, free int64, args ...string) *held {
	t.Helper()
	return holdBy(t, seeds, free, func(h *held) {
		h.cmd = command(h.dir, args...)
		h.cmd.Stdout, h.cmd.Stderr = &h.out, &h.out
	})
}

// hangUps takes those of the tests themselves.
var hangUps = make(chan os.Signal, 1)

// holdBy holds the command that is made by make.
func holdBy(t *testing.T, seeds int, free int64, make func(*held)) *held {
	t.Helper()
	h := &held{gate: newGate(free), dir: t.TempDir()}
	server := httptest.NewServer(h.gate)
	t.Cleanup(func() { close(h.over); server.Close() })
	if err := writeOdd(h.dir, server.URL+"/v1", seeds); err != nil {
		t.Fatal(err)
	}
	make(h)
	// Where these tests run under nohup, commands would inherit that hang-ups are ignored.
	signal.Notify(hangUps, syscall.SIGHUP)
	if err := h.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-h.arrived
	return h
}

// run runs another isf in the same project.
func (h *held) run(args ...string) (out string, code int) {
	text, err := command(h.dir, args...).CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	}
	return string(text), code
}

func (h *held) finish(t *testing.T) int {
	t.Helper()
	err := h.cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	if err != nil {
		t.Fatal(err)
	}
	return 0
}

func want(t *testing.T, out string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(out, text) {
			t.Errorf("output is\n%s\nwant it to contain %q", out, text)
		}
	}
}

func TestARunningTargetIsSeenAndWaitedFor(t *testing.T) {
	h := hold(t, 5, 2, "build", "plain")
	out, _ := h.run("status", "plain")
	want(t, out, "RUNNING  training/data/plain")
	out, code := h.run("build", "plain", "--no-wait")
	want(t, out, "it is being built by process "+strconv.Itoa(h.cmd.Process.Pid)+" (isf build plain)")
	if code != 1 {
		t.Errorf("--no-wait exits with %d, want 1", code)
	}
	out, _ = h.run("plan", "plain")
	want(t, out, "A build would send 3 requests")
	waiting := command(h.dir, "build", "plain")
	var said bytes.Buffer
	waiting.Stdout, waiting.Stderr = &said, &said
	if err := waiting.Start(); err != nil {
		t.Fatal(err)
	}
	close(h.opened)
	if code := h.finish(t); code != 0 {
		t.Fatalf("the build exits with %d:\n%s", code, h.out.String())
	}
	if err := waiting.Wait(); err != nil {
		t.Fatalf("the waiting build: %v\n%s", err, said.String())
	}
	want(t, said.String(), "Nothing to do")
	if n := h.model.Stats().AnswersServed; n != 5 {
		t.Errorf("%d answers were served to two builds, want 5", n)
	}
}

// stops are the signals that end a build gently: Ctrl-C, kill, and the hang-up of
// a terminal that is closed.
var stops = []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP}

func TestCtrlCKeepsWhatIsInFlightAndIsNeverCurrent(t *testing.T) {
	for _, stop := range stops {
		t.Run(stop.String(), func(t *testing.T) {
			h := hold(t, 60, 8, "build", "plain", "-w", "4")
			if err := h.cmd.Process.Signal(stop); err != nil {
				t.Skipf("this system sends no such signal to a process: %v", err)
			}
			close(h.opened)
			if code := h.finish(t); code != 130 {
				t.Errorf("an interrupted build exits with %d, want 130:\n%s", code, h.out.String())
			}
			want(t, h.out.String(), "interrupted", "stopped   training/data/plain")
			h.goesOn(t, 60)
		})
	}
}

func TestCtrlCBreaksAQueryOffAndSaysWhatBecomesOfIt(t *testing.T) {
	h := hold(t, 1, 0, "query", "plain", "Who are you?")
	if err := h.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Skipf("this system sends no such signal to a process: %v", err)
	}
	if code := h.finish(t); code != 130 { // while the gate is shut: it does not wait for the answer
		t.Errorf("an interrupted query exits with %d, want 130", code)
	}
	const sentence = "isf: interrupted; the request was broken off before its answer came, so nothing of it is kept, though the provider may bill it\n"
	if got := h.out.String(); got != sentence {
		t.Errorf("it says\n%s\nwant\n%s", got, sentence)
	}
	close(h.opened)
	out, code := h.run("query", "plain", "Who are you?")
	if code != 0 || strings.Contains(out, "from the cache") {
		t.Errorf("asked again it exits with %d, want 0 and a new answer:\n%s", code, out)
	}
	if n := h.seen.Load(); n != 2 {
		t.Errorf("the model was asked %d times, want 2", n)
	}
}

// A log of a build that asks says how far it is of what the last one had, as long as nobody has counted.
func TestALogSaysHowFarABuildIsOfWhatTheLastOneHad(t *testing.T) {
	const seeds = 7
	var log io.ReadCloser
	h := holdBy(t, seeds, seeds, func(h *held) {
		if out, code := h.run("build", "plain"); code != 0 {
			t.Fatalf("the first build exits with %d:\n%s", code, out)
		}
		for _, lost := range []string{"cache.db", "journal"} {
			if err := os.RemoveAll(filepath.Join(h.dir, ".isf", lost)); err != nil {
				t.Fatal(err)
			}
		}
		h.cmd = command(h.dir, "build", "plain", "--force", "-w", "1") // which reads no further than it asks
		var err error
		if log, err = h.cmd.StderrPipe(); err != nil {
			t.Fatal(err)
		}
	})
	lines := bufio.NewScanner(log)
	if !lines.Scan() || !strings.HasPrefix(lines.Text(), "plain: 0/~7 records") {
		t.Errorf("the first line is %q, want it to begin with 0/~7 records", lines.Text())
	}
	close(h.opened)
	for lines.Scan() {
	}
	if code := h.finish(t); code != 0 {
		t.Errorf("the build exits with %d, want 0", code)
	}
}

// goesOn checks what a build that was stopped has left, and that the next one asks
// for the rest: each seed once over both.
func (h *held) goesOn(t *testing.T, seeds int64) {
	t.Helper()
	out, code := h.run("status", "--exit-code", "plain")
	want(t, out, "MISSING")
	if code != 3 {
		t.Errorf("status --exit-code is %d, want 3", code)
	}
	if _, err := os.Stat(filepath.Join(h.dir, "training/data/plain.jsonl")); !os.IsNotExist(err) {
		t.Errorf("a first build that was stopped left an output: %v", err)
	}
	out, code = h.run("build", "plain")
	if code != 0 {
		t.Fatalf("the next build exits with %d:\n%s", code, out)
	}
	if n := h.model.Stats().AnswersServed; n != seeds {
		t.Errorf("%d answers were served over both builds, want each of %d once", n, seeds)
	}
}

func TestAnEditDuringABuildLeavesTheTargetStale(t *testing.T) {
	h := hold(t, 5, 2, "build", "plain")
	grow(t, h.dir, 5, 6)
	close(h.opened)
	if code := h.finish(t); code != 0 {
		t.Fatalf("the build exits with %d:\n%s", code, h.out.String())
	}
	out, _ := h.run("status", "plain")
	want(t, out, "STALE", "File 'seeds' content changed")
	if out, code := h.run("build", "plain"); code != 0 {
		t.Fatalf("the next build exits with %d:\n%s", code, out)
	}
	out, _ = h.run("status", "plain")
	want(t, out, "CURRENT  training/data/plain  6 samples")
}
