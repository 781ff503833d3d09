//go:build !windows

package engine

import (
	"errors"
	"syscall"
)

// isBadSync tells file systems that cannot sync a folder from disks that fail.
func isBadSync(err error) bool { return errors.Is(err, syscall.EINVAL) }
