package graph

import (
	"io/fs"
	"syscall"
)

// changeOf returns what a program cannot set back: the time of the last change
// of the inode, and which inode it is.
func changeOf(info fs.FileInfo) (ctime int64, inode uint64) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0
	}
	return st.Ctimespec.Nano(), st.Ino
}
