package doctor

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/identity-shaping/isf/internal/term"
)

// Answers of a large build take some hundred megabytes; a build that meets a
// full disk stops and loses nothing, but it stops.
const (
	littleSpace = 200 << 20
	someSpace   = 2 << 30
)

func (f Folder) disk(context.Context) []Finding {
	free, err := freeBytes(f.Root)
	switch {
	case err != nil:
		return []Finding{{"disk", Look, "its free space cannot be told: " + err.Error(), ""}}
	case free < littleSpace:
		return []Finding{{"disk", Bad, term.Bytes(free) + " are free", "make room: a build stops at a full disk (what was answered is kept)"}}
	case free < someSpace:
		return []Finding{{"disk", Look, term.Bytes(free) + " are free", "make room before a large build"}}
	}
	return []Finding{ok("disk", "%s are free", term.Bytes(free))}
}

// fileSystem tries what isf relies on: locks between processes, replacing a
// file by renaming, and times that tell an edit.
func (f Folder) fileSystem(context.Context) []Finding {
	dir, err := os.MkdirTemp(f.Root, ".isf-doctor-")
	if err != nil {
		return []Finding{{"files", Bad, "nothing can be written here: " + err.Error(), "change the owner or the permissions of the project's folder"}}
	}
	defer os.RemoveAll(dir)
	var all []Finding
	if kind := remoteKind(f.Root); kind != "" {
		all = append(all, Finding{"files", Look, "the project lies on " + kind + ", where locks and syncs depend on a server", "build on a local disk if you can; never build from two machines at once"})
	}
	for _, probe := range []func(string) *Finding{probeLock, probeRename, probeTimes} {
		if found := probe(dir); found != nil {
			all = append(all, *found)
		}
	}
	if len(all) == 0 {
		note := "locks, renames and times work"
		if _, err := os.Stat(filepath.Join(f.Root, strings.ToUpper(filepath.Base(dir)))); err == nil {
			note += "; upper and lower case are one here, so let no two files differ in that alone"
		}
		all = append(all, ok("files", "%s", note))
	}
	return all
}

func probeLock(dir string) *Finding {
	one, two := flock.New(filepath.Join(dir, "lock")), flock.New(filepath.Join(dir, "lock"))
	defer one.Close()
	defer two.Close()
	first, err := one.TryLock()
	second, _ := two.TryLock()
	if err != nil || !first || second {
		return &Finding{"files", Bad, "the file system does not lock files, so two builds could write one target", "move the project to a local disk"}
	}
	return nil
}

func probeRename(dir string) *Finding {
	from, to := filepath.Join(dir, "new"), filepath.Join(dir, "old")
	write := func(path, text string) error { return os.WriteFile(path, []byte(text), 0o600) }
	err := write(to, "old")
	if err == nil {
		err = write(from, "new")
	}
	if err == nil {
		err = os.Rename(from, to)
	}
	if text, _ := os.ReadFile(to); err != nil || string(text) != "new" {
		return &Finding{"files", Bad, "a file cannot be replaced by renaming another", "move the project to a local disk, or stop what holds files open (a sync client, a virus scanner)"}
	}
	return nil
}

// probeTimes finds file systems with coarse times. isf reads young files again
// there, which is slower and as right.
func probeTimes(dir string) *Finding {
	path := filepath.Join(dir, "times")
	when := time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC)
	if os.WriteFile(path, nil, 0o600) != nil || os.Chtimes(path, when, when) != nil {
		return nil
	}
	if info, err := os.Stat(path); err == nil && info.ModTime().Sub(when).Abs() > 10*time.Millisecond {
		return &Finding{"files", Look, "times of files are coarse here; isf reads recently changed files once more", ""}
	}
	return nil
}
