package graph

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func hexOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func TestAFilesDigestIsTheBeginningOfItsSHA256(t *testing.T) {
	p := newProject(t, map[string]string{"a.txt": "hello\n"})
	short, err := p.FileDigest("a.txt")
	if want := hexOf("hello\n")[:16]; err != nil || short != want {
		t.Errorf("FileDigest: got %s, %v; want %s", short, err, want)
	}
	full, err := p.FullDigest("./a.txt")
	if want := hexOf("hello\n"); err != nil || full != want {
		t.Errorf("FullDigest: got %s, %v; want %s", full, err, want)
	}
}

func TestAFoldersDigestIsOverPathsThenBytes(t *testing.T) {
	p := newProject(t, map[string]string{
		"docs/b.md": "B", "docs/a/c.md": "C", "docs/a-b.md": "D", "docs/.git/x": "no", "docs/.hidden": "H", "other": "O",
	})
	want := hexOf(".hidden" + "H" + "a-b.md" + "D" + "a/c.md" + "C" + "b.md" + "B")[:16]
	for _, in := range []Input{Dir{"d", "docs"}, Dir{"d", "docs/"}, File{"d", "docs"}} {
		if got := p.part(in).Digest; got != want {
			t.Errorf("%v: got %s, want %s", in, got, want)
		}
	}
	want = hexOf("docs/a-b.md" + "D" + "docs/a/c.md" + "C" + "docs/b.md" + "B")[:16]
	for _, in := range []Input{Glob{"g", "docs/**/*.md"}, Files{"f", "three", []string{"docs/b.md", "docs/a/c.md", "docs/a-b.md"}}} {
		if got := p.part(in).Digest; got != want {
			t.Errorf("%v: got %s, want %s", in, got, want)
		}
	}
}

func TestWhatIsNotThereIsMissing(t *testing.T) {
	p := newProject(t, nil)
	for _, in := range []Input{File{"x", "no"}, Dir{"x", "no/no"}, Files{"x", "r", []string{"no"}}, PromptFiles{Attr: "x", Ref: "no", Paths: []string{"no"}}} {
		if part := p.part(in); !part.Missing || part.Digest != "" {
			t.Errorf("%v: got %+v, want a missing part", in, part)
		}
	}
	if part := p.part(Glob{"x", "no/*.md"}); part.Missing {
		t.Error("a pattern that matches nothing is missing; want an empty set of files")
	}
}

func TestAnEmptyPathIsNotTheWholeProject(t *testing.T) {
	p := newProject(t, nil)
	for _, in := range []Input{File{Attr: "x"}, Dir{Attr: "x"}, Glob{Attr: "x"}} {
		if part, err := in.Part(p.Reader); err == nil {
			t.Errorf("%T: got %+v, want an error", in, part)
		}
	}
}

func TestNothingOutsideTheRootIsRead(t *testing.T) {
	p := newProject(t, map[string]string{"in.txt": "in"})
	outside := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(outside, []byte("s"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, p.path("link")); err != nil {
		t.Skip(err)
	}
	if err := os.Symlink("in.txt", p.path("inner")); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"../secret", outside, "link", "a/../../secret"} {
		if _, err := p.FileDigest(path); err == nil {
			t.Errorf("%s was read", path)
		}
		if _, err := p.snapshot().FileDigest(path); err == nil {
			t.Errorf("%s was read by a snapshot", path)
		}
	}
	if got, err := p.FileDigest("inner"); err != nil || got != hexOf("in")[:16] {
		t.Errorf("a link inside the root: got %s, %v", got, err)
	}
}

// swap replaces bytes without changing size or time, as far as programs can.
func (p *project) swap(name, text string) {
	p.t.Helper()
	info, err := os.Stat(p.path(name))
	if err != nil {
		p.t.Fatal(err)
	}
	p.write(name, text)
	if err := os.Chtimes(p.path(name), info.ModTime(), info.ModTime()); err != nil {
		p.t.Fatal(err)
	}
}

