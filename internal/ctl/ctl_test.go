package ctl

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// runtimeDir gives the test a runtime folder of its own, with a short name:
// paths of sockets have few characters.
func runtimeDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ctl")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	t.Setenv("XDG_RUNTIME_DIR", dir)
	return dir
}

func TestABuildIsFoundByItsProjectAlone(t *testing.T) {
	runtimeDir(t)
	var got Request
	stop, err := Serve("/a/project", func(r Request) Answer { got = r; return Answer{Status: []byte(`{"workers":3}`)} })
	if err != nil {
		t.Fatal(err)
	}
	want := Request{Command: "drop", Model: "judge", N: 3, Nano: 5}
	answers, err := Call(context.Background(), "/a/project", want)
	if err != nil || len(answers) != 1 || string(answers[0].Status) != `{"workers":3}` || answers[0].PID != os.Getpid() || got != want {
		t.Errorf("got %+v, %v for %+v", answers, err, got)
	}
	if answers, err := Call(context.Background(), "/another/project", want); err != nil || len(answers) != 0 {
		t.Errorf("another project: got %+v, %v, want nobody", answers, err)
	}
	stop()
	if answers, err := Call(context.Background(), "/a/project", want); err != nil || len(answers) != 0 {
		t.Errorf("after the end: got %+v, %v, want nobody", answers, err)
	}
}

// Somebody who stops asking, as a page that is left, takes nobody's socket away.
func TestABuildIsStillFoundAfterSomebodyGaveUp(t *testing.T) {
	runtimeDir(t)
	stop, err := Serve("/p", func(Request) Answer { return Answer{} })
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	if answers, err := Call(gone, "/p", Request{}); err == nil || len(answers) != 0 {
		t.Errorf("who has gone gets %+v, %v", answers, err)
	}
	if answers, err := Call(context.Background(), "/p", Request{}); err != nil || len(answers) != 1 {
		t.Errorf("the next one gets %+v, %v, want an answer", answers, err)
	}
}

func TestWhatAKilledBuildLeftIsRemoved(t *testing.T) {
	runtimeDir(t)
	dir, err := folder()
	if err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(dir, name("/p")+"-1.sock")
	if err := os.WriteFile(left, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	call := func() {
		if answers, err := Call(context.Background(), "/p", Request{}); err != nil || len(answers) != 0 {
			t.Errorf("got %+v, %v", answers, err)
		}
	}
	call()
	if _, err := os.Stat(left); err != nil {
		t.Error("the socket of a build that is about to listen was removed")
	}
	old := time.Now().Add(-2 * longest)
	if err := os.Chtimes(left, old, old); err != nil {
		t.Fatal(err)
	}
	call()
	if _, err := os.Stat(left); err == nil {
		t.Error("the socket is still there")
	}
}

func TestAFolderThatOthersCanEnterIsRefused(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such bits")
	}
	runtimeDir(t)
	dir, err := folder()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Serve("/p", nil); err == nil || !strings.Contains(err.Error(), "only you can enter (chmod 700)") {
		t.Errorf("got %v", err)
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(t.TempDir(), dir); err != nil {
		t.Fatal(err)
	}
	if _, err := Call(context.Background(), "/p", Request{}); err == nil {
		t.Error("a link in its place was followed")
	}
}
