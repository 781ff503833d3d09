package e2e

import (
	"os/exec"
	"syscall"
	"testing"
)

// A window that is closed in the middle of a build, or a connection that breaks
// off, stops it like Ctrl-C, though there is nobody left to be told.
func TestAClosedTerminalStopsABuildGently(t *testing.T) {
	screen, tty := openTerminal(t)
	h := holdBy(t, 60, 8, func(h *held) {
		h.cmd = command(h.dir, "build", "plain", "-w", "4", "-y")
		h.cmd.Stdin, h.cmd.Stdout, h.cmd.Stderr = tty, tty, tty
		h.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	})
	tty.Close()
	screen.Close()
	close(h.opened)
	if code := h.finish(t); code != 130 {
		t.Errorf("a build whose terminal was closed exits with %d, want 130", code)
	}
	h.goesOn(t, 60)
}

// nohup keeps its promise: the build outlives the terminal.
func TestABuildUnderNohupGoesOn(t *testing.T) {
	h := holdBy(t, 10, 2, func(h *held) {
		inner := command(h.dir, "build", "plain")
		h.cmd = exec.Command("sh", "-c", `trap "" HUP; exec -a odd "$0" "$@"`, inner.Path)
		h.cmd.Args = append(h.cmd.Args, inner.Args[1:]...)
		if bash, err := exec.LookPath("bash"); err == nil {
			h.cmd.Path = bash
		} else {
			t.Skip("no shell here sets the name of what it starts")
		}
		h.cmd.Dir = h.dir
		h.cmd.Stdout, h.cmd.Stderr = &h.out, &h.out
	})
	if err := h.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	close(h.opened)
	if code := h.finish(t); code != 0 {
		t.Errorf("a build under nohup exits with %d after a hang-up:\n%s", code, h.out.String())
	}
	out, _ := h.run("status", "plain")
	want(t, out, "CURRENT  training/data/plain  10 samples")
}
