package e2e

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what the tutorial's commands print into docs/tutorial.md")

// TestTutorial does what docs/tutorial.md tells people to do, with the isf that
// `go install` would make, and compares what is printed. A block of the kind
//
//	```console    is commands, each with its output; … stands for anything
//	```KIND FILE  is what is put into a file
//	```diff FILE  is lines of a file that are replaced
//
// and a comment <!-- keys: … --> before a block is what is typed into it.
func TestTutorial(t *testing.T) {
	if testing.Short() || runtime.GOOS == "windows" {
		t.Skip("compiles a project, in a shell")
	}
	const name = "../../docs/tutorial.md"
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	r := &reader{t: t, dir: t.TempDir(), env: strangerEnv(t)}
	out := blocks.ReplaceAllStringFunc(string(text), r.block)
	if *update && out != string(text) {
		if err := os.WriteFile(name, []byte(out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

var blocks = regexp.MustCompile("(?sm)(?:^<!-- keys: (\\w+) -->\n)?^```(\\w+)(?: ([^\n]+))?\n(.*?)^```$")

// A reader does what it reads.
type reader struct {
	t   *testing.T
	dir string
	env []string
}

func (r *reader) block(text string) string {
	m := blocks.FindStringSubmatch(text)
	keys, kind, file, body := m[1], m[2], m[3], m[4]
	switch {
	case kind == "console":
		return strings.Replace(text, body, r.commands(body, keys), 1)
	case kind == "diff":
		r.replace(file, body)
	case file != "":
		r.write(file, body)
	}
	return text
}

func (r *reader) write(file, text string) {
	if err := os.WriteFile(filepath.Join(r.dir, file), []byte(text), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

func (r *reader) replace(file, diff string) {
	var was, now strings.Builder
	for line := range strings.Lines(diff) {
		switch line[0] {
		case '-':
			was.WriteString(line[1:])
		case '+':
			now.WriteString(line[1:])
		}
	}
	text, err := os.ReadFile(filepath.Join(r.dir, file))
	if err != nil || strings.Count(string(text), was.String()) != 1 {
		r.t.Fatalf("%s does not have once, %v:\n%s", file, err, was.String())
	}
	r.write(file, strings.Replace(string(text), was.String(), now.String(), 1))
}

// commands runs each, and returns the block as it should be.
func (r *reader) commands(body, keys string) string {
	var out strings.Builder
	for i, part := range strings.Split("\n"+body, "\n$ ") {
		if i == 0 {
			continue
		}
		command, want, _ := strings.Cut(part, "\n")
		if want != "" && !strings.HasSuffix(want, "\n") {
			want += "\n"
		}
		got := r.run(command, keys)
		if !matches(want, got) && !*update {
			r.t.Errorf("$ %s\nprints\n%s\nand the tutorial says\n%s", command, got, want)
		}
		if !matches(want, got) {
			want = got
		}
		fmt.Fprintf(&out, "$ %s\n%s", command, want)
	}
	return out.String()
}

func (r *reader) run(command, keys string) string {
	if dir, found := strings.CutPrefix(command, "cd "); found {
		r.dir = filepath.Join(r.dir, dir)
		return ""
	}
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir, cmd.Env, cmd.Stdin = r.dir, r.env, strings.NewReader(keys)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		r.t.Fatalf("$ %s: %v\n%s%s", command, err, out, errs.String())
	}
	return strings.ReplaceAll(string(out), r.dir, "…")
}

var varying = regexp.MustCompile(`\b\d+(?:\.\d+)?(?:ms|s)\b|go1\.[\d.]+|\S+/(?:amd64|arm64)|[0-9a-f]{7} \([-0-9: ]+\)|(?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d|, (?:not in git|commit [0-9a-f]{12})`)

// matches reports whether got is what want says, with … for anything.
func matches(want, got string) bool {
	var pattern strings.Builder
	for line := range strings.Lines(want) {
		if strings.TrimSpace(line) == "…" {
			pattern.WriteString("(?s:.*?)")
			continue
		}
		parts := strings.Split(varying.ReplaceAllString(line, "…"), "…")
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		pattern.WriteString(strings.Join(parts, ".*?"))
	}
	return regexp.MustCompile(`\A` + pattern.String() + `\z`).MatchString(got)
}

// strangerEnv is the environment of somebody who has just installed isf, but for
// the modules, which are taken from the cache of whoever runs this test.
func strangerEnv(t *testing.T) []string {
	home, bin := t.TempDir(), t.TempDir()
	install := exec.Command("go", "build", "-o", filepath.Join(bin, exe("isf")), "./cmd/isf")
	install.Dir = repository()
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	env := []string{"HOME=" + home, "PATH=" + bin + string(filepath.ListSeparator) + os.Getenv("PATH"), "NO_COLOR=1", "GOPROXY=off", "GOFLAGS=", "COLUMNS=100", "TZ=UTC"}
	for name, value := range goEnv(t, "GOCACHE", "GOMODCACHE", "GOROOT") {
		env = append(env, name+"="+value)
	}
	return env
}
