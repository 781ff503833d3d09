//go:build linux || darwin

package cache

import (
	"os"

	"golang.org/x/sys/unix"
)

// mapShared maps the first size bytes of f into memory that all processes share.
func mapShared(f *os.File, size int) ([]byte, error) {
	return unix.Mmap(int(f.Fd()), 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
}

func unmap(mem []byte) error { return unix.Munmap(mem) }
