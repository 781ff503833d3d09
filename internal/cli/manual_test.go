package cli

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/internal/manual"
)

var update = flag.Bool("update", false, "write docs/cli.md and docs/man/isf.1 anew")

// docs/cli.md and the manual page say what --help says.
func TestManualIsInStep(t *testing.T) {
	for name, want := range map[string]string{"cli.md": manual.Markdown(Commands()), "man/isf.1": manual.Man(Commands())} {
		file := filepath.Join("..", "..", "docs", filepath.FromSlash(name))
		if *update {
			if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.ReplaceAll(string(got), "\r\n", "\n") != want {
			t.Errorf("docs/%s is not what --help says; run `go test ./internal/cli -run Manual -update`", name)
		}
	}
}

func TestExitCodesAreDocumented(t *testing.T) {
	for code, what := range map[int]string{exitDone: "done", exitFailed: "failed", exitUsage: "wrong usage", exitNotCurrent: "not current", exitInterrupted: "interrupted"} {
		if want := fmt.Sprintf("%d  %s", code, what); !strings.Contains(about, want) {
			t.Errorf("isf --help does not say %q", want)
		}
	}
}

// Whoever asks for help wants to see the command used.
func TestEveryCommandHasHelp(t *testing.T) {
	var check func(*cobra.Command)
	check = func(c *cobra.Command) {
		if c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: the short help is a sentence without its full stop, got %q", c.CommandPath(), c.Short)
		}
		if c.Runnable() && c.Example == "" {
			t.Errorf("%s has no example", c.CommandPath())
		}
		for _, sub := range c.Commands() {
			check(sub)
		}
	}
	for _, c := range Commands().Commands() {
		check(c)
	}
}

func TestCompatibilityNamesTheExitCodes(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "compatibility.md"))
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("%d done, %d failed, %d wrong usage, %d not current (`status --exit-code`), %d interrupted", exitDone, exitFailed, exitUsage, exitNotCurrent, exitInterrupted)
	if !strings.Contains(string(text), want) {
		t.Errorf("docs/compatibility.md does not say %q", want)
	}
}
