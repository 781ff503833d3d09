package e2e

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A localModel is a folder in which tools/local-model.sh finds only what a test puts
// there: neither Python nor a model is needed to know what it says and leaves.
type localModel struct {
	t    *testing.T
	root string
}

func newLocalModel(t *testing.T) *localModel {
	l := &localModel{t, t.TempDir()}
	script, err := os.ReadFile("../../tools/local-model.sh")
	if err != nil {
		t.Fatal(err)
	}
	l.put("tools/local-model.sh", string(script))
	l.put("isf.local.yaml", "weights: sha256:abc\n")
	for _, tool := range []string{"sh", "cat", "dirname", "grep", "mkdir", "rm", "sleep", "tail"} {
		path, err := exec.LookPath(tool)
		if err != nil {
			t.Skip(err)
		}
		l.put("bin/"+tool, "#!/bin/sh\nexec "+path+" \"$@\"\n")
	}
	return l
}

// put writes a program.
func (l *localModel) put(name, text string) {
	path := filepath.Join(l.root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		l.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		l.t.Fatal(err)
	}
}

func (l *localModel) command() *exec.Cmd {
	cmd := exec.Command("/bin/sh", filepath.Join(l.root, "tools/local-model.sh"))
	cmd.Env = []string{"PATH=" + filepath.Join(l.root, "bin")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

// pythonOf is a python3 of some version, which makes virtual environments with
// what venv says and gets packages with what pip says.
func pythonOf(version, venv, pip string) string {
	return `#!/bin/sh
case "$1 ${2-}" in
--version*) echo "Python ` + version + `" ;;
"-c import sys"*) case ` + version + ` in 3.1[1-9].*) ;; *) exit 1 ;; esac ;;
"-m venv") ` + venv + ` ;;
"-m pip") ` + pip + ` ;;
*) exit 1 ;;
esac
`
}

// What is missing is named, and not taken for something else that is missing.
func TestLocalModelSaysWhatIsMissing(t *testing.T) {
	const (
		makes = `mkdir -p "$3/bin" && cat "$0" >"$3/bin/python" && chmod +x "$3/bin/python"`
		lacks = `echo "No module named venv" >&2; exit 1`
	)
	for _, tt := range []struct{ name, python, want string }{
		{"no python3", "", "a python3 of version 3.11 or later, and there is none"},
		{"an old one", pythonOf("3.9.2", makes, "exit 0"), "3.11 or later, and there is Python 3.9.2"},
		{"no venv", pythonOf("3.11.2", lacks, "exit 0"), "python3 cannot make a virtual environment"},
		{"no PyPI", pythonOf("3.11.2", makes, "exit 1"), "cannot be had from PyPI here"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLocalModel(t)
			l.put("bin/chmod", "#!/bin/sh\nexec /bin/chmod \"$@\"\n")
			if tt.python != "" {
				l.put("bin/python3", tt.python)
			}
			out, err := l.command().CombinedOutput()
			if err == nil || !strings.Contains(string(out), tt.want) {
				t.Errorf("it ends with %v and says\n%s\nwant %q", err, out, tt.want)
			}
			if n := strings.Count(string(out), "local-model: ") - strings.Count(string(out), "getting"); n != 1 {
				t.Errorf("it names %d things that are missing, want one:\n%s", n, out)
			}
		})
	}
}

// Ctrl-C ends the build under way, the server, and what would come next.
func TestLocalModelLeavesNoServerAfterCtrlC(t *testing.T) {
	l := newLocalModel(t)
	l.put(".isf/local-model/venv/bin/python", `#!/bin/sh
case "$*" in
-c*) ;;
*--digest) echo abc ;;
*)
	echo "a model answers at http://127.0.0.1:1"
	exec sleep 1000
	;;
esac
`)
	// As isf does, it ends what it has begun, and says by its exit code that it was stopped.
	l.put("bin/go", `#!/bin/sh
trap 'exit 130' INT
echo building
while :; do sleep 0.05; done
`)
	cmd := l.command()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var complaints strings.Builder
	cmd.Stderr = &complaints
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewScanner(out)
	for said.Scan() && said.Text() != "building" {
	}
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(20*time.Second, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	defer late.Stop()
	builds := 1
	for said.Scan() {
		builds++
	}
	_ = cmd.Wait() // the exit code tells
	if got, want := cmd.ProcessState.ExitCode(), 130; got != want {
		t.Errorf("it exits with %d, want %d", got, want)
	}
	if complaints.Len() > 0 {
		t.Errorf("it says %q of what it ended itself", complaints.String())
	}
	if builds != 1 {
		t.Errorf("it ran %d commands, want the first build alone", builds)
	}
	if err := syscall.Kill(-cmd.Process.Pid, 0); err != syscall.ESRCH {
		t.Errorf("something of it still runs: %v", err)
	}
}
