package cache

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// reserve makes the bytes of f from off on, n of them, exist on disk, as zeros.
// What has been reserved can be written on a full disk.
func reserve(f *os.File, off, n int64) error {
	for {
		err := unix.Fallocate(int(f.Fd()), 0, off, n)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.ENOSYS):
			return writeZeros(f, off, n)
		case !errors.Is(err, unix.EINTR):
			return &os.PathError{Op: "reserve space in", Path: f.Name(), Err: err}
		}
	}
}

// datasync makes what was written to f durable. Space is reserved ahead, so
// there is no size to be written with it.
func datasync(f *os.File) error {
	for {
		err := unix.Fdatasync(int(f.Fd()))
		if err == nil || !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
