package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// One build at a time makes a target. The lock is the operating system's, so a
// killed process holds none; what the file says is only for people.

// A holder is who makes a target now.
type holder struct {
	PID     int    `json:"pid"`
	Command string `json:"command"`
}

func (h holder) String() string {
	if h.PID == 0 {
		return "another process"
	}
	return fmt.Sprintf("process %d (%s)", h.PID, h.Command)
}

// flatten turns a target's name into a file's; ~ is in no target's name.
func flatten(target string) string { return strings.ReplaceAll(target, "/", "~") }

func (p *Project) lockPath(target string) string {
	return filepath.Join(p.Root, StateDir, "locks", flatten(target))
}

// lock takes the target's lock. It waits for a process that has it, after
// telling whom it waits for, unless wait is false.
func (p *Project) lock(ctx context.Context, target string, wait bool, tell func(string)) (unlock func(), err error) {
	path := p.lockPath(target)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, stateError(err)
	}
	l := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o600))
	// A status that looks holds the lock for a moment; that is nobody to wait for.
	const glance = 100 * time.Millisecond
	started, told := time.Now(), false
	for {
		ok, err := l.TryLock()
		if err != nil {
			return nil, stateError(err)
		}
		if ok {
			p.sign(path)
			return func() { _ = os.Truncate(path, 0); _ = l.Unlock() }, nil
		}
		if time.Since(started) > glance && !told {
			by := readHolder(path)
			if !wait {
				return nil, fmt.Errorf("it is being built by %s; without --no-wait isf waits for it", by)
			}
			tell(fmt.Sprintf("waiting for %s, which builds %s", by, target))
			told = true
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (p *Project) sign(path string) {
	text, err := json.Marshal(holder{os.Getpid(), commandLine()})
	if err == nil {
		_ = os.WriteFile(path, text, 0o600)
	}
}

func readHolder(path string) (h holder) {
	text, err := os.ReadFile(path)
	if err == nil {
		_ = json.Unmarshal(text, &h)
	}
	return h
}

// Running reports whether a process makes the target now. A process that was
// killed while it started another leaves its lock to that one for the moment
// until it runs, so a held lock is looked at twice.
func (p *Project) Running(target string) bool {
	path := p.lockPath(target)
	if _, err := os.Stat(path); err != nil || !held(path) {
		return false
	}
	time.Sleep(20 * time.Millisecond)
	return held(path)
}

func held(path string) bool {
	l := flock.New(path, flock.SetFlag(os.O_RDONLY))
	ok, err := l.TryRLock()
	if err != nil {
		return false
	}
	if ok {
		_ = l.Unlock()
	}
	return !ok
}

// stateError says what to do about a state folder that cannot be used.
func stateError(err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrInvalid) {
		return fmt.Errorf("%s cannot be written, and a build keeps its answers there: make the folder writable: %w", StateDir, err)
	}
	return fmt.Errorf("%s: %w", StateDir, err)
}
