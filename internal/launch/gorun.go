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

// Own reports whether the pipelines in this process may be those of the project
// in root. Those of an isf that was built from another module's cmd/isf are not:
// the installed isf carries its own example.
func Own(root string) bool {
	info, ok := debug.ReadBuildInfo()
	if !ok || !strings.HasSuffix(info.Path, "/cmd/isf") {
		return true // a program that somebody wrote otherwise, such as a test
	}
	dir, ok := above(root, "go.mod")
	if !ok {
		return false
	}
	m, err := readModFile(filepath.Join(dir, "go.mod"))
	return err == nil && m.module == info.Main.Path
}

// cachedExe is the folder of an executable in the build cache.
var cachedExe = regexp.MustCompile(`^[0-9a-f]{64}-d$`)
