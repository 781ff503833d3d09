package scaffold

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// systems are those that a project is used on; on each, isf needs other modules.
var systems = []string{"linux", "darwin", "windows"}

// Resolve has Go complete the go.mod and go.sum of a new project, so that it
// builds as it is, here and where a colleague has another system. With isf from a
// checkout it needs the module cache alone.
func Resolve(ctx context.Context, dir string) error {
	goTool, err := exec.LookPath("go")
	if err != nil {
		return errors.New("the project is made, but there is no Go on the PATH to build it with; install it from https://go.dev/dl, then run `go mod tidy` there")
	}
	out, err := resolve(ctx, goTool, dir, runtime.GOOS)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return fmt.Errorf("the project is made, but Go cannot find the modules it needs; run `go mod tidy` in %s when it can:\n%s", dir, strings.TrimSpace(out))
	}
	for _, system := range systems {
		if system != runtime.GOOS {
			_, _ = resolve(ctx, goTool, dir, system) // without a network it is `go mod tidy` there that adds them
		}
	}
	return nil
}

// resolve adds what a build for system needs, and returns what Go complains of.
func resolve(ctx context.Context, goTool, dir, system string) (string, error) {
	cmd := exec.CommandContext(ctx, goTool, "list", "-mod=mod", "-deps", "./cmd/isf")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0", "GOOS="+system)
	var out bytes.Buffer
	cmd.Stderr = &out
	err := cmd.Run()
	return out.String(), err
}