func TestAnEditIsSeenThoughSizeAndTimeAreEqual(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("nothing tells the two apart")
	}
	p := newProject(t, map[string]string{"a": "one"})
	if _, err := p.FileDigest("a"); err != nil {
		t.Fatal(err)
	}
	p.swap("a", "two")
	if got, _ := p.FileDigest("a"); got != hexOf("two")[:16] {
		t.Errorf("got the digest of the old bytes")
	}
}

func TestAnOldFileIsReadOnce(t *testing.T) {
	p := newProject(t, map[string]string{"a": "one"})
	first, _ := p.file("a")
	if err := p.Save(); err != nil {
		t.Fatal(err)
	}
	p.reopen()
	again, _ := p.file("a")
	if first.hashed != again.hashed {
		t.Error("an unchanged file was read twice")
	}
}

func TestAYoungFileIsNotTrusted(t *testing.T) {
	p := newProject(t, map[string]string{"a": "one"})
	p.now = time.Now // the file is younger than the window
	first, _ := p.file("a")
	again, _ := p.file("a")
	if first.hashed == again.hashed {
		t.Error("a file as young as its hash was trusted")
	}
}

func TestASnapshotBelievesWhatItSaw(t *testing.T) {
	p := newProject(t, map[string]string{"a": "one", "d/b": "B"})
	s := p.snapshot()
	before, _ := s.FileDigest("a")
	tree := func() string { part, _ := (Dir{"d", "d"}).Part(s); return part.Digest }
	folder := tree()
	p.write("a", "changed")
	p.write("d/c", "C")
	if after, _ := s.FileDigest("a"); after != before || tree() != folder {
		t.Error("a snapshot saw a later change")
	}
	if after, _ := p.FileDigest("a"); after == before {
		t.Error("the reader did not see the change")
	}
}

func TestADamagedStatCacheIsIgnored(t *testing.T) {
	p := newProject(t, map[string]string{"a.md": "# A\ntext", "d/x": "X", "d/y": "Y"})
	p.part(File{"a", "a.md"})
	p.part(Dir{"d", "d"})
	if err := p.Save(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(p.path(".isf/stat"))
	if err != nil {
		t.Fatal(err)
	}
	if files, trees := decodeStats(whole); len(files) != 3 || len(trees) != 1 {
		t.Fatalf("saved %d files and %d trees, want 3 and 1", len(files), len(trees))
	}
	for i := range whole {
		if files, _ := decodeStats(whole[:i]); files != nil {
			t.Fatalf("believed the first %d of %d bytes", i, len(whole))
		}
		flipped := bytes.Clone(whole)
		flipped[i] ^= 1
		if files, _ := decodeStats(flipped); files != nil {
			t.Fatalf("believed a cache whose byte %d was flipped", i)
		}
	}
	p.write(".isf/stat", "garbage")
	p.reopen()
	if got := p.part(File{"a", "a.md"}).Digest; got != hexOf("# A\ntext")[:16] {
		t.Errorf("after damage: got %s", got)
	}
}

func TestACacheThatCannotBeKeptHurtsNobody(t *testing.T) {
	p := newProject(t, map[string]string{"a": "one", ".isf": "a file where a folder is needed"})
	if got, err := p.FileDigest("a"); err != nil || got != hexOf("one")[:16] {
		t.Errorf("got %s, %v", got, err)
	}
	if err := p.Save(); err == nil {
		t.Error("Save did not tell that it could not")
	}
}

func TestManyGoroutinesMayRead(t *testing.T) {
	files := make(map[string]string)
	for i := range 600 {
		files[fmt.Sprintf("d%d/f%d.md", i%150, i)] = strings.Repeat("x", i)
	}
	p := newProject(t, files)
	want := p.part(Dir{"d", "."})
	s := p.snapshot()
	defer s.seen.forgetFolders()
	err := inParallel(8, 1, func(int) error {
		got, err := (Dir{"d", "."}).Part(s)
		if err == nil && got.Digest != want.Digest {
			err = fmt.Errorf("got %s, want %s", got.Digest, want.Digest)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
