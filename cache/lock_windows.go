package cache

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	bolt "go.etcd.io/bbolt"
	"golang.org/x/sys/windows"
)

// lockRange is the byte that bbolt locks: far behind the end of any file,
// because locks of Windows keep others from reading what is locked.
func lockRange() *windows.Overlapped {
	const last = 1<<32 - 1
	return &windows.Overlapped{Offset: last, OffsetHigh: last}
}

// tryLock takes the exclusive lock of f, the one that bbolt uses too, unless
// somebody else has it. It dies with the process or when f is closed.
func tryLock(f *os.File) (bool, error) {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, lockRange())
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, windows.ERROR_LOCK_VIOLATION):
		return false, nil
	}
	return false, &os.PathError{Op: "lock", Path: f.Name(), Err: err}
}

func unlock(f *os.File) error {
	return windows.UnlockFileEx(windows.Handle(f.Fd()), 0, 1, 0, lockRange())
}

// isFull says that an error means that the disk is full.
func isFull(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL)
}

// syncDir has nothing to do: NTFS journals names by itself.
func syncDir(string) error { return nil }

// swapIn puts a new file in the place of cache.db, whose lock is ours. Windows
// replaces no file that is open, so bbolt lets go of it first; the lock is then
// taken again through a handle that does not mind (those of os.Root do not).
// Whoever came in between and wrote something left other meta pages, and whoever
// waits for the lock has the file open: then nothing is replaced.
func swapIn(db *bolt.DB, file *os.File, from, to string) error {
	before, err := metaPages(file)
	if err != nil {
		return err
	}
	if err := db.Close(); err != nil {
		return err
	}
	dir, err := os.OpenRoot(filepath.Dir(to))
	if err != nil {
		return err
	}
	defer dir.Close()
	f, err := dir.OpenFile(filepath.Base(to), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	locked, err := tryLock(f)
	if err != nil {
		return err
	}
	now, err := metaPages(f)
	switch {
	case err != nil:
		return err
	case !locked || !bytes.Equal(before, now):
		return ErrInUse
	}
	err = dir.Rename(filepath.Base(from), filepath.Base(to))
	switch {
	case errors.Is(err, windows.ERROR_SHARING_VIOLATION):
		return ErrInUse
	case errors.Is(err, windows.ERROR_ACCESS_DENIED):
		return fmt.Errorf("cache.db stays as it is: either somebody has it open, or this file system (FAT is one) replaces no file while its lock is held: %w", err)
	}
	return err
}

// metaPages are what every commit of bbolt writes to.
func metaPages(f *os.File) ([]byte, error) {
	pages := make([]byte, 2*os.Getpagesize())
	_, err := f.ReadAt(pages, 0)
	return pages, err
}
