package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// surrounded is a project with what was built in it.
func surrounded(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := writeOdd(dir, "", 5); err != nil {
		t.Fatal(err)
	}
	mustISF(t, dir, "build", "plain")
	return dir
}

func mustISF(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := command(dir, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return string(out)
}

// A clock that was set back, or files from the future, make nothing current
// that is not, and nothing stale that is.
func TestTimesOfFilesDecideNothing(t *testing.T) {
	dir := surrounded(t)
	seeds := filepath.Join(dir, "seeds.jsonl")
	for _, when := range []time.Duration{-20 * 365 * 24 * time.Hour, 48 * time.Hour, -time.Hour} {
		at := time.Now().Add(when)
		if err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
			if err != nil {
				return err
			}
			return os.Chtimes(path, at, at)
		}); err != nil {
			t.Fatal(err)
		}
		want(t, mustISF(t, dir, "status", "plain"), "CURRENT")
		want(t, mustISF(t, dir, "build", "plain"), "Nothing to do")

		// An edit of the same length whose time says that there was none.
		text := read(t, dir, "seeds.jsonl")
		info, err := os.Stat(seeds)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(seeds, []byte(strings.Replace(text, "What", "That", 1)), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(seeds, info.ModTime(), info.ModTime()); err != nil {
			t.Fatal(err)
		}
		want(t, mustISF(t, dir, "status", "plain"), "STALE", "File 'seeds' content changed")
		if err := os.WriteFile(seeds, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		want(t, mustISF(t, dir, "status", "plain"), "CURRENT")
	}
}

// In a project that cannot be written to everything can be looked at, and a
// build says why it cannot be.
func TestAProjectThatCannotBeWrittenTo(t *testing.T) {
	if os.Geteuid() == 0 || runtime.GOOS == "windows" {
		t.Skip("whoever runs this may write everywhere; the script of a read-only mount needs leave to mount")
	}
	dir := surrounded(t)
	locked(t, dir)
	for _, args := range [][]string{{"status", "plain"}, {"sample", "plain"}, {"plan", "plain"}, {"show", "plain:seed-1"}, {"why", "plain"}} {
		mustISF(t, dir, args...)
	}
	out, err := command(dir, "build", "plain", "--force").CombinedOutput()
	if err == nil {
		t.Fatalf("a build in a project that cannot be written to succeeds:\n%s", out)
	}
	want(t, string(out), "permission denied")
}

// locked takes away the leave to write, and gives it back at the end.
func locked(t *testing.T, dir string) {
	t.Helper()
	set := func(mode os.FileMode) {
		_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err == nil && d.IsDir() {
				err = os.Chmod(path, mode)
			}
			return err
		})
	}
	set(0o555)
	t.Cleanup(func() { set(0o755) })
}

// A link to a file of the project is that file: an edit of it is one of the
// input. One that leads out of the project is refused, with its name.
func TestLinksAreFollowedInsideTheProjectOnly(t *testing.T) {
	dir := surrounded(t)
	seeds := filepath.Join(dir, "seeds.jsonl")
	inside := filepath.Join(dir, "real.jsonl")
	if err := os.Rename(seeds, inside); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("real.jsonl", seeds); err != nil {
		t.Skipf("this system makes no links: %v", err)
	}
	want(t, mustISF(t, dir, "status", "plain"), "CURRENT")
	if err := os.WriteFile(inside, []byte(seedLines(0, 6)), 0o644); err != nil {
		t.Fatal(err)
	}
	want(t, mustISF(t, dir, "status", "plain"), "STALE")
	want(t, mustISF(t, dir, "build", "plain"), "6 samples")

	outside := filepath.Join(t.TempDir(), "secret.jsonl")
	if err := os.Rename(inside, outside); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(seeds); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, seeds); err != nil {
		t.Fatal(err)
	}
	out, err := command(dir, "build", "plain").CombinedOutput()
	if err == nil {
		t.Fatalf("a build reads what is outside the project:\n%s", out)
	}
	want(t, string(out), "seeds.jsonl")
	if strings.Contains(string(out), "goroutine ") {
		t.Errorf("the output is\n%s", out)
	}
}

// A project that is reached by a link is the same project.
func TestAProjectBehindALinkIsTheSameProject(t *testing.T) {
	dir := surrounded(t)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Skipf("this system makes no links: %v", err)
	}
	manifest := read(t, dir, "training/data/plain.manifest.json")
	want(t, mustISF(t, link, "status", "plain"), "CURRENT")
	want(t, mustISF(t, t.TempDir(), "status", "plain", "-p", link), "CURRENT")
	want(t, mustISF(t, link, "build", "plain"), "Nothing to do")
	want(t, mustISF(t, link, "build", "plain", "--force"), "0 asked, 5 from the cache")
	if now := read(t, dir, "training/data/plain.manifest.json"); now != manifest {
		t.Errorf("built by its link, the manifest is\n%s\nwant\n%s", now, manifest)
	}
	want(t, mustISF(t, dir, "status", "plain"), "CURRENT")
}

