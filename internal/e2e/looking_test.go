package e2e

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// looking are the commands that change nothing.
var looking = [][]string{
	{"status"},
	{"status", "--json"},
	{"status", "--exit-code", "plain"},
	{"why", "plain"},
	{"why", "plain:seed-1"},
	{"why", "plain:seed-1", "--key"},
	{"why", "plain:seed-1", "--json"},
	{"plan"},
	{"plan", "plain", "--json"},
	{"graph"},
	{"graph", "--format", "dot"},
	{"graph", "--format", "svg"},
	{"graph", "--format", "json"},
	{"sample", "plain"},
	{"sample", "plain", "-n", "3", "--full"},
	{"show", "plain:seed-1"},
	{"show", "plain:seed-1", "--json"},
	{"check", "plain"},
	{"check", "plain", "--json"},
	{"diff", "plain"},
	{"diff", "plain", "--json"},
	{"log"},
	{"models"},
	{"cache", "stats"},
	{"cache", "gc", "--dry-run"},
	{"cache", "verify"},
}

// lookingCode is the exit code of a looking command: 1 where there is nothing to
// look at yet, and of a plan of all, some of which cannot be built; 3 where status
// was asked for it.
func lookingCode(moment string, args []string) int {
	switch args[0] {
	case "status":
		if slices.Contains(args, "--exit-code") && moment != "current" {
			return 3
		}
	case "plan":
		if len(args) == 1 {
			return 1
		}
	case "sample", "show", "check", "diff":
		if moment == "never built" {
			return 1
		}
	}
	return 0
}

// tree is what lies in a folder, by path: modes, times and digests. The stat
// cache may be renewed by whoever looks.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil || rel == ".isf" || strings.HasPrefix(filepath.ToSlash(rel), ".isf/stat") {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if d.IsDir() {
			all[rel] = info.Mode().String()
			return nil
		}
		text, err := os.ReadFile(path)
		all[rel] = fmt.Sprintf("%s %s %x", info.Mode(), info.ModTime(), sha256.Sum256(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func compareTrees(t *testing.T, what string, before, after map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if before[name] == "" {
			t.Errorf("%s makes %s", what, name)
		} else if before[name] != after[name] {
			t.Errorf("%s changes %s", what, name)
		}
	}
	for name := range before {
		if after[name] == "" {
			t.Errorf("%s removes %s", what, name)
		}
	}
}

// Whoever looks changes nothing: in a project that was never built, one that is
// current, one that is stale, and one whose build was killed.
func TestLookingChangesNothing(t *testing.T) {
	dir := t.TempDir()
	if err := writeOdd(dir, "", 6); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) {
		t.Helper()
		if out, err := command(dir, args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	for _, moment := range []struct {
		name string
		come func()
	}{
		{"never built", func() {}},
		{"current", func() { run("build", "plain"); grow(t, dir, 6, 8); run("build", "plain") }},
		{"stale", func() { grow(t, dir, 8, 9) }},
		{"partial", func() { run("build", "plain", "-n", "2"); run("build", "plain-again", "-n", "2") }},
	} {
		moment.come()
		t.Run(moment.name, func(t *testing.T) {
			for _, args := range looking {
				before := tree(t, dir)
				cmd := command(dir, args...)
				out, err := cmd.CombinedOutput()
				if got, want := cmd.ProcessState.ExitCode(), lookingCode(moment.name, args); got != want {
					t.Errorf("%v exits with %d, want %d:\n%s", args, got, want, out)
				}
				if bytes.Contains(out, []byte("goroutine ")) || bytes.Contains(out, []byte("unknown flag")) || bytes.Contains(out, []byte("unknown command")) {
					t.Errorf("%v: %v\n%s", args, err, out)
				}
				compareTrees(t, fmt.Sprint(moment.name, ": ", args), before, tree(t, dir))
			}
		})
	}
}
