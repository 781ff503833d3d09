package launch

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
)

// become runs exe in this process's place and returns its exit code. Ctrl-C
// reaches both processes; this one leaves the answer to the other.
func become(exe string, args, env []string) (exit int, err error) {
	ctrlC := make(chan os.Signal, 1)
	signal.Notify(ctrlC, os.Interrupt)
	defer signal.Stop(ctrlC)
	cmd := exec.Command(exe, args...)
	cmd.Env = env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err = cmd.Run()
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		return ended.ExitCode(), nil
	}
	if err != nil {
		return 0, fmt.Errorf("cannot run %s: %w", exe, err)
	}
	return 0, nil
}

// swap moves a new binary to the place of the old one. Windows lets a running
// binary be moved aside but not replaced; what was moved aside is removed when
// nobody runs it any more.
func swap(fresh, exe string) error {
	old, err := filepath.Glob(exe + ".old-*")
	if err != nil {
		return err
	}
	for _, f := range old {
		os.Remove(f)
	}
	aside, err := os.CreateTemp(filepath.Dir(exe), filepath.Base(exe)+".old-*")
	if err != nil {
		return err
	}
	aside.Close()
	if err := os.Rename(exe, aside.Name()); err != nil {
		os.Remove(aside.Name()) // there was no old one
	}
	return os.Rename(fresh, exe)
}

// interrupt ends a process: Windows has no signal for one alone. Ctrl-C reaches
// it anyway.
func interrupt(p *os.Process) error { return p.Kill() }
