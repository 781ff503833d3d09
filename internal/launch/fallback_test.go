package launch

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"
)

const badCode = "package pipelines\n\nconst Version = missing\n"

func TestTheLastIsfThatCouldBeBuiltIsToldWhyThereIsNoNewerOne(t *testing.T) {
	root := project(t)
	if got := launchIn(t, root); !strings.HasPrefix(got, "fresh 1 ") {
		t.Fatal(got)
	}
	first := current(t, root)
	write(t, filepath.Join(root, "pipelines/version.go"), badCode)
	got := launchIn(t, root)
	for _, want := range []string{"fresh 1 " + first + " [build -n 3]  first words\n", "broken build ", "version.go:3:17: undefined: missing"} {
		if !strings.Contains(got, want) {
			t.Errorf("got %q, want it to hold %q", got, want)
		}
	}
	if got := launchIn(t, root, "PATH="); !strings.Contains(got, "broken go ") {
		t.Errorf("got %q without Go, want the last binary to be told", got)
	}

	write(t, filepath.Join(root, ".isf", "bin", "isf"+suffix), "built by hand")
	if got := launchIn(t, root); !strings.Contains(got, "handled false") {
		t.Errorf("got %q, want nothing run that no launcher has built", got)
	}
}

func TestACauseSurvivesTheEnvironment(t *testing.T) {
	t.Setenv(broken, causeText(&BuildError{"# p\np.go:1:2: x"}))
	told, err := inherited()
	var build *BuildError
	if !told || !errors.As(err, &build) || build.Output != "# p\np.go:1:2: x" || build.Brief() != "p.go:1:2: x" {
		t.Errorf("got %v, %v; want the compiler's words", told, err)
	}
	if os.Getenv(broken) != "" {
		t.Error("the cause stays in the environment, and would reach every isf that is started from here")
	}
	t.Setenv(broken, causeText(&MissingGo{exec.ErrNotFound}))
	var missing *MissingGo
	if _, err := inherited(); !errors.As(err, &missing) {
		t.Errorf("got %v, want Go to be missing", err)
	}
	if causeText(errRestless) != "" {
		t.Error("sources that do not rest are a reason to go on with an older binary")
	}
	if long := causeText(&BuildError{strings.Repeat("é", mostOutput)}); len(long) > mostOutput+100 {
		t.Errorf("got %d bytes, want no more than the environment takes", len(long))
	}
}

func TestOneCtrlCEndsACompilation(t *testing.T) {
	root := project(t)
	path, dir := withGo(t, `touch "$DIR/compiling"; exec sleep 600`)
	cmd := exec.Command(os.Args[0], "build")
	cmd.Env = append(os.Environ(), "LAUNCH_TEST_ROOT="+root, "GOFLAGS=", "GOWORK=off", path)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range time.Tick(5 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(dir, "compiling")); err == nil {
			break
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil || !strings.Contains(out.String(), "handled false, exit 0, error interrupt signal received") {
		t.Errorf("got %q (%v), want it to stop", out.String(), err)
	}
}

func TestOneCtrlCEndsTheWaitForAnotherLaunch(t *testing.T) {
	b := &builder{root: t.TempDir()}
	b.dir = filepath.Join(b.root, ".isf", "bin")
	if err := makeDir(b.dir); err != nil {
		t.Fatal(err)
	}
	other := flock.New(filepath.Join(b.dir, "lock"))
	if err := other.Lock(); err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 3*lookAgain)
	defer cancel()
	start := time.Now()
	if _, err := b.ensure(ctx, "digest"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the wait to end with its context", err)
	}
	if took := time.Since(start); took > time.Minute {
		t.Errorf("it took %s", took)
	}
}
