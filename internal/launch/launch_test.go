package launch

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

// TestMain turns the test binary into a launcher when a test asks for one: an
// installed isf that knows nothing of the project's code.
func TestMain(m *testing.M) {
	root := os.Getenv("LAUNCH_TEST_ROOT")
	if root == "" {
		goleak.VerifyTestMain(m)
		return
	}
	symbol = "main.sources" // of the small project below
	Sources = os.Getenv("LAUNCH_TEST_SOURCES")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	handled, exit, err := Fresh(ctx, root, os.Args[1:], os.Stderr, true)
	fmt.Printf("handled %v, exit %d, error %v (%T)\n", handled, exit, err, err)
	if handled {
		os.Exit(exit)
	}
}

// program is a project's cmd/isf that says what it was built from.
const program = `package main

import (
	_ "embed"
	"fmt"
	"os"

	"example.com/small/pipelines"
)

var sources string

//go:embed words.txt
var words string

func main() {
	fmt.Println("fresh", pipelines.Version, sources, os.Args[1:], os.Getenv("ISF_LAUNCHED"), words)
	if broken := os.Getenv("ISF_BROKEN"); broken != "" {
		fmt.Println("broken", broken)
	}
	os.Exit(7)
}
`

// project writes a small project and returns its folder.
func project(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":               "module example.com/small\n\ngo 1.21\n",
		"cmd/isf/main.go":      program,
		"cmd/isf/words.txt":    "first words",
		"pipelines/version.go": "package pipelines\n\nconst Version = 1\n",
	} {
		write(t, filepath.Join(root, name), text)
	}
	return root
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

// launchIn runs a launcher in the project and returns what it printed.
func launchIn(t *testing.T, root string, env ...string) string {
	t.Helper()
	cmd := exec.Command(os.Args[0], "build", "-n", "3")
	cmd.Env = append(os.Environ(), append([]string{"LAUNCH_TEST_ROOT=" + root, "GOFLAGS=", "GOWORK=off"}, env...)...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(out.String(), compiling+"\n", "") // told where the machine is slow
}

func current(t *testing.T, root string) string {
	t.Helper()
	s, err := openSources(root, filepath.Join(root, ".isf", "bin", "sources.json"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.digest()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestAnOlderBinaryBecomesTheFreshOne(t *testing.T) {
	root := project(t)
	got := launchIn(t, root)
	if want := "fresh 1 " + current(t, root) + " [build -n 3] 1 first words\n"; got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
	before, err := os.Stat(filepath.Join(root, ".isf", "bin", "isf"+suffix))
	if err != nil {
		t.Fatal(err)
	}
	if again := launchIn(t, root, "PATH="); again != got {
		t.Errorf("got %q without Go and with nothing changed, want %q", again, got)
	}
	after, err := os.Stat(filepath.Join(root, ".isf", "bin", "isf"+suffix))
	if err != nil || !os.SameFile(before, after) {
		t.Errorf("got another binary (%v), want the same", err)
	}

	write(t, filepath.Join(root, "pipelines/version.go"), "package pipelines\n\nconst Version = 2\n")
	if got, want := launchIn(t, root), "fresh 2 "+current(t, root); !strings.HasPrefix(got, want) {
		t.Errorf("got %q after an edit, want %q", got, want)
	}
	write(t, filepath.Join(root, "cmd/isf/words.txt"), "other words")
	if got := launchIn(t, root); !strings.HasSuffix(got, "other words\n") {
		t.Errorf("got %q after an edit of an embedded file", got)
	}
}

func TestABinaryThatIsFreshGoesOn(t *testing.T) {
	root := project(t)
	want := "handled false, exit 0, error <nil> (<nil>)\n"
	if got := launchIn(t, root, "LAUNCH_TEST_SOURCES="+current(t, root)); got != want {
		t.Errorf("got %q with the digest linked in, want %q", got, want)
	}
	if got := launchIn(t, root, "ISF_LAUNCHED=1"); got != want {
		t.Errorf("got %q when just launched, want %q", got, want)
	}
	if got := launchIn(t, t.TempDir()); got != want {
		t.Errorf("got %q without a cmd/isf, want %q", got, want)
	}
}

func TestCodeThatDoesNotCompileIsABuildError(t *testing.T) {
	root := project(t)
	write(t, filepath.Join(root, "pipelines/version.go"), "package pipelines\n\nconst Version = missing\n")
	got := launchIn(t, root)
	for _, want := range []string{"handled false", "does not compile", filepath.Join("pipelines", "version.go") + ":3:17: undefined: missing", "(*launch.BuildError)"} {
		if !strings.Contains(got, want) {
			t.Errorf("got %q, want it to hold %q", got, want)
		}
	}
}

func TestWithoutGoAnErrorSaysWhatToInstall(t *testing.T) {
	got := launchIn(t, project(t), "PATH=")
	for _, want := range []string{"install it from https://go.dev/dl", "(*launch.MissingGo)"} {
		if !strings.Contains(got, want) {
			t.Errorf("got %q, want it to hold %q", got, want)
		}
	}
}

func TestACommandWithoutAModuleIsAnError(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "cmd/isf/main.go"), program)
	if got := launchIn(t, root); !strings.Contains(got, "no go.mod; run 'go mod init' there") {
		t.Errorf("got %q, want a sentence about go.mod", got)
	}
}

// withGo puts a go in front of the PATH that runs the script, which finds the
// real one in $GO and a folder of its own in $DIR.
func withGo(t *testing.T, script string) (env, dir string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell")
	}
	real, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	write(t, filepath.Join(dir, "go"), fmt.Sprintf("#!/bin/sh\nGO=%q DIR=%q\n%s\n", real, dir, script))
	return "PATH=" + dir + string(filepath.ListSeparator) + os.Getenv("PATH"), dir
}

func TestLaunchesAtTheSameTimeBuildOnce(t *testing.T) {
	root := project(t)
	path, dir := withGo(t, `echo build >>"$DIR/log"; exec "$GO" "$@"`)
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			if got := launchIn(t, root, path); !strings.HasPrefix(got, "fresh 1 ") {
				t.Errorf("got %q, want the fresh binary", got)
			}
		})
	}
	wg.Wait()
	if log, err := os.ReadFile(filepath.Join(dir, "log")); string(log) != "build\n" {
		t.Errorf("got builds %q (%v), want one", log, err)
	}
}

