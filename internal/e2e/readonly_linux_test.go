package e2e

import (
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"

	"github.com/identity-shaping/isf/internal/sim"
)

// On a disk that cannot be written to everything can be looked at, and a build
// says in one sentence why it cannot be, before it has asked anybody.
func TestAReadOnlyDiskCanBeLookedAt(t *testing.T) {
	model := sim.New(sim.Options{})
	server := httptest.NewServer(model)
	defer server.Close()
	dir := smallDisk(t)
	if err := writeOdd(dir, server.URL+"/v1", 5); err != nil {
		t.Fatal(err)
	}
	mustISF(t, dir, "build", "plain")
	grow(t, dir, 5, 6)
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"status"}, {"plan", "plain"}, {"why", "plain"}, {"graph"}, {"sample", "plain"}, {"show", "plain:seed-1"}, {"check", "plain"}, {"log"}, {"cache", "stats"}} {
		mustISF(t, dir, args...)
	}
	want(t, mustISF(t, dir, "status", "plain"), "STALE")
	before := model.Stats().AnswersServed
	out, err := command(dir, "build", "plain").CombinedOutput()
	if err == nil {
		t.Fatalf("a build on a disk that cannot be written to succeeds:\n%s", out)
	}
	want(t, string(out), "read-only file system", ".isf")
	if strings.Contains(string(out), "goroutine ") || model.Stats().AnswersServed != before {
		t.Errorf("%d answers were asked for, and it says\n%s", model.Stats().AnswersServed-before, out)
	}
}
