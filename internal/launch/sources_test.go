package launch

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestTheDigestFollowsWhatABuildReads(t *testing.T) {
	t.Setenv("GOWORK", "off")
	root := filepath.Join(project(t), "inner")
	at := func(name string) string { return filepath.Join(root, name) }
	write(t, at("go.mod"), "module m\n\nreplace (\n\ta v1.0.0 => \"../beside\" // local\n\tb => example.com/b v1.2.3\n)\nreplace c => ./in\n")
	write(t, at("main.go"), "package m\n\n//go:embed data \"a file.txt\"\n//go:embed all:hidden\nvar fs embed.FS\n")
	write(t, at("data/deep/x.txt"), "x")
	write(t, at("data/.swp"), "x")
	write(t, at("hidden/.x"), "x")
	write(t, at("a file.txt"), "x")
	write(t, at("in/go.mod"), "module c\n")
	write(t, at("in/c.go"), "package c\n")
	write(t, at("../beside/a.go"), "package a\n")
	last := current(t, root)
	for _, tc := range []struct {
		name    string
		changes bool
	}{
		{"main.go", true},
		{"go.mod", true},
		{"go.sum", true},
		{"new.go", true},
		{"asm.s", true},
		{"vendor/v/v.go", true},
		{"data/deep/x.txt", true},
		{"data/deep/y.txt", true},
		{"a file.txt", true},
		{"hidden/.x", true},
		{"in/c.go", true},
		{"../beside/a.go", true},
		{"main_test.go", false},
		{"README.md", false},
		{"data/.swp", false},
		{".isf/x.go", false},
		{".git/x.go", false},
		{"node_modules/x.go", false},
		{"_old/x.go", true}, // Go can import these three
		{"testdata/x.go", true},
		{"training/x.go", true},
		{"other/go.mod", false},
		{"other/x.go", false},
	} {
		old, _ := os.ReadFile(at(tc.name))
		write(t, at(tc.name), string(old)+"// more\n")
		got := current(t, root)
		if changed := got != last; changed != tc.changes {
			t.Errorf("an edit of %s changed the digest: %v, want %v", tc.name, changed, tc.changes)
		}
		last = got
	}
	write(t, at("main.go"), "package m\n")
	if current(t, root) == last {
		t.Error("the digest is the same without the embedded files")
	}
}

// Go compiles files behind links, and imports folders behind links and testdata.
func TestAnEditBehindALinkIsCompiled(t *testing.T) {
	root, beside := project(t), t.TempDir()
	lib := filepath.Join(beside, "lib")
	write(t, filepath.Join(lib, "lib.go"), "package lib\n\nconst Version = 1\n")
	write(t, filepath.Join(root, "testdata/more/more.go"), "package more\n\nconst Version = 1\n")
	write(t, filepath.Join(beside, "version.go"), "package pipelines\n\nimport (\n\t\"example.com/small/lib\"\n\t\"example.com/small/testdata/more\"\n)\n\nconst Version = 100 + 10*lib.Version + more.Version\n")
	version := filepath.Join(root, "pipelines/version.go")
	if err := os.Remove(version); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{version: filepath.Join(beside, "version.go"), filepath.Join(root, "lib"): lib, filepath.Join(lib, "circle"): beside} {
		if err := os.Symlink(to, from); err != nil {
			t.Skip(err) // Windows asks for a privilege
		}
	}
	if got := launchIn(t, root); !strings.HasPrefix(got, "fresh 111 ") {
		t.Fatal(got)
	}
	for _, edit := range []struct{ file, from, to, want string }{
		{filepath.Join(lib, "lib.go"), "= 1", "= 2", "fresh 121 "},
		{filepath.Join(beside, "version.go"), "100", "200", "fresh 221 "},
		{filepath.Join(root, "testdata/more/more.go"), "= 1", "= 3", "fresh 223 "},
	} {
		text, err := os.ReadFile(edit.file)
		if err != nil {
			t.Fatal(err)
		}
		write(t, edit.file, strings.Replace(string(text), edit.from, edit.to, 1))
		if got := launchIn(t, root); !strings.HasPrefix(got, edit.want) {
			t.Errorf("got %q after an edit of %s, want %q", got, filepath.Base(edit.file), edit.want)
		}
	}
}

func TestTagsInGOFLAGSChooseTheCode(t *testing.T) {
	root := project(t)
	write(t, filepath.Join(root, "pipelines/version.go"), "//go:build !next\n\npackage pipelines\n\nconst Version = 1\n")
	write(t, filepath.Join(root, "pipelines/next.go"), "//go:build next\n\npackage pipelines\n\nconst Version = 2\n")
	for _, tc := range []struct{ flags, want string }{{"", "fresh 1 "}, {"-tags=next", "fresh 2 "}, {"", "fresh 1 "}} {
		if got := launchIn(t, root, "GOFLAGS="+tc.flags); !strings.HasPrefix(got, tc.want) {
			t.Errorf("got %q with GOFLAGS=%s, want %q", got, tc.flags, tc.want)
		}
	}
}

