package launch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// A builder keeps .isf/bin/isf and, beside it, isf.sources: the digest it was
// built for and the stamp of the binary. The two belong together only while
// the stamp is right, so a crash or a build by hand between them reads as
// nothing built.
type builder struct {
	root, dir string
	symbol    string                 // set to the digest by the linker
	digest    func() (string, error) // of the sources now
	stderr    io.Writer
}

// lookAgain is how often a launch that waits for another looks whether it is done.
const lookAgain = 20 * time.Millisecond

// tidying is how long a compiler that was interrupted may take to end.
const tidying = 3 * time.Second

// mostBuilds of one launch, before sources that keep changing are given up.
const mostBuilds = 5

// ensure returns the path of a binary built from sources of this digest or, if
// they change while it works, of a later one.
func (b *builder) ensure(ctx context.Context, digest string) (string, error) {
	exe := b.exe()
	if b.built(digest) {
		return exe, nil
	}
	if err := makeDir(b.dir); err != nil {
		return "", unwritable(err)
	}
	lock := flock.New(filepath.Join(b.dir, "lock"))
	if _, err := lock.TryLockContext(ctx, lookAgain); err != nil { // waits for another launch that builds
		return "", unwritable(fmt.Errorf("cannot lock %s: %w", b.dir, err))
	}
	defer lock.Close()
	for range mostBuilds {
		if b.built(digest) {
			return exe, nil
		}
		err := b.build(ctx, digest)
		now, derr := b.digest()
		switch {
		case derr != nil:
			return "", derr
		case now != digest:
			digest = now // whatever was compiled, or failed to, was neither the old nor the new
		case err != nil:
			return "", err
		default:
			return exe, b.install(digest)
		}
	}
	return "", errRestless
}

// unwritable says what to do about a folder that the code cannot be compiled into.
func unwritable(err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.ENOTDIR) {
		return fmt.Errorf(".isf cannot be written, and the project's code is compiled there: make it a folder that you may write to, with all that is in it: %w", err)
	}
	return err
}

func (b *builder) exe() string    { return filepath.Join(b.dir, "isf"+suffix) }
func (b *builder) fresh() string  { return filepath.Join(b.dir, "isf.new"+suffix) }
func (b *builder) marker() string { return filepath.Join(b.dir, "isf.sources") }

var suffix = map[string]string{"windows": ".exe"}[runtime.GOOS]

// built reports whether the binary was built for digest.
func (b *builder) built(digest string) bool {
	text, err := os.ReadFile(b.marker())
	if err != nil {
		return false
	}
	want, err := b.mark(digest)
	return err == nil && string(text) == want
}

// mark is what the marker says of a binary built for digest.
func (b *builder) mark(digest string) (string, error) {
	info, err := os.Stat(b.exe())
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s %d %d\n", digest, info.Size(), info.ModTime().UnixNano()), nil
}

// build compiles cmd/isf beside the binary that is there.
func (b *builder) build(ctx context.Context, digest string) error {
	goTool, err := exec.LookPath("go")
	if err != nil {
		return &MissingGo{err}
	}
	// No stamp of the version control: it would run git, and fail without it. No
	// tables for debuggers (-w): they are a third of the time, which follows each edit
	// of a pipeline, and a panic names its lines without them.
	cmd := exec.CommandContext(ctx, goTool, "build", "-buildvcs=false", "-ldflags=-w -X="+b.symbol+"="+digest, "-o", b.fresh(), "./cmd/isf")
	cmd.Dir = b.root
	cmd.Cancel = func() error { return interrupt(cmd.Process) }
	cmd.WaitDelay = tidying
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = b.run(cmd)
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && !exit.Exited():
		return fmt.Errorf("the compiler was stopped: %w", err) // Ctrl-C reaches it as well
	case exit != nil:
		return &BuildError{strings.TrimSpace(out.String())}
	}
	return err
}

// patience is how long a build may take before it is worth a line.
const patience = time.Second

const compiling = "isf: compiling the project's code …"

// run waits for the command and says that it does, if it takes a while.
func (b *builder) run(cmd *exec.Cmd) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	t := time.NewTimer(patience)
	defer t.Stop()
	select {
	case err := <-done:
		return err
	case <-t.C:
		fmt.Fprintln(b.stderr, compiling)
		return <-done
	}
}

// install puts the compiled binary in its place.
func (b *builder) install(digest string) error {
	if err := swap(b.fresh(), b.exe()); err != nil {
		return err
	}
	mark, err := b.mark(digest)
	if err != nil {
		return err
	}
	return writeFile(b.marker(), []byte(mark))
}
