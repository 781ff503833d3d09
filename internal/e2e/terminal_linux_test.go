package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A terminal is what a person sits at: a command runs in it, and what is typed
// and printed goes through the pseudo-terminal of the kernel.
type terminal struct {
	t     *testing.T
	cmd   *exec.Cmd
	mine  *os.File
	texts chan string
	seen  string // what was printed and not yet awaited
	done  chan error
}

// openTerminal opens a terminal of 100 columns: our end of it, and that of the
// command.
func openTerminal(t *testing.T) (mine, its *os.File) {
	t.Helper()
	mine, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { mine.Close() })
	number, err := unix.IoctlGetInt(int(mine.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(mine.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(int(mine.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 40, Col: 100})
	}
	if err != nil {
		t.Fatal(err)
	}
	if its, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Skip(err)
	}
	return mine, its
}

// onTerminal starts a command in a terminal.
func onTerminal(t *testing.T, dir string, env []string, args ...string) *terminal {
	t.Helper()
	mine, its := openTerminal(t)
	defer its.Close()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir, cmd.Env = dir, append(env, "TERM=xterm")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = its, its, its
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &terminal{t: t, cmd: cmd, mine: mine, texts: make(chan string, 100), done: make(chan error, 1)}
	go p.read()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return p
}

// read passes on what is printed until nobody has the terminal open any more.
func (p *terminal) read() {
	buf := make([]byte, 4096)
	for {
		n, err := p.mine.Read(buf)
		if n > 0 {
			p.texts <- string(buf[:n])
		}
		if err != nil { // EIO: the other end is closed
			break
		}
	}
	close(p.texts)
	p.done <- p.cmd.Wait()
}

// sees waits for a text to be printed, and returns what was printed up to it.
func (p *terminal) sees(want string) string {
	p.t.Helper()
	deadline := time.After(2 * time.Minute)
	for {
		if before, after, found := strings.Cut(p.seen, want); found {
			p.seen = after
			return before
		}
		select {
		case text, open := <-p.texts:
			if !open {
				p.t.Fatalf("%v printed %q and ended, want %q", p.cmd.Args, p.seen, want)
			}
			p.seen += text
		case <-deadline:
			p.t.Fatalf("%v printed %q, want %q", p.cmd.Args, p.seen, want)
		}
	}
}

func (p *terminal) types(keys string) {
	p.t.Helper()
	if _, err := io.WriteString(p.mine, keys); err != nil {
		p.t.Fatal(err)
	}
}

// ends waits for the command and returns what else it printed, and its exit code.
func (p *terminal) ends() (string, int) {
	p.t.Helper()
	for text := range p.texts {
		p.seen += text
	}
	err := <-p.done
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return strings.ReplaceAll(p.seen, "\r\n", "\n"), p.cmd.ProcessState.ExitCode()
}

const ctrlC = "\x03"

// What a newcomer sees who types `isf init` and then `isf build` at a terminal.
func TestAtATerminal(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a project")
	}
	env, dir := strangerEnv(t), t.TempDir()
	isf := func(args ...string) *terminal {
		t.Helper()
		return onTerminal(t, dir, env, append([]string{"/usr/bin/env", "isf"}, args...)...)
	}
	env = without(env, "NO_COLOR")

	t.Run("init asks for what no flag says", func(t *testing.T) {
		p := isf("init", "my-keeper")
		p.sees("The identity's name [My Keeper]: ")
		p.types("The Keeper\n")
		p.sees("Provider (sim needs no key) [sim]: ")
		p.types("opnrouter\n")
		p.sees(`did you mean "openrouter"`)
		p.sees("Provider (sim needs no key) [sim]: ")
		p.types("\n")
		if out, code := p.ends(); code != 0 || !strings.Contains(out, "made 19 files in my-keeper") {
			t.Errorf("exit %d after\n%s", code, out)
		}
		text, err := os.ReadFile(filepath.Join(dir, "my-keeper", "isf.yaml"))
		if err != nil || !bytes.Contains(text, []byte("the-keeper")) || !bytes.Contains(text, []byte("provider: sim")) {
			t.Errorf("isf.yaml is (%v)\n%s", err, text)
		}
	})
	t.Run("Ctrl-C at a question makes nothing", func(t *testing.T) {
		p := isf("init", "other")
		p.sees("]: ")
		p.types(ctrlC)
		if out, code := p.ends(); code != 130 || strings.Contains(out, "the same command goes on") {
			t.Errorf("exit %d after\n%s", code, out)
		}
		if _, err := os.Stat(filepath.Join(dir, "other")); !os.IsNotExist(err) {
			t.Errorf("a folder was made: %v", err)
		}
	})
	t.Run("flags are not asked for", func(t *testing.T) {
		p := isf("init", "my-keeper", "--name", "X", "--provider", "sim")
		if out, code := p.ends(); code != 1 || !strings.Contains(out, "nothing was written") || strings.Contains(out, "[sim]") {
			t.Errorf("exit %d after\n%s", code, out)
		}
	})

	dir = filepath.Join(dir, "my-keeper")
	if out, code := isf("build").ends(); code != 0 {
		t.Fatalf("exit %d:\n%s", code, out)
	}
	if out, code := isf("sample", "conversations").ends(); code != 0 || !coloured.MatchString(out) {
		t.Errorf("exit %d, want it coloured:\n%s", code, out)
	}
	env = append(env, "NO_COLOR=1")
	t.Run("NO_COLOR takes the colours away", func(t *testing.T) {
		for _, args := range [][]string{{"build", "--force"}, {"status"}, {"sample", "facts"}, {"check"}, {"plan"}, {"--help"}} {
			if out, code := isf(args...).ends(); code != 0 || coloured.MatchString(out) {
				t.Errorf("%v: exit %d, colours in\n%q", args, code, out)
			}
		}
	})
}

// coloured finds what sets a colour or a weight; moving the cursor is none.
var coloured = regexp.MustCompile("\x1b\\[[0-9;]*m")

func without(env []string, name string) []string {
	var out []string
	for _, e := range env {
		if !strings.HasPrefix(e, name+"=") {
			out = append(out, e)
		}
	}
	return out
}
