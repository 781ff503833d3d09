package scaffold

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Resolve has Go complete the go.mod and go.sum of a new project, so that it
// builds as it is. With isf from a checkout it needs the module cache alone.
func Resolve(ctx context.Context, dir string) error {
	goTool, err := exec.LookPath("go")
	if err != nil {
		return errors.New("the project is made, but there is no Go on the PATH to build it with; install it from https://go.dev/dl, then run `go mod tidy` there")
	}
	cmd := exec.CommandContext(ctx, goTool, "list", "-mod=mod", "-deps", "./cmd/isf")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	var out bytes.Buffer
	cmd.Stderr = &out
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return fmt.Errorf("the project is made, but Go cannot find the modules it needs; run `go mod tidy` in %s when it can:\n%s", dir, strings.TrimSpace(out.String()))
	}
	return nil
}