// An output that is a link is replaced, and what it leads to stays as it is. A
// folder of outputs that leads out of the project is refused, with its name.
func TestABuildWritesThroughNoLink(t *testing.T) {
	dir := surrounded(t)
	output := filepath.Join(dir, "training/data/plain.jsonl")
	rows := read(t, dir, "training/data/plain.jsonl")
	outside := t.TempDir()
	theirs := filepath.Join(outside, "theirs.jsonl")
	if err := os.Rename(output, theirs); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(theirs, output); err != nil {
		t.Skipf("this system makes no links: %v", err)
	}
	out, err := command(dir, "status", "plain").CombinedOutput()
	if err == nil && strings.Contains(string(out), "CURRENT") {
		t.Errorf("an output outside the project is called current:\n%s", out)
	}
	if err := os.Remove(output); err != nil {
		t.Fatal(err)
	}
	inside := filepath.Join(dir, "elsewhere.jsonl")
	if err := os.WriteFile(inside, []byte(rows), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../../elsewhere.jsonl", output); err != nil {
		t.Fatal(err)
	}
	want(t, mustISF(t, dir, "status", "plain"), "CURRENT")
	if err := os.WriteFile(filepath.Join(dir, "seeds.jsonl"), []byte(seedLines(0, 6)), 0o644); err != nil {
		t.Fatal(err)
	}
	want(t, mustISF(t, dir, "build", "plain"), "6 samples", "1 asked")
	if info, err := os.Lstat(output); err != nil || !info.Mode().IsRegular() {
		t.Errorf("the output is %v, %v; want a file", info, err)
	}
	for _, path := range []string{theirs, inside} {
		if text, err := os.ReadFile(path); err != nil || string(text) != rows {
			t.Errorf("a build wrote through a link to %s", path)
		}
	}

	if err := os.Rename(filepath.Join(dir, "training/data"), filepath.Join(outside, "data")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(outside, "data"), filepath.Join(dir, "training/data")); err != nil {
		t.Fatal(err)
	}
	out, err = command(dir, "build", "plain", "--force").CombinedOutput()
	if err == nil {
		t.Fatalf("a build writes outside the project:\n%s", out)
	}
	want(t, string(out), "training/data")
}

// A file whose name changes only in its case is another file, or the same one,
// as the disk has it; and no state is wrong for it.
func TestRenamesThatChangeTheCaseOnly(t *testing.T) {
	dir := surrounded(t)
	output := filepath.Join(dir, "training/data/plain.jsonl")
	rows := read(t, dir, "training/data/plain.jsonl")
	if err := os.Rename(output, filepath.Join(dir, "training/data/Plain.jsonl")); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(output); err != nil {
		want(t, mustISF(t, dir, "status", "plain"), "MISSING", "Output file missing")
	}
	mustISF(t, dir, "build", "plain", "--offline")
	if got := read(t, dir, "training/data/plain.jsonl"); got != rows {
		t.Errorf("built again from the cache it is\n%s\nwant\n%s", got, rows)
	}
	seeds, renamed := filepath.Join(dir, "seeds.jsonl"), filepath.Join(dir, "Seeds.jsonl")
	if err := os.Rename(seeds, renamed); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(seeds); err == nil {
		want(t, mustISF(t, dir, "status", "plain"), "CURRENT")
	} else {
		want(t, mustISF(t, dir, "status", "plain"), "STALE", "seeds.jsonl")
		out, err := command(dir, "build", "plain").CombinedOutput()
		if err == nil {
			t.Fatalf("a build without its input succeeds:\n%s", out)
		}
		want(t, string(out), "seeds.jsonl does not exist")
	}
	if err := os.Rename(renamed, seeds); err != nil {
		t.Fatal(err)
	}
	want(t, mustISF(t, dir, "status", "plain"), "CURRENT")
	if got := mustISF(t, dir, "build", "plain"); !strings.Contains(got, "Nothing to do") {
		t.Errorf("after both renames a build says %q", got)
	}
}

// A manifest that a newer isf wrote is told, and not taken for one that is not
// there.
func TestAManifestOfANewerFormatIsTold(t *testing.T) {
	dir := surrounded(t)
	name := filepath.Join(dir, "training/data/plain.manifest.json")
	text := strings.Replace(read(t, dir, "training/data/plain.manifest.json"), `"format": 1`, `"format": 2`, 1)
	text = regexp.MustCompile(`,\s+"checksum": "[0-9a-f]+"`).ReplaceAllString(text, "")
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	want(t, mustISF(t, dir, "status", "plain"), "Manifest was written by a newer isf", "has format 2; update isf")
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
