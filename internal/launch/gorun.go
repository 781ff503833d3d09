package launch

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
)

// goRun reports whether 'go run' has just built this process from the module's
// own folder dir: then it is fresh, though no digest is linked in. 'go run' puts
// binaries in go-build…/b001/exe the first time and in HASH-d of the build cache
// after that, and gives a module from elsewhere a sum.
func goRun(module, dir string) bool {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Path != module || info.Main.Sum != "" {
		return false
	}
	cwd, err := os.Getwd()
	if here, ok := above(cwd, "go.mod"); err != nil || !ok || here != dir {
		return false
	}
	exe, err := os.Executable()
	if err != nil {
		return false
	}
	bin := filepath.Dir(exe)
	return cachedExe.MatchString(filepath.Base(bin)) ||
		filepath.Base(bin) == "exe" && strings.Contains(filepath.ToSlash(bin), "/go-build")
}

// cachedExe is the folder of an executable in the build cache.
var cachedExe = regexp.MustCompile(`^[0-9a-f]{64}-d$`)
