package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A release is killed at many moments. isf.yaml names the old version or the new
// one, whose prompts are then there; and releasing again finishes what was begun.
func TestAReleaseIsAllOrNothingWhenItIsKilled(t *testing.T) {
	binary := quickISF(t)
	const settings = "# The mill.\nidentity:   # who\n    prefix: keeper\n    release_version: 'v0.1'  # what release means\n    provider: sim\n    model: sim/plain\n    variants: [full]\n"
	released := strings.Replace(settings, "v0.1", "v0.2", 1)
	isf := func(dir string, args ...string) *exec.Cmd {
		c := exec.Command(binary, args...)
		c.Args[0], c.Dir = "bare", dir
		return c
	}
	outcomes := map[bool]int{}
	for wait := time.Duration(0); wait < 60*time.Millisecond; wait += 5 * time.Millisecond {
		dir := t.TempDir()
		for name, text := range map[string]string{
			"isf.yaml": settings, "identity/IDENTITY.md": "I keep the mill.\n", "identity/templates/full.txt.j2": "{{ IDENTITY }}",
			"identity/versions/v0.1/sysprompts/full.txt": "I was it.",
		} {
			name = filepath.Join(dir, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		c := isf(dir, "registry", "release", "v0.2")
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(wait) // the moment of the kill, not a wait for anything
		_ = c.Process.Kill()
		_ = c.Wait()
		text, err := os.ReadFile(filepath.Join(dir, "isf.yaml"))
		if err != nil || string(text) != settings && string(text) != released {
			t.Fatalf("killed after %s, isf.yaml is\n%s, %v", wait, text, err)
		}
		done := string(text) == released
		outcomes[done]++
		if out, err := isf(dir, "registry", "list").CombinedOutput(); err != nil {
			t.Errorf("killed after %s: %v\n%s", wait, err, out)
		}
		out, err := isf(dir, "registry", "release", "v0.2").CombinedOutput()
		if done != (err != nil) {
			t.Errorf("killed after %s, released %v, and releasing again gives %v\n%s", wait, done, err, out)
		}
		frozen, err := os.ReadFile(filepath.Join(dir, "identity/versions/v0.2/sysprompts/full.txt"))
		if err != nil || string(frozen) != "I keep the mill.\n" {
			t.Errorf("killed after %s: the release is %q, %v", wait, frozen, err)
		}
	}
	t.Logf("%d were killed before the release was made, %d behind it", outcomes[false], outcomes[true])
}
