package cli

import (
	"fmt"
	"path"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/graph"
)

func (a *app) trainCommand() *cobra.Command {
	c := &cobra.Command{Use: "train", Short: "Data to train on"}
	data := &cobra.Command{Use: "data", Short: "Mix datasets into data to train on, by the recipes in training/data"}
	data.AddCommand(a.prepCommand(), a.trainStatusCommand())
	c.AddCommand(data)
	return c
}

func (a *app) trainStatusCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "status",
		Short:   "Say which recipes are current",
		Example: `  isf train data status`,
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.in(nil, func(w *workspace) error { return a.runTrainStatus(w, asJSON) })
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// runTrainStatus prints the lines of the Python toolkit, word for word.
func (a *app) runTrainStatus(w *workspace, asJSON bool) error {
	statuses, err := w.Graph.Survey(w.reader, w.Project).Statuses(w.Recipes())
	if err != nil {
		return err
	}
	if asJSON {
		return writeJSON(a.out, map[string]any{"targets": statusRows(statuses)})
	}
	if len(statuses) == 0 {
		fmt.Fprintln(a.out, "There are no recipes: training/data has no *.yaml.")
	}
	for _, s := range statuses {
		a.oldStatus(path.Base(s.Target.Name), s)
	}
	return nil
}

// oldStatus prints a state as the Python toolkit does.
func (a *app) oldStatus(name string, s graph.Status) {
	switch s.State {
	case graph.Current, graph.Partial:
		fmt.Fprintf(a.out, "%s: %s (%d samples)\n", name, s.State, s.Records)
		return
	case graph.Missing:
		s.State = graph.Stale
	}
	fmt.Fprintf(a.out, "%s: %s\n", name, s.State)
	for _, r := range s.Reasons {
		text := r.Text
		if r.Type == graph.TypeRecipe && r.Detail != "" && text != "Recipe changed" {
			text = r.String() // what is wrong with the recipe
		}
		fmt.Fprintf(a.out, "  - %s\n", safe(text))
	}
}
