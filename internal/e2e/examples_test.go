package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/identity-shaping/isf/internal/cli"
	"github.com/identity-shaping/isf/internal/manual"
)

// notRun are the examples of --help that cannot be run here, with the reason.
var notRun = map[string]string{
	"isf sim --addr 127.0.0.1:8808": "it serves until it is stopped",
	"isf sim --addr 127.0.0.1:0 --latency 100ms --error-rate 0.02 --rate-limit 0.05": "it serves until it is stopped",
	"isf sample behaviour --finding truncated":                                       "no answer of the example is truncated",
	"isf cache publish":                                                "the example has no share",
	"isf cache publish facts":                                          "the example has no share",
	"isf status training/data/all --exit-code":                         "after the examples of reroll something is stale, and it exits with 3",
	`isf keep behaviour --reason "typo in the system prompt"`:          "nothing was edited here; the script about keep does",
	"isf keep behaviour --undo":                                        "nothing is kept here",
	"isf reroll behaviour --finding refused":                           "no answer of the example refuses",
	"isf reroll behaviour --errors":                                    "no record of the example fails",
	"isf sample behaviour --errors":                                    "no record of the example fails",
	"isf view":                                                         "it serves until it is stopped",
	"isf view --write":                                                 "it serves until it is stopped",
	"isf view --addr 127.0.0.1:0 --no-open":                            "it serves until it is stopped",
	`git diff | isf query judge - --system "You review prose." --json`: "there is no repository here",
	"isf ctl status":                                                   noBuild, "isf ctl workers 10": noBuild, "isf ctl budget 5": noBuild, "isf ctl budget 2.50": noBuild,
	"isf ctl drop judge": noBuild, "isf ctl pause": noBuild, "isf ctl resume": noBuild,
	"isf doctor --hook": "there is no repository here; the script about doctor runs it",
	"isf watch":         endless, "isf watch behaviour --try -n 2": endless, "isf watch behaviour --build --max-cost 0.50": endless,
	"isf init keeper": "the script of an installed isf runs it",
	`isf init keeper --name "The Keeper" --provider openrouter`: "the script of an installed isf runs it",
	"isf new pipeline small-talk":                               "the script of an installed isf runs it",
	"isf build small-talk":                                      "the script of an installed isf runs it",
}

const endless = "it waits for a save until it is interrupted; its script does both"

const noBuild = "the script about ctl runs it while a build runs"

// TestExamples runs what --help shows, in the example project, in the order of
// the manual.
func TestExamples(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the examples are lines of a shell")
	}
	dir := t.TempDir()
	for _, name := range exampleFiles {
		if err := copyTree(filepath.Join(repository(), name), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Dir(quickISF(t)) + string(os.PathListSeparator) + os.Getenv("PATH")
	run := func(line string) (string, error) {
		cmd := exec.Command("sh", "-c", line)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "NO_COLOR=1", "PATH="+path)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		err := cmd.Run()
		return out.String(), err
	}
	// Two builds, so that there is something to compare with.
	const setUp = "isf build && echo 'The office also kept a cat, Mabel, from 1988 to 2001.' >>identity/NARRATIVE.md && isf build && cp training/data/behaviour.jsonl answers.jsonl && echo Why? >question.txt"
	if out, err := run(setUp); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	unused := map[string]bool{}
	for line := range notRun {
		unused[line] = true
	}
	for _, line := range manual.Examples(cli.Commands()) {
		if notRun[line] != "" {
			delete(unused, line)
			continue
		}
		if out, err := run(line); err != nil {
			t.Errorf("%s: %v\n%s", line, err, out)
		} else if strings.Contains(out, "goroutine ") {
			t.Errorf("%s: %s", line, out)
		}
	}
	for line := range unused {
		t.Errorf("%q is no example any more: take it out of notRun", line)
	}
}
