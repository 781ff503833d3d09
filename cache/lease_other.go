//go:build !linux && !darwin && !windows

package cache

import (
	"errors"
	"os"
)

// tryLockByte says that there are no leases on this system.
func tryLockByte(*os.File, int64) (bool, error) { return false, errors.ErrUnsupported }

func unlockByte(*os.File, int64) error { return errors.ErrUnsupported }

func mapShared(*os.File, int) ([]byte, error) { return nil, errors.ErrUnsupported }

func unmap([]byte) error { return errors.ErrUnsupported }
