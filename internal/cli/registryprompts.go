package cli

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/registry"
	"github.com/identity-shaping/isf/internal/term"
)

func (a *app) registryPromptsCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "prompts",
		Short: "List the identity's system prompts, by version and variant",
		Long: `List the identity's system prompts. Those of dev follow the documents: STALE says
that the file is not what the documents say now, and a build that needs it
renders it. The prompts of other versions are frozen; one version is the release.`,
		Example: `  isf registry prompts
  isf registry prompts --json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.in(nil, func(w *workspace) error { return a.listPrompts(w, asJSON) })
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// promptRow is one prompt of `registry prompts --json`.
type promptRow struct {
	Version string      `json:"version"`
	Variant string      `json:"variant"`
	Path    string      `json:"path"`
	Bytes   int         `json:"bytes"`
	Release bool        `json:"release"`
	State   graph.State `json:"state,omitempty"` // of dev; nothing for what isf.yaml does not have any more
	Error   string      `json:"error,omitempty"`

	what string // a word for people
}

func (a *app) listPrompts(w *workspace, asJSON bool) error {
	found, err := w.Registry.Prompts()
	if err != nil {
		return err
	}
	rows := []promptRow{}
	for _, p := range found {
		row, err := w.promptRow(p)
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	if asJSON {
		return writeJSON(a.out, rows)
	}
	t := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, r := range rows {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", safe(r.Version), safe(r.Variant), term.Bytes(int64(r.Bytes)), r.what, safe(r.Path))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, r := range rows {
		if r.Error != "" {
			fmt.Fprintf(a.out, "  - %s\n", safe(r.Error))
		}
	}
	return nil
}

func (w *workspace) promptRow(p registry.Prompt) (promptRow, error) {
	row := promptRow{Version: p.Version, Variant: p.Variant, Path: p.Path, Bytes: len(p.Text), Release: p.Release, what: "frozen"}
	if p.Err != nil {
		row.Error = p.Err.Error()
	}
	switch {
	case p.LeftOver:
		row.what = "left over"
	case p.Dev():
		t := w.Graph.Target(strings.TrimSuffix(p.Path, ".txt"))
		status, err := w.Graph.Status(t, w.reader, w.Project)
		if err != nil {
			return row, err
		}
		row.State, row.what = status.State, string(status.State)
	case p.Release:
		row.what = "release"
	}
	return row, nil
}
