//go:build linux || darwin

package cache

import (
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// tryLockByte takes one byte of f, which may be behind its end.
func tryLockByte(f *os.File, at int64) (bool, error) {
	err := setLock(f, at, unix.F_WRLCK)
	if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EACCES) {
		return false, nil
	}
	return err == nil, err
}

func unlockByte(f *os.File, at int64) error { return setLock(f, at, unix.F_UNLCK) }

func setLock(f *os.File, at int64, kind int16) error {
	l := unix.Flock_t{Type: kind, Whence: io.SeekStart, Start: at, Len: 1}
	for {
		if err := unix.FcntlFlock(f.Fd(), setByteLock, &l); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
