package e2e

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/identity-shaping/isf"
	"github.com/identity-shaping/isf/internal/sim"
)

// twoSteps asks two questions for each record, the second with the answer of
// the first.
type twoSteps struct {
	Seeds isf.File  `isf:"seeds.jsonl"`
	Model isf.Model `isf:"plain"`
}

func (p *twoSteps) Build(b *isf.Build) isf.Rows[*isf.Sample] {
	firsts := isf.Each(b, "first", isf.Read[seed](b, p.Seeds), func(t *isf.Task, s seed) ([]answered, error) {
		r, err := t.Ask(p.Model, isf.Text(s.Text))
		if err != nil {
			return nil, err
		}
		return isf.One(answered{s, r.Answer()})
	})
	return isf.Each(b, "second", firsts, func(t *isf.Task, a answered) ([]*isf.Sample, error) {
		turns := isf.Messages{isf.User(a.Seed.Text), isf.Assistant(a.Answer), isf.User("And why is that?")}
		r, err := t.Ask(p.Model, turns)
		if err != nil {
			return nil, err
		}
		return isf.One(isf.NewSample(append(turns, r.Message())...))
	})
}

type answered struct {
	Seed   seed   `json:"seed"`
	Answer string `json:"answer"`
}

// hangingSim serves the simulated model on a port that it prints. The first
// record's request hangs for as long as HANG says.
func hangingSim() {
	hang, err := time.ParseDuration(os.Getenv("HANG"))
	if err != nil {
		hang = 0
	}
	model := sim.New(sim.Options{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println("http://" + l.Addr().String() + "/v1")
	panic(http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		if hang > 0 && bytes.Contains(body, []byte("number zero?")) {
			select {
			case <-time.After(hang):
			case <-r.Context().Done():
			}
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		model.ServeHTTP(w, r)
	})))
}

// Memory depends on what is in flight: not on the number of records, and not
// on one answer that hangs while all others come. ISF_RECORDS and ISF_HANG
// make it a million and a minute, and the limits stay; docs/performance.md has
// numbers. What could grow has claims of its own, with limits that a few
// thousand reach: the answers that wait to be folded in package cache, the ids
// of rows in package engine.
func TestMemoryIsFlatInTheNumberOfRecords(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("anonymous memory of another process is read from /proc, which only Linux has")
	}
	if testing.Short() {
		t.Skip("builds thousands of records")
	}
	binary := withoutRaces(t)
	records, hang := number("ISF_RECORDS", 12_000), os.Getenv("ISF_HANG")
	if hang == "" {
		hang = "3s"
	}
	all := peak(t, binary, records, "0s")
	hung := peak(t, binary, records, hang)
	t.Logf("peak of anonymous memory: %d MB for %d records, %d MB with one answer that hung for %s", all, records, hung, hang)
	if all > 130 {
		t.Errorf("%d MB for %d records, want at most 130 whatever their number", all, records)
	}
	if hung > 180 {
		t.Errorf("%d MB with an answer that hung for %s, want at most 180 whatever the number of records", hung, hang)
	}
}

func number(env string, otherwise int) int {
	n, err := strconv.Atoi(os.Getenv(env))
	if err != nil {
		return otherwise
	}
	return n
}

// peak builds so many records and returns the most anonymous memory, in MB,
// that the build was seen with.
func peak(t *testing.T, binary string, records int, hang string) int {
	t.Helper()
	server := exec.Command(binary)
	server.Args[0] = "hanging-sim"
	server.Env = append(os.Environ(), "HANG="+hang)
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Process.Kill(); _ = server.Wait() }()
	address := make([]byte, 64)
	n, err := out.Read(address)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := writeOdd(dir, strings.TrimSpace(string(address[:n])), records); err != nil {
		t.Fatal(err)
	}
	build := exec.Command(binary, "build", "two-steps")
	build.Args[0], build.Dir = "odd", dir
	var said bytes.Buffer
	build.Stdout, build.Stderr = &said, &said
	if err := build.Start(); err != nil {
		t.Fatal(err)
	}
	most := watchMemory(build)
	if err := build.Wait(); err != nil {
		t.Fatalf("build: %v\n%s", err, said.String())
	}
	rows, err := wholeRows(filepath.Join(dir, "training/data/two-steps.jsonl"))
	if err != nil || rows != records {
		t.Fatalf("%d rows, error %v; want %d", rows, err, records)
	}
	return <-most
}

// watchMemory samples a process until it is gone.
func watchMemory(cmd *exec.Cmd) <-chan int {
	most := make(chan int, 1)
	go func() {
		top := 0
		for {
			text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
			_, after, found := strings.Cut(string(text), "RssAnon:")
			if err != nil || !found {
				most <- top / 1024
				return
			}
			kb, err := strconv.Atoi(strings.Fields(after)[0])
			if err == nil {
				top = max(top, kb)
			}
			time.Sleep(20 * time.Millisecond) // a sampling rate, not a wait for anything
		}
	}()
	return most
}
