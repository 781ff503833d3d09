package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/internal/config"
	"github.com/identity-shaping/isf/internal/launch"
)

// findRoot returns the folder of the project that --project lies in.
func (a *app) findRoot() (string, error) {
	dir, err := filepath.Abs(a.dir)
	if err != nil {
		return "", err
	}
	return config.FindRoot(dir)
}

// Marks of commands. Nothing is compiled for those that take nothing from the
// project they are typed in. One that looks at trouble is not handed over to an
// older isf, which may not know it.
var (
	noProject = map[string]string{"project": "none"}
	noOther   = map[string]string{"older": "no"}
)

func needsProject(c *cobra.Command) bool {
	for ; c.HasParent(); c = c.Parent() {
		if c.Annotations["project"] != "" || c.Name() == "completion" {
			return false
		}
	}
	return true
}

// completes reports whether c is what a shell asks for names, at each Tab.
func completes(c *cobra.Command) bool {
	return c.Name() == cobra.ShellCompRequestCmd || c.Name() == cobra.ShellCompNoDescRequestCmd
}

// fresh hands over to a binary built from the sources as they are now, if this
// one is older. If they do not compile, a.broken says so, and everything that
// needs no pipeline goes on: with last, in the last isf that could be built.
func (a *app) fresh(ctx context.Context, args []string, last bool) error {
	if a.stock {
		a.pipelines = nil // they are the project's own code, and may be older than its sources
		return nil
	}
	root, err := a.findRoot()
	if err != nil || config.LoadEnv(root) != nil {
		return nil // the command says so, if it needs a project
	}
	handled, code, err := launch.Fresh(ctx, root, args, a.err, last)
	switch {
	case handled:
		return exitCode(code)
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case !launch.Own(root):
		a.pipelines = nil
	}
	a.broken = err
	return nil
}

// recall hands over to the last binary that was built, whatever has changed
// since: a name that is a minute old does no harm, and nobody waits for a
// compiler after a Tab.
func (a *app) recall(args []string) error {
	root, err := a.findRoot()
	if err != nil {
		return nil
	}
	handled, code := launch.Last(root, args)
	switch {
	case handled:
		return exitCode(code)
	case !launch.Own(root):
		a.pipelines = nil
	}
	return nil
}

// tellBroken says that the code could not be built, under what needed no code.
func (a *app) tellBroken(err error) {
	if a.broken == nil || errors.Is(err, a.broken) {
		return
	}
	text := a.broken.Error()
	var build *launch.BuildError
	if errors.As(a.broken, &build) {
		text = "Code does not compile\n" + build.Output
	}
	fmt.Fprintln(a.err, safe(text))
}
