package cli

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/registry"
	"github.com/identity-shaping/isf/internal/term"
)

func (a *app) registryCommand() *cobra.Command {
	c := &cobra.Command{Use: "registry", Short: "The models of the project and their system prompts"}
	c.AddCommand(a.registryBuildCommand(), a.registryListCommand(), a.registryShowCommand(),
		a.registryReleaseCommand(), a.registryPromptsCommand())
	return c
}

func (a *app) registryBuildCommand() *cobra.Command {
	var o buildOptions
	c := &cobra.Command{
		Use:     "build",
		Short:   "Render the dev prompts and write registry.json",
		Example: `  isf registry build`,
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.buildRegistry(c.Context(), o)
		},
	}
	c.Flags().BoolVar(&o.Force, "force", false, "replace files that were edited by hand")
	c.Flags().BoolVar(&o.json, "json", false, "print the report as JSON on standard output")
	return c
}

func (a *app) buildRegistry(ctx context.Context, o buildOptions) error {
	return a.in(nil, func(w *workspace) error {
		return a.build(ctx, w, []*graph.Target{w.Graph.Target(engine.RegistryTarget)}, o)
	})
}

func (a *app) registryListCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List the models by name",
		Example: `  isf registry list
  isf registry list --json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.in(nil, func(w *workspace) error { return a.listModels(w.Registry, asJSON) })
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// modelRow is one model of `registry list --json`.
type modelRow struct {
	Name        string   `json:"name"`
	Provider    string   `json:"provider"`
	Model       string   `json:"model"`
	Temperature *float64 `json:"temperature"`
	SysPrompt   int      `json:"sysprompt_bytes"`
}

func (a *app) listModels(r *registry.Registry, asJSON bool) error {
	rows, name, provider := []modelRow{}, 0, 0
	for _, m := range r.Models() {
		rows = append(rows, modelRow{m.Name, m.Provider, m.ID, m.Temperature, len(m.SysPrompt)})
		name, provider = max(name, len(m.Name)), max(provider, len(m.Provider))
	}
	if asJSON {
		return writeJSON(a.out, rows)
	}
	for _, m := range rows {
		prompt := "no system prompt"
		if m.SysPrompt > 0 {
			prompt = "system prompt of " + term.Bytes(int64(m.SysPrompt))
		}
		fmt.Fprintf(a.out, "%-*s  %-*s  %s  (%s)\n", name, m.Name, provider, m.Provider, safe(m.Model), prompt)
	}
	return nil
}

func (a *app) registryShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "show NAME",
		Short:   "Show a model with its whole system prompt",
		Example: `  isf registry show judge`,
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.in(nil, func(w *workspace) error { return a.showModel(w.Registry, args[0]) })
		},
	}
}

func (a *app) showModel(r *registry.Registry, name string) error {
	m, err := r.Find(name)
	if err != nil {
		return err
	}
	temperature := "default"
	if m.Temperature != nil {
		temperature = strconv.FormatFloat(*m.Temperature, 'g', -1, 64)
	}
	fmt.Fprintf(a.out, "name         %s\nprovider     %s\nmodel        %s\ntemperature  %s\n", m.Name, m.Provider, safe(m.ID), temperature)
	if m.SysPrompt == "" {
		fmt.Fprintln(a.out, "sysprompt    none")
		return nil
	}
	fmt.Fprintf(a.out, "sysprompt    %s\n\n%s\n", term.Bytes(int64(len(m.SysPrompt))), safe(m.SysPrompt))
	return nil
}
