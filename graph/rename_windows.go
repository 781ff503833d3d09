package graph

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// held is how long somebody else may hold a file that is replaced. Search and
// virus scanners look into files that have just been written, for some
// milliseconds, and let nobody rename them meanwhile.
const held = 2 * time.Second

// rename puts a file in the place of another one.
func rename(root *os.Root, from, to string) error {
	for wait := time.Millisecond; ; wait *= 2 {
		err := root.Rename(from, to)
		if wait > held || !errors.Is(err, windows.ERROR_ACCESS_DENIED) && !errors.Is(err, windows.ERROR_SHARING_VIOLATION) {
			return err
		}
		time.Sleep(wait)
	}
}
