package e2e

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/identity-shaping/isf/internal/sim"
)

// A full disk stops the build with one sentence. What was answered is kept as
// far as it fits, what was there stays, and with space again the next build
// goes on.
func TestAFullDiskLosesNothingThatWasThere(t *testing.T) {
	model := sim.New(sim.Options{})
	server := httptest.NewServer(model)
	defer server.Close()
	dir := smallDisk(t)
	if err := writeOdd(dir, server.URL+"/v1", 20); err != nil {
		t.Fatal(err)
	}
	if out, err := command(dir, "build", "plain").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	before := read(t, dir, "training/data/plain.jsonl")
	filler := filepath.Join(dir, "filler")
	fillUp(t, filler)
	out, err := command(dir, "build", "plain-again").CombinedOutput()
	if err == nil {
		t.Fatalf("a build on a full disk succeeds:\n%s", out)
	}
	want(t, string(out), "isf: training/data/plain-again: no space is left for the cache: make room and go on")
	if got := read(t, dir, "training/data/plain.jsonl"); got != before {
		t.Error("the output that was there has changed")
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if out, err := command(dir, "build", "plain", "plain-again").CombinedOutput(); err != nil {
		t.Fatalf("with space again: %v\n%s", err, out)
	}
	honest(t, command(dir, "status", "--json", "plain", "plain-again"), func(string) int { return 20 })
}

// fillUp writes until nothing more fits.
func fillUp(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size >= 512; size /= 2 {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, size))
		}
	}
}

// smallDisk is a disk of 64 MB; a test that may not mount one is skipped.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64m"); err != nil {
		t.Skipf("this needs leave to mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}
