package cli

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/recipes"
)

// exportFormats are the words of --format; jsonl is our own rows.
var exportFormats = []string{"jsonl", string(recipes.OpenAI), string(recipes.ShareGPT), string(recipes.ChatML)}

func (a *app) exportCommand() *cobra.Command {
	var format, dir string
	var asJSON bool
	c := &cobra.Command{
		Use:   "export TARGET",
		Short: "Write the samples of a dataset or recipe for a trainer, with their origin",
		Long: `Write the samples of a dataset or recipe into a folder: train.jsonl,
validation.jsonl where the recipe holds out, and dataset.json, which names the
recipe, the sources, the models and the commit, so that what is trained on them
leads back here. The target is exported as it is; nothing is built.`,
		Example: `  isf export training/data/prepared/default --format openai
  isf export behaviour --format sharegpt -o out/behaviour`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			w, err := a.open(nil)
			if err != nil {
				return err
			}
			defer w.close()
			return a.runExport(w, args[0], format, dir, asJSON)
		},
	}
	c.Flags().StringVar(&format, "format", "jsonl", strings.Join(exportFormats, ", "))
	c.Flags().StringVarP(&dir, "output", "o", "", "the folder, relative to the project (default: exports/NAME-FORMAT)")
	c.Flags().BoolVar(&asJSON, "json", false, "print dataset.json on standard output")
	return c
}

func (a *app) runExport(w *workspace, name, format, dir string, asJSON bool) error {
	if !slices.Contains(exportFormats, format) {
		return engine.Usagef("--format %s: use %s", format, strings.Join(exportFormats, ", "))
	}
	targets, err := w.Graph.Select([]string{name})
	if err != nil {
		return engine.Usagef("%w", err)
	}
	if len(targets) != 1 {
		return engine.Usagef("export takes one dataset or recipe, and %q names %d targets", name, len(targets))
	}
	t := targets[0]
	if dir == "" {
		dir = path.Join("exports", path.Base(t.Name)+"-"+format)
	}
	as := recipes.Format(format)
	if format == "jsonl" {
		as = recipes.ISF
	}
	card, err := w.Export(t, w.reader, as, dir)
	if err != nil {
		return err
	}
	if asJSON {
		return writeJSON(a.out, card)
	}
	for _, f := range card.Files {
		fmt.Fprintf(a.out, "exported  %s  %s\n", path.Join(dir, f.Name), count(f.Rows, "sample"))
	}
	if card.State != graph.Current {
		fmt.Fprintf(a.out, "note      %s is %s, and dataset.json says so\n", t.Name, card.State)
	}
	return nil
}
