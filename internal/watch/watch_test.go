package watch

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// scripted is a watcher at each of whose pauses one of the steps happens; after
// the last one it is stopped.
func scripted(t *testing.T, steps ...func(dir string)) *Watcher {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "prompts/question.md", "one")
	w, err := New(dir)
	if err != nil {
		t.Fatal(err)
	}
	w.wait = func(context.Context, time.Duration) error {
		if len(steps) == 0 {
			return errStopped
		}
		steps[0](dir)
		steps = steps[1:]
		return nil
	}
	return w
}

var errStopped = errors.New("stopped")

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

func nothing(string) {}

func TestSeveralSavesInARowAreOneChange(t *testing.T) {
	looks := 0
	w := scripted(
		t, nothing,
		func(dir string) { write(t, dir, "prompts/question.md", "longer") },
		func(dir string) { write(t, dir, "isf.yaml", "x: 1") },
		func(dir string) { looks++ },
		func(dir string) { looks++ },
	)
	got, err := w.Next(t.Context())
	if want := []string{"isf.yaml", "prompts/question.md"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	if looks != 1 {
		t.Errorf("it looked %d times after the last save, want once", looks)
	}
}

func TestHiddenFilesAndBackupsAreNoChange(t *testing.T) {
	w := scripted(t, func(dir string) {
		for _, name := range []string{".isf/stat", ".git/index", "prompts/.question.md.swp", "prompts/question.md~", "node_modules/a.js"} {
			write(t, dir, name, "x")
		}
	}, nothing)
	if got, err := w.Next(t.Context()); !errors.Is(err, errStopped) {
		t.Errorf("got %v, %v; want nothing until it is stopped", got, err)
	}
}

func TestWhatABuildWritesIsNoChange(t *testing.T) {
	w := scripted(t, func(dir string) {
		for _, name := range []string{"data/a.b.jsonl", "data/a.b.manifest.json", "data/a.b.errors.jsonl", "registry.json", "registry.manifest.json", "dev/full.txt", "dev/full.manifest.json"} {
			write(t, dir, name, "x")
		}
		write(t, dir, "data/a.b.decisions.jsonl", "x")
		write(t, dir, "data/a.jsonl", "x")
	}, nothing)
	got, err := w.Next(t.Context())
	if want := []string{"data/a.b.decisions.jsonl", "data/a.jsonl"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

func TestWhatTheCallerWritesIsNoChange(t *testing.T) {
	w := scripted(t, func(dir string) { write(t, dir, "log", "longer") }, nothing)
	write(t, w.dir, "log", "x")
	info, err := os.Stat(filepath.Join(w.dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	w.not = append(w.not, info)
	if got, err := w.Next(t.Context()); !errors.Is(err, errStopped) {
		t.Errorf("got %v, %v; want nothing", got, err)
	}
}

func TestAFileThatGoesIsAChange(t *testing.T) {
	w := scripted(t, func(dir string) { _ = os.Remove(filepath.Join(dir, "prompts", "question.md")) }, nothing)
	got, err := w.Next(t.Context())
	if err != nil || !slices.Equal(got, []string{"prompts/question.md"}) {
		t.Errorf("got %v, %v; want the file that went", got, err)
	}
}

func TestWhatIsSavedBetweenTwoCallsIsSeen(t *testing.T) {
	w := scripted(
		t,
		func(dir string) { write(t, dir, "a.md", "1") }, nothing,
		nothing, nothing,
	)
	if _, err := w.Next(t.Context()); err != nil {
		t.Fatal(err)
	}
	write(t, w.dir, "b.md", "1") // while somebody deals with the first change
	got, err := w.Next(t.Context())
	if err != nil || !slices.Equal(got, []string{"b.md"}) {
		t.Errorf("got %v, %v; want b.md", got, err)
	}
}

func TestASaveThatIsUndoneBeforeItSettlesIsNoChange(t *testing.T) {
	w := scripted(t, func(dir string) { write(t, dir, "a.md", "1") }, func(dir string) { _ = os.Remove(filepath.Join(dir, "a.md")) }, nothing)
	if got, err := w.Next(t.Context()); !errors.Is(err, errStopped) {
		t.Errorf("got %v, %v; want nothing", got, err)
	}
}

func TestCtrlCEndsIt(t *testing.T) {
	w, err := New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errStopped)
	if _, err := w.Next(ctx); !errors.Is(err, errStopped) {
		t.Errorf("got %v, want the cause of the end", err)
	}
}
