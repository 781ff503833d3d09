package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

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
// a target with a row for every seed that has one.
func honest(t *testing.T, cmd *exec.Cmd, rows func(target string) int) {
	t.Helper()
	out, err := cmd.Output()
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
		n, err := wholeRows(filepath.Join(cmd.Dir, s.Output))
		if err != nil && !os.IsNotExist(err) {
			t.Errorf("%s: %v", s.Output, err)
		}
		switch {
		case s.State == "CURRENT" && n != rows(s.Name):
			t.Errorf("%s is called CURRENT with %d rows of %d", s.Name, n, rows(s.Name))
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
