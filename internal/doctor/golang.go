package doctor

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
)

// Go looks whether the project's own code can be compiled. broken is what
// compiling it said, nil if it went well.
func Go(ctx context.Context, root string, broken error) []Finding {
	own, _ := filepath.Glob(filepath.Join(root, "cmd", "isf", "*.go"))
	out, err := exec.CommandContext(ctx, "go", "version").Output()
	var all []Finding
	switch version := strings.Fields(string(out)); {
	case err != nil && len(own) > 0:
		return []Finding{{"go", Bad, "Go is not on the PATH, and the project's code needs it", "install it from https://go.dev/dl"}}
	case err != nil:
		all = append(all, Finding{"go", Look, "Go is not on the PATH", "install it from https://go.dev/dl before you write pipelines"})
	case len(version) > 2:
		all = append(all, ok("go", "%s", version[2]))
	}
	var brief interface{ Brief() string }
	switch {
	case len(own) == 0:
		all = append(all, Finding{"code", Look, "the project has no cmd/isf, so no pipelines of its own", "`isf init` in an empty folder makes one to copy from"})
	case errors.As(broken, &brief):
		all = append(all, Finding{"code", Bad, "it does not compile: " + brief.Brief(), cure(brief.Brief())})
	case broken != nil:
		all = append(all, Finding{"code", Bad, broken.Error(), ""})
	default:
		all = append(all, ok("code", "cmd/isf compiles"))
	}
	return all
}

// cure says what to do about a line of the compiler's.
func cure(line string) string {
	if strings.Contains(line, "go.sum") || strings.Contains(line, "go.mod") {
		return "go mod tidy"
	}
	return "mend that line; `isf build` shows all the compiler says"
}
