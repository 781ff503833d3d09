//go:build unix

package launch

import (
	"fmt"
	"os"
	"syscall"
)

// become replaces this process with exe; it returns only if it cannot.
func become(exe string, args, env []string) (exit int, err error) {
	err = syscall.Exec(exe, append([]string{exe}, args...), env)
	return 0, fmt.Errorf("cannot run %s: %w", exe, err)
}

// swap moves a new binary to the place of the old one, which may be running.
func swap(fresh, exe string) error { return os.Rename(fresh, exe) }

// interrupt asks a process to end, as Ctrl-C would.
func interrupt(p *os.Process) error { return p.Signal(os.Interrupt) }
