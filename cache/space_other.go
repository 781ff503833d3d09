//go:build !linux

package cache

import "os"

// reserve makes the bytes of f from off on, n of them, exist on disk, as zeros.
// What has been reserved can be written on a full disk.
func reserve(f *os.File, off, n int64) error { return writeZeros(f, off, n) }

// datasync makes what was written to f durable.
func datasync(f *os.File) error { return f.Sync() }
