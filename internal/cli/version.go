package cli

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/internal/engine"
)

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:         "version",
		Annotations: noProject,
		Short:       "Print the version of isf, its commit, and the format of its keys",
		Example:     `  isf version`,
		Args:        cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			v, c := built()
			fmt.Fprintf(a.out, "isf %s (%s)\ncommit  %s\nkeys    format %d\ngo      %s %s/%s\n",
				v, engine.Version, c, cache.KeyFormat, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return nil
		},
	}
}

// module is isf, in a binary that may be a project's own.
const module = "github.com/identity-shaping/isf"

// version and commit are linked in by `make release`.
var version, commit string

// built is the version of isf that this binary has, and the commit it was built
// from. A project's commit says nothing about isf.
func built() (v, c string) {
	v, c = cmp.Or(version, "devel"), cmp.Or(commit, "unknown")
	info, ok := debug.ReadBuildInfo()
	if !ok || commit != "" {
		return v, c
	}
	if info.Main.Path != module {
		for _, d := range info.Deps {
			if d.Path == module && d.Replace == nil {
				v = d.Version
			}
		}
		return v, c
	}
	if info.Main.Version != "" {
		v = info.Main.Version
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			c = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			c += ", changed since"
		}
	}
	return v, c
}
