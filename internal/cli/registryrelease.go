package cli

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/config"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/registry"
)

func (a *app) registryReleaseCommand() *cobra.Command {
	var o buildOptions
	c := &cobra.Command{
		Use:   "release VERSION",
		Short: "Freeze the dev prompts as a version, and make it the release",
		Long: `Render the dev prompts, copy them to VERSION, and set release_version in
isf.yaml, of which nothing else changes. A version begins with v, and is new:
what was released stays as it is.

It is all or nothing: where a step fails, the project is as it was. After a kill
the same command finishes what was begun.`,
		Example: `  isf registry release v0.2`,
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.runRelease(c.Context(), args[0], o)
		},
	}
	c.Flags().BoolVar(&o.Force, "force", false, "replace dev prompts that were edited by hand")
	return c
}

func (a *app) runRelease(ctx context.Context, version string, o buildOptions) error {
	if err := registry.CheckVersion(version); err != nil {
		return engine.Usagef("%w", err)
	}
	w, err := a.open(nil)
	if err != nil {
		return err
	}
	defer w.close()
	if err := w.Registry.Releasable(version); err != nil {
		return err
	}
	if err := a.makeRegistry(ctx, w, o); err != nil {
		return err
	}
	written, err := w.Release(ctx, version, func(text string) { fmt.Fprintln(a.err, safe(text)) })
	if err != nil {
		return err
	}
	for _, name := range written {
		if name != config.FileName {
			fmt.Fprintf(a.out, "released  %s  %s\n", version, name)
		}
	}
	fmt.Fprintf(a.out, "changed   %s: release_version is %s, and was %s\n", config.FileName, version, safe(w.Config.Identity.ReleaseVersion))
	return a.afterRelease(ctx, o)
}

// afterRelease brings registry.json up to date, for which isf.yaml is read
// again.
func (a *app) afterRelease(ctx context.Context, o buildOptions) error {
	w, err := a.open(nil)
	if err != nil {
		return err
	}
	defer w.close()
	if err := a.makeRegistry(ctx, w, o); err != nil {
		fmt.Fprintln(a.err, "isf: it is released, but registry.json is not up to date; `isf registry build` makes it")
		return err
	}
	return nil
}

// makeRegistry makes registry.json, and the dev prompts it needs, if they are
// not current. Only failures are told: what was released is the news.
func (a *app) makeRegistry(ctx context.Context, w *workspace, o buildOptions) error {
	o.Getenv, o.Log = os.Getenv, func(text string) { fmt.Fprintln(a.err, safe(text)) }
	start := time.Now()
	results, err := w.Build(ctx, []*graph.Target{w.Graph.Target(engine.RegistryTarget)}, w.reader, o.Options, nil)
	newReport(results, time.Since(start)).complain(a.err)
	if err != nil {
		return err
	}
	for _, r := range results {
		if r.Err != nil {
			return errTold
		}
	}
	return nil
}
