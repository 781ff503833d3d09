package cache

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// child is another process on the store, which puts answers from 20 goroutines
// until it is killed or has put n, and prints the number of each one once it is
// acknowledged.
func child() {
	var dir string
	var from, n int
	if _, err := fmt.Sscan(os.Getenv("ISF_TEST_CHILD"), &dir, &from, &n); err != nil {
		panic(err)
	}
	s, err := Open(dir, Options{})
	if err != nil {
		panic(err)
	}
	work := make(chan int)
	var wg sync.WaitGroup
	var out sync.Mutex
	for range 20 {
		wg.Go(func() {
			for i := range work {
				if err := s.Put(numbered(i)); err != nil {
					panic(err)
				}
				out.Lock()
				fmt.Println(i)
				out.Unlock()
			}
		})
	}
	for i := range n {
		work <- from + i
	}
	close(work)
	wg.Wait()
	if err := s.Close(); err != nil {
		panic(err)
	}
}

func startChild(t *testing.T, dir string, from, n int) (*exec.Cmd, io.Reader) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("ISF_TEST_CHILD=%s %d %d", dir, from, n))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, out
}

// acknowledged reads what a child has printed. A kill may cut the last line.
func acknowledged(t *testing.T, out io.Reader, each func(n int)) (all []int) {
	t.Helper()
	r := bufio.NewReader(out)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return all
		}
		i, err := strconv.Atoi(strings.TrimSpace(line))
		if err != nil {
			t.Errorf("the child printed %q", line)
			continue
		}
		all = append(all, i)
		each(len(all))
	}
}

// No acknowledged answer is lost, however often a process is killed, also while
// it folds, and the next one needs no help.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(1, 5))
	acked := map[int]bool{}
	for round := range 8 {
		from := round * 1_000_000
		cmd, out := startChild(t, dir, from, 1_000_000)
		killAt := 1 + r.IntN(3000)
		for _, i := range acknowledged(t, out, func(n int) {
			if n == killAt {
				cmd.Process.Kill()
			}
		}) {
			acked[i] = true
		}
		var killed *exec.ExitError
		if err := cmd.Wait(); !errors.As(err, &killed) {
			t.Fatalf("the child ended by itself: %v", err)
		}
		if round%4 == 3 {
			checkAll(t, dir, acked)
		}
	}
	t.Logf("%d answers were acknowledged by 8 killed processes", len(acked))
}

func checkAll(t *testing.T, dir string, acked map[int]bool) {
	t.Helper()
	s, err := Open(dir, Options{Warn: func(w string) { t.Error(w) }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i := range acked {
		if got, err := s.Get(numbered(i).Key(), 100); err != nil || got.Text != numbered(i).Text {
			t.Fatalf("answer %d is %v, %v", i, got, err)
		}
	}
	if err := s.Fold(); err != nil {
		t.Fatal(err)
	}
	if err := s.All(func(*Entry) error { return nil }); err != nil {
		t.Fatal(err)
	}
}

// Several processes share a store, and all of it is folded in the end.
func TestSeveralProcesses(t *testing.T) {
	dir := t.TempDir()
	const each = 3000
	var wg sync.WaitGroup
	for p := range 3 {
		wg.Go(func() {
			cmd, out := startChild(t, dir, p*each/2, each) // they overlap by half
			if n := len(acknowledged(t, out, func(int) {})); n != each {
				t.Errorf("process %d acknowledged %d, want %d", p, n, each)
			}
			if err := cmd.Wait(); err != nil {
				t.Errorf("process %d: %v", p, err)
			}
		})
	}
	s := open(t, dir, Options{})
	wantMiss := errors.Is(third(s.Get(numbered(-1).Key(), 100)), ErrMiss)
	wg.Wait()
	if !wantMiss {
		t.Error("an answer nobody gave was found")
	}
	if err := s.Fold(); err != nil {
		t.Fatal(err)
	}
	st, err := s.Stats()
	if err != nil || st.Entries != 2*each || st.Blobs != 1 || st.Pending != 0 || st.Journals != 0 {
		t.Errorf("stats %+v, %v, want %d entries", st, err, 2*each)
	}
	for i := range 2 * each {
		if i%7 == 0 {
			wantAll(t, s, []*Entry{numbered(i)})
		}
	}
}

func third(_ *Entry, err error) error { return err }

// Puts, gets and folds at once, and nothing that was put is ever missing.
func TestFoldUnderLoad(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	var wg, folds sync.WaitGroup
	stop := make(chan struct{})
	folds.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			if err := s.Fold(); err != nil {
				t.Error(err)
				return
			}
		}
	})
	const callers, each = 10, 150
	for c := range callers {
		wg.Go(func() {
			for i := range each {
				e := numbered(c*each + i)
				if err := s.Put(e); err != nil {
					t.Error(err)
					return
				}
				old := numbered(c*each + rand.IntN(i+1))
				if got, err := s.Get(old.Key(), 100); err != nil || got.Text != old.Text {
					t.Errorf("%s is %v, %v", old.Text, got, err)
					return
				}
			}
		})
	}
	wg.Wait()
	close(stop)
	folds.Wait()
	if err := s.Fold(); err != nil {
		t.Fatal(err)
	}
	if n := len(s.journal.index.segments); n != 0 {
		t.Errorf("the index still has %d segments", n)
	}
	s.recent.Purge()
	wantAll(t, s, numberedTo(callers*each))
}

// A build that goes on long enough folds what it has written by itself.
// A process that was killed leaves its segment with 24 MB of reserved space. The
// next one that closes takes it, also when it has written nothing.
func TestClosingFoldsWhatTheDeadLeft(t *testing.T) {
	dir := dirWithJournal(t, append(journalOf(t, numberedTo(3)...), make([]byte, spare)...))
	s := open(t, dir, Options{})
	wantAll(t, s, numberedTo(3))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "journal", "*")); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
	wantAll(t, open(t, dir, Options{}), numberedTo(3))
}

func TestFoldingInTheBackground(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	var wg sync.WaitGroup
	for c := range 20 {
		wg.Go(func() {
			for i := range foldBatch / 20 {
				if err := s.Put(numbered(c*foldBatch + i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if n, _ := s.journal.waiting(); n < foldBatch {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("nothing was folded in 20 s")
		}
	}
}
