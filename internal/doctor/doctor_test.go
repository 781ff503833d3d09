package doctor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSecretsAreFoundAndNotShown(t *testing.T) {
	env := map[string]string{"MY_KEY": "0123456789abcdef", "SHORT": "EMPTY"}
	f := Folder{Getenv: func(name string) string { return env[name] }, Keys: []string{"SHORT", "MY_KEY"}}
	for text, want := range map[string]string{
		"a\nb 0123456789abcdef\n":                        "2 the value of MY_KEY",
		"sk-ant-" + strings.Repeat("a1", 20):             "1 what looks like a provider's key",
		"x = \"sk-or-v1-" + strings.Repeat("0f", 32):     "1 what looks like a provider's key",
		"\n\nAIza" + strings.Repeat("b", 35):             "3 what looks like a provider's key",
		"EMPTY":                                          "0 ",
		"a risk-free task-oriented desk-bound sk-learn":  "0 ",
		"digest sha256-" + strings.Repeat("0123456f", 8): "0 ",
	} {
		line, what := f.secret([]byte(text))
		if got := string(rune('0'+line)) + " " + what; got != want {
			t.Errorf("secret(%q) = %s, want %s", text, got, want)
		}
		if strings.Contains(what, "0123456789abcdef") {
			t.Error("the secret is shown")
		}
	}
}

func TestProbesLeaveNothing(t *testing.T) {
	dir := t.TempDir()
	found := Folder{Root: dir}.fileSystem(t.Context())
	if len(found) == 0 {
		t.Error("got nothing, want a finding")
	}
	for _, f := range found {
		if f.Grade == Bad {
			t.Errorf("a folder of tests is found bad: %s", f.Text)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("got %v left behind (%v)", left, err)
	}
}

func TestAReadOnlyFolderIsBad(t *testing.T) {
	if os.Getuid() == 0 || filepath.Separator != '/' {
		t.Skip("everything can be written by this user")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	found := Folder{Root: dir}.fileSystem(t.Context())
	if len(found) != 1 || found[0].Grade != Bad || found[0].Fix == "" {
		t.Errorf("got %v, want one bad finding with what to do", found)
	}
}

func TestSomeNamesAFew(t *testing.T) {
	if got := some([]string{"a"}); got != "a:" {
		t.Errorf("got %q", got)
	}
	if got := some([]string{"a", "b", "c", "d", "e"}); got != "a, b, c and 2 more:" {
		t.Errorf("got %q", got)
	}
}
