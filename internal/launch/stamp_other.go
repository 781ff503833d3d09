//go:build !linux && !darwin

package launch

import "io/fs"

func stampOf(info fs.FileInfo) stamp {
	return stamp{Size: info.Size(), MTime: info.ModTime().UnixNano()}
}
