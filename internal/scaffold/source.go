package scaffold

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
)

// A Source is where a project's module gets isf from.
type Source struct {
	Version  string // v0.0.0 beside a checkout
	Checkout string // the folder that stands in the published module's place, "" if none does
	Lost     bool   // the running isf comes from a checkout that cannot be found

	sums []byte // go.sum of the checkout: the modules it needs are checked without a network
}

// Module is the path of isf's own module.
var Module = strings.TrimSuffix(reflect.TypeFor[Source]().PkgPath(), "/internal/scaffold")

// unpublished is the version of a module that a checkout stands in for.
const unpublished = "v0.0.0"

// Running is the source of the isf that runs: the version it was installed as,
// or the checkout it was built from.
func Running() Source {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return local("")
	}
	_, file, _, _ := runtime.Caller(0)
	return sourceOf(info, file)
}

// sourceOf reads what the linker wrote down. file is one of this package's, as
// the compiler saw it.
func sourceOf(info *debug.BuildInfo, file string) Source {
	isf := &info.Main
	if isf.Path != Module { // a project's own isf
		isf = nil
		for _, dep := range info.Deps {
			if dep.Path == Module {
				isf = dep
			}
		}
	}
	switch {
	case isf == nil:
		return local(file)
	case isf.Replace != nil && isf.Replace.Version == "":
		return local(file)
	case isf.Replace == nil && isf.Sum != "":
		return Source{Version: isf.Version}
	}
	return local(file)
}

// local finds the checkout that holds file. A binary built with -trimpath does
// not know where it was built.
func local(file string) Source {
	for dir := filepath.Dir(file); filepath.IsAbs(dir) && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err != nil {
			continue
		}
		if moduleOf(mod) != Module {
			break
		}
		sums, err := os.ReadFile(filepath.Join(dir, "go.sum"))
		if err != nil {
			break
		}
		return Source{Version: unpublished, Checkout: filepath.ToSlash(dir), sums: sums}
	}
	return Source{Version: unpublished, Lost: true}
}

// moduleOf returns the module that a go.mod is of.
func moduleOf(mod []byte) string {
	for in := bufio.NewScanner(bytes.NewReader(mod)); in.Scan(); {
		if f := strings.Fields(in.Text()); len(f) == 2 && f[0] == "module" {
			return strings.Trim(f[1], `"`)
		}
	}
	return ""
}
