package cli

import (
	"os"
	"runtime/debug"
)

// gcPercent lets the heap grow to three times what lives before it is collected.
// What lives in a build is small and does not grow with its records (some 20
// MB), and what is thrown away is large (every prompt and reply), so collecting
// at every doubling took a fifth of the processor. More than this would let an
// answer that hangs, and what finishes behind it, take 200 MB and more.
const gcPercent = 200

// tuneMemory sets the collector's pace, unless the user has.
func tuneMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
}
