package view_test

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// The command prints the address, answers at it, and ends at Ctrl-C. The goal is
// 200 ms from its start to its first answer; the bound is wider, because tests
// run beside others and with the race detector.
func TestTheCommandAnswersAtOnce(t *testing.T) {
	root := project(t)
	build(t, root, "behaviour")
	c := command(t, root, "view", "--no-open", "--addr", "127.0.0.1:0")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill() })
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.HasPrefix(address, "http://127.0.0.1:") || !strings.Contains(address, "/?token=") {
		t.Fatalf("the address is %q, %v", address, err)
	}
	res, err := http.Get(strings.TrimSpace(address))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if took := time.Since(began); err != nil || res.StatusCode != http.StatusOK || took > 2*time.Second {
		t.Errorf("%d %q after %v: %v", res.StatusCode, text, took, err)
	}
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Errorf("Ctrl-C ends it with %v, want no error", err)
	}

	text, err = command(t, root, "view", "--no-open", "--addr", "0.0.0.0:0").CombinedOutput()
	if err == nil || !strings.Contains(string(text), "shows its pages on this machine only") {
		t.Errorf("an address for everybody: %q, %v", text, err)
	}
}