func TestAnEditDuringABuildBuildsAgain(t *testing.T) {
	root := project(t)
	path, dir := withGo(t, `echo build >>"$DIR/log"; "$GO" "$@" || exit
test -e "$DIR/edited" && exit
touch "$DIR/edited"
printf 'package pipelines\n\nconst Version = 12\n' >pipelines/version.go`)
	if got, want := launchIn(t, root, path), "fresh 12 "+current(t, root); !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if log, err := os.ReadFile(filepath.Join(dir, "log")); string(log) != "build\nbuild\n" {
		t.Errorf("got builds %q (%v), want two", log, err)
	}
}

func TestSourcesThatNeverRestAreGivenUp(t *testing.T) {
	root := project(t)
	path, _ := withGo(t, `echo x >>"$DIR/log"; printf 'package pipelines\n\nconst Version = 1%d\n' $(wc -l <"$DIR/log") >pipelines/version.go`)
	if got := launchIn(t, root, path); !strings.Contains(got, "several times in a row") {
		t.Errorf("got %q, want it to give up", got)
	}
}

func TestABinaryBuiltByHandIsNotTakenForTheLaunchers(t *testing.T) {
	root := project(t)
	b := &builder{root: root, dir: filepath.Join(root, ".isf", "bin")}
	write(t, b.exe(), "#!/bin/sh\n")
	mark, err := b.mark("digest")
	if err != nil {
		t.Fatal(err)
	}
	write(t, b.marker(), mark)
	if !b.built("digest") || b.built("other") {
		t.Error("got the marker ignored, want it to decide")
	}
	write(t, b.exe(), "#!/bin/sh\necho by hand\n")
	if b.built("digest") {
		t.Error("got a replaced binary taken for the launcher's")
	}
}
