package cache

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
)

// smallDisk is a file system of its own, of so many MiB.
func smallDisk(t *testing.T, mib int) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", mib)); err != nil {
		t.Skipf("this needs leave to mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func fill(t *testing.T, dir string) (free func()) {
	t.Helper()
	path := filepath.Join(dir, "filler")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for size := 1 << 20; size >= 1<<10; size /= 4 {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, size))
		}
	}
	if !isFull(err) {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

func longAnswer(i int) *Entry {
	e := numbered(i)
	e.Raw = noise(uint64(i), 16<<10)
	return e
}

func TestAFullDiskTakesWhatIsInFlight(t *testing.T) {
	disk := smallDisk(t, 64)
	dir := filepath.Join(disk, ".isf")
	s := open(t, dir, Options{})
	put(t, s, longAnswer(0))
	free := fill(t, disk)

	// Answers that are on their way are taken, 8 MiB of them.
	const flying = 400
	n := 1
	for ; n <= flying; n++ {
		if err := s.Put(longAnswer(n)); err != nil {
			t.Fatalf("answer %d of %d: %v", n, flying, err)
		}
	}
	for ; ; n++ {
		err := s.Put(longAnswer(n))
		if err == nil && n < 20*flying {
			continue
		}
		if !errors.Is(err, ErrFull) || !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("Put = %v, want ErrFull", err)
		}
		break
	}
	last := n

	// Nothing more is asked for.
	_, _, err := s.Do(t.Context(), t.Context(), longAnswer(n).Fields, func(context.Context, Key) (*Entry, error) {
		t.Error("asked for an answer that cannot be kept")
		return longAnswer(n), nil
	})
	if !errors.Is(err, ErrFull) {
		t.Errorf("Do = %v, want ErrFull", err)
	}
	if err := s.Fold(); err != nil && !isFull(err) {
		t.Errorf("Fold = %v", err)
	}
	for i := range last {
		wantAll(t, s, []*Entry{longAnswer(i)})
	}

	// With space again everything goes on.
	free()
	if _, _, err := s.Do(t.Context(), t.Context(), longAnswer(last).Fields, func(context.Context, Key) (*Entry, error) { return longAnswer(last), nil }); err != nil {
		t.Errorf("with space again: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	s = open(t, dir, Options{})
	for i := range last + 1 {
		wantAll(t, s, []*Entry{longAnswer(i)})
	}
}

// On a disk with less space than the spare all who come at once are refused,
// also those who come while the first one looks for space.
func TestNobodyAsksWhileSpaceIsLookedFor(t *testing.T) {
	disk := smallDisk(t, 64)
	if err := os.WriteFile(filepath.Join(disk, "filler"), make([]byte, 64<<20-spare), 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, filepath.Join(disk, ".isf"), Options{})
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			_, _, err := s.Do(t.Context(), t.Context(), numbered(i).Fields, func(context.Context, Key) (*Entry, error) {
				t.Error("asked for an answer that cannot be kept")
				return numbered(i), nil
			})
			if !errors.Is(err, ErrFull) {
				t.Errorf("Do = %v, want ErrFull", err)
			}
		})
	}
	all.Wait()
}

func TestADiskThatIsFullFromTheStart(t *testing.T) {
	disk := smallDisk(t, 1)
	dir := filepath.Join(disk, ".isf")
	s := open(t, dir, Options{})
	fill(t, disk)
	_, _, err := s.Do(t.Context(), t.Context(), numbered(1).Fields, func(context.Context, Key) (*Entry, error) {
		t.Error("asked for an answer that cannot be kept")
		return numbered(1), nil
	})
	if !errors.Is(err, ErrFull) {
		t.Errorf("Do = %v, want ErrFull", err)
	}
}
