//go:build !windows

package graph

import "os"

// rename puts a file in the place of another one, whoever has that open.
func rename(root *os.Root, from, to string) error { return root.Rename(from, to) }
