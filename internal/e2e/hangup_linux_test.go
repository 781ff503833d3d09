package e2e

import (
	"os/exec"
	"strings"
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

// Who presses Ctrl-C is told what the build still waits for, and the records that
// will not be asked for do not count as done or running.
func TestCtrlCSaysWhatIsWaitedFor(t *testing.T) {
	screen, tty := openTerminal(t)
	h := holdBy(t, 60, 8, func(h *held) {
		h.cmd = command(h.dir, "build", "plain", "-w", "4", "-y")
		h.cmd.Env = append(h.cmd.Environ(), "NO_COLOR=1")
		h.cmd.Stdin, h.cmd.Stdout, h.cmd.Stderr = tty, tty, tty
		h.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	})
	tty.Close()
	p := &terminal{t: t, cmd: h.cmd, mine: screen, texts: make(chan string, 100), done: make(chan error, 1)}
	go p.read()
	p.sees("sent 12")
	p.types(ctrlC)
	p.sees("stopping: nothing more is sent, and 4 under way")
	p.sees("plain  8/60  ")
	p.sees("running 4  sent 12")
	close(h.opened)
	if out, code := p.ends(); code != 130 || !strings.Contains(out, "12 of 60 kept") {
		t.Errorf("exit %d after\n%s", code, out)
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
