package graph

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"testing"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

func TestWriteFileReplacesWholeFilesAndMakesFolders(t *testing.T) {
	p := newProject(t, nil)
	for _, want := range []string{"first", "second, longer", "3"} {
		if err := WriteFile(p.Reader.root, "a/b/c.json", text(want)); err != nil {
			t.Fatal(err)
		}
		if got, _ := os.ReadFile(p.path("a/b/c.json")); string(got) != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestAFailedWriteLeavesTheOldFileAlone(t *testing.T) {
	p := newProject(t, map[string]string{"a/out": "old"})
	stop := errors.New("stop")
	err := WriteFile(p.Reader.root, "a/out", func(w io.Writer) error {
		io.WriteString(w, "half")
		return stop
	})
	if !errors.Is(err, stop) {
		t.Errorf("got %v, want the writer's error", err)
	}
	if got, _ := os.ReadFile(p.path("a/out")); string(got) != "old" {
		t.Errorf("got %q, want the old file", got)
	}
	if left, _ := os.ReadDir(p.path("a")); len(left) != 1 {
		t.Errorf("a failed write left %v", left)
	}
}

func TestWriteFileStaysInsideTheRoot(t *testing.T) {
	p := newProject(t, map[string]string{"file": "x"})
	if err := os.Symlink(t.TempDir(), p.path("out")); err != nil {
		t.Skip(err)
	}
	for _, path := range []string{"../x", "out/x", "file/x"} {
		if err := WriteFile(p.Reader.root, path, text("x")); err == nil {
			t.Errorf("wrote %s", path)
		}
	}
}

func TestSweepRemovesWhatKilledWritersLeft(t *testing.T) {
	p := newProject(t, map[string]string{
		"d/out.jsonl": "keep", "d/.out.jsonl.ABCDEFGH" + tempSuffix: "half", "d/.other.jsonl.ABCDEFGH" + tempSuffix: "another's",
	})
	if err := Sweep(p.Reader.root, "d/out.jsonl"); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(p.path("d")); len(left) != 2 {
		t.Errorf("left %v, want the output and another's file", left)
	}
	if err := Sweep(p.Reader.root, "nowhere/out.jsonl"); err != nil {
		t.Errorf("a folder that is not there: %v", err)
	}
}

// The temporary name of a file says nothing to anybody; its folder does.
func TestAFileThatCannotBeMadeNamesTheFolder(t *testing.T) {
	p := newProject(t, nil)
	_, err := create(p.Reader.root, "gone/out.jsonl", durable)
	if want := "no file can be made in gone: no such file or directory"; err == nil || err.Error() != want || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want %s", err, want)
	}
}
