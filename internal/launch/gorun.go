package launch

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
)

// goRun reports whether 'go run' has just built this process from the module's
// own folder: then it is fresh, though no digest is linked in. 'go run' puts
// binaries in go-build…/b001/exe, and gives a module from elsewhere a sum.
func goRun(module string) bool {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Path != module || info.Main.Sum != "" {
		return false
	}
	exe, err := os.Executable()
	if err != nil {
		return false
	}
	dir := filepath.Dir(exe)
	return filepath.Base(dir) == "exe" && strings.Contains(filepath.ToSlash(dir), "/go-build")
}
