package cli

import (
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
			version, commit := "devel", "unknown"
			if info, ok := debug.ReadBuildInfo(); ok {
				if info.Main.Version != "" {
					version = info.Main.Version
				}
				for _, s := range info.Settings {
					if s.Key == "vcs.revision" {
						commit = s.Value
					}
				}
			}
			fmt.Fprintf(a.out, "isf %s (%s)\ncommit  %s\nkeys    format %d\ngo      %s %s/%s\n",
				version, engine.Version, commit, cache.KeyFormat, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return nil
		},
	}
}
