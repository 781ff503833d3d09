package term

import (
	"os"

	"golang.org/x/sys/windows"
)

// understands switches the console to control sequences, which is off until
// somebody asks, and reports whether it now understands them.
func understands(f *os.File) bool {
	h := windows.Handle(f.Fd())
	var mode uint32
	if windows.GetConsoleMode(h, &mode) != nil {
		return false
	}
	return windows.SetConsoleMode(h, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
