package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/config"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/registry"
	"github.com/identity-shaping/isf/internal/scaffold"
)

func (a *app) newCommand() *cobra.Command {
	c := &cobra.Command{Use: "new", Short: "Begin a pipeline or a recipe"}
	c.AddCommand(a.newPipelineCommand(), a.newRecipeCommand())
	return c
}

func (a *app) newPipelineCommand() *cobra.Command {
	return &cobra.Command{
		Use:         "pipeline NAME",
		Annotations: noProject,
		Short:       "Begin a pipeline that builds at once, and register it",
		Long: `Write pipelines/NAME.go, a pipeline that has the identity answer the messages of
pipelines/data/NAME.jsonl, with two of them to begin with, and add it to the
list in pipelines.All. Files that are there are never overwritten.`,
		Example: `  isf new pipeline small-talk
  isf build small-talk`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return a.runNewPipeline(args[0]) },
	}
}

// runNewPipeline needs no pipelines, and so works while code does not compile.
func (a *app) runNewPipeline(name string) error {
	dir, err := filepath.Abs(a.dir)
	if err != nil {
		return err
	}
	root, err := config.FindRoot(dir)
	if err != nil {
		return err
	}
	model, err := speaker(root)
	if err != nil {
		return err
	}
	n := &scaffold.NewPipeline{Name: name, Model: model}
	if err := n.Plan(root); err != nil {
		return engine.Usagef("%w", err)
	}
	kept, err := scaffold.Write(root, n.Files)
	if err != nil {
		return err
	}
	for _, f := range n.Files {
		a.tellFile(f.Path, kept)
	}
	if n.Register == "" {
		fmt.Fprintf(a.out, "register it where the project lists its pipelines:\n\t%s\n", n.Line)
		return nil
	}
	files, err := os.OpenRoot(root)
	if err != nil {
		return err
	}
	defer files.Close()
	if err := graph.WriteFile(files, n.Register, func(w io.Writer) error { _, err := w.Write(n.Listing); return err }); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "registered in %s\n\nnext:\n  isf build %s\n", n.Register, name)
	return nil
}

// speaker is the model that a new pipeline asks: the identity if there is one.
func speaker(root string) (string, error) {
	cfg, err := config.Load(root)
	if err != nil {
		return "", err
	}
	r, err := registry.Load(root, cfg)
	if err != nil {
		return "", err
	}
	models := r.Models()
	if n := len(models); n > 0 {
		return models[n-1].Name, nil // releases come last
	}
	return "", fmt.Errorf("%s defines no model for the pipeline to ask", config.FileName)
}

func (a *app) tellFile(path string, kept []string) {
	for _, k := range kept {
		if k == path {
			fmt.Fprintf(a.out, "kept %s as it was\n", path)
			return
		}
	}
	fmt.Fprintf(a.out, "made %s\n", path)
}

func (a *app) newRecipeCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "recipe NAME",
		Short:   "Begin a recipe over the datasets there are",
		Long:    `Write training/data/NAME.yaml, with a category for each dataset.`,
		Example: `  isf new recipe small`,
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.in(nil, func(w *workspace) error { return a.runNewRecipe(w, args[0]) })
		},
	}
}

func (a *app) runNewRecipe(w *workspace, name string) error {
	if err := a.needPipelines(); err != nil {
		return err
	}
	var datasets []string
	for _, q := range w.Pipelines {
		if q.Kind == graph.Dataset {
			datasets = append(datasets, q.Name)
		}
	}
	file, err := scaffold.Recipe(name, datasets)
	if err != nil {
		return engine.Usagef("%w", err)
	}
	if _, err := scaffold.Write(w.Root, []scaffold.File{file}); err != nil {
		return err
	}
	a.tellFile(file.Path, nil)
	return nil
}
