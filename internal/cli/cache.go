package cli

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/internal/engine"
)

func (a *app) cacheCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "cache",
		Short: "The answers that were paid for: what they are worth, and how to move, check and thin them out",
		Long: `Every answer of a model is kept in .isf by the request it answers. Losing one
costs what it cost, and nothing else: outputs and their manifests lie elsewhere.`,
	}
	c.AddCommand(a.cacheStatsCommand(), a.cacheExportCommand(), a.cacheImportCommand(),
		a.cacheVerifyCommand(), a.cacheGCCommand(), a.cachePublishCommand())
	return c
}

// store opens the project's cache. What is wrong with it is told on standard
// error.
func (a *app) store(w *workspace, o cache.Options) (*cache.Store, error) {
	o.Warn = func(text string) { fmt.Fprintln(a.err, "isf:", safe(text)) }
	return cache.Open(filepath.Join(w.Root, engine.StateDir), o)
}