// Modules that were vendored are compiled without a network and without a cache
// of modules, and an edit of one is compiled, too.
func TestVendoredModulesBuildOffline(t *testing.T) {
	root, beside := project(t), filepath.Join(t.TempDir(), "dep")
	write(t, filepath.Join(beside, "go.mod"), "module example.com/dep\n\ngo 1.21\n")
	write(t, filepath.Join(beside, "dep.go"), "package dep\n\nconst Version = 1\n")
	write(t, filepath.Join(root, "pipelines/version.go"), "package pipelines\n\nimport \"example.com/dep\"\n\nconst Version = dep.Version\n")
	write(t, filepath.Join(root, "go.mod"), "module example.com/small\n\ngo 1.21\n\nrequire example.com/dep v0.0.0\n\nreplace example.com/dep => "+strconv.Quote(filepath.ToSlash(beside))+"\n")
	offline := []string{"GOPROXY=off", "GOMODCACHE=" + t.TempDir(), "GOFLAGS=-mod=vendor", "GOWORK=off"}
	vendor := exec.Command("go", "mod", "vendor")
	vendor.Dir, vendor.Env = root, append(os.Environ(), "GOPROXY=off", "GOFLAGS=", "GOWORK=off")
	if out, err := vendor.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := os.RemoveAll(beside); err != nil {
		t.Fatal(err)
	}
	if got := launchIn(t, root, offline...); !strings.HasPrefix(got, "fresh 1 ") {
		t.Fatalf("got %q, want the vendored module compiled", got)
	}
	write(t, filepath.Join(root, "vendor/example.com/dep/dep.go"), "package dep\n\nconst Version = 2\n")
	if got := launchIn(t, root, offline...); !strings.HasPrefix(got, "fresh 2 ") {
		t.Errorf("got %q after an edit of the vendored module", got)
	}
}

func TestAWorkspaceAddsItsFolders(t *testing.T) {
	root := project(t)
	beside := t.TempDir()
	write(t, filepath.Join(beside, "lib.go"), "package lib\n")
	work := filepath.Join(root, "go.work")
	t.Setenv("GOWORK", work)
	write(t, work, "go 1.21\n\nuse .\nuse "+fmt.Sprintf("%q", filepath.ToSlash(beside))+"\n")
	last := current(t, root)
	write(t, filepath.Join(beside, "lib.go"), "package lib // edited\n")
	if current(t, root) == last {
		t.Error("an edit in a folder of the workspace left the digest as it was")
	}
}

func TestTheDigestIsTheSameWhereverTheProjectLies(t *testing.T) {
	t.Setenv("GOWORK", "off")
	if a, b := current(t, project(t)), current(t, project(t)); a != b {
		t.Errorf("got %s and %s for equal projects", a, b)
	}
}

func TestAStampThatIsTooYoungIsNotTrusted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.go")
	write(t, path, "package x\n\n//go:embed a b\nvar x string\n")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	now := info.ModTime().Add(time.Second)
	c := &statCache{now: func() time.Time { return now }, files: map[string]cached{}}
	if _, err := c.look(path, info); err != nil || len(c.files) != 0 {
		t.Errorf("got %v (%v) for a file changed a second ago, want nothing remembered", c.files, err)
	}
	now = now.Add(time.Minute)
	f, err := c.look(path, info)
	if err != nil || len(c.files) != 1 || !slices.Equal(f.Embeds, []string{"a", "b"}) {
		t.Errorf("got %v (%v) a minute later, want it remembered", c.files, err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if again, err := c.look(path, info); err != nil || again.Digest != f.Digest {
		t.Errorf("got %v (%v), want the digest without reading the file", again, err)
	}
}

func TestADamagedCacheIsForgotten(t *testing.T) {
	t.Setenv("GOWORK", "off")
	root := project(t)
	want := current(t, root)
	write(t, filepath.Join(root, ".isf/bin/sources.json"), `{"format": "isf sources 1\n", "files": {"x": `)
	if got := current(t, root); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func BenchmarkDigestWarm(b *testing.B) {
	b.Setenv("GOWORK", "off")
	root := b.TempDir()
	old := time.Now().Add(-time.Hour)
	for i := range 200 {
		path := filepath.Join(root, fmt.Sprintf("p%d/f%d.go", i/10, i))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(path, fmt.Appendf(nil, "package p\n\nconst x = %d\n", i), 0o644); err != nil {
			b.Fatal(err)
		}
		if err := os.Chtimes(path, old, old); err != nil {
			b.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "go.mod"), []byte("module m\n"), 0o644); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s, err := openSources(root, filepath.Join(root, ".isf/bin/sources.json"))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.digest(); err != nil {
			b.Fatal(err)
		}
	}
}
