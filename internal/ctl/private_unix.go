//go:build !windows

package ctl

import "io/fs"

// private says that nobody but the owner can enter. A folder of somebody else's
// with these bits cannot be entered by us either.
func private(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 == 0 }
