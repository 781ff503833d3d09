package launch

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
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
		{"_old/x.go", false},
		{"testdata/x.go", false},
		{"node_modules/x.go", false},
		{"training/x.go", false},
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
