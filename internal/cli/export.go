package cli

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/chattext"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/recipes"
)

// exportFormats are the words of --format; jsonl is our own rows.
var exportFormats = []string{"jsonl", string(recipes.OpenAI), string(recipes.ShareGPT), string(recipes.ChatML), recipes.FormatParquet, hubFormat}

// hubFormat is a folder to upload to the hub.
const hubFormat = "hf"

// exportOptions are the flags of export.
type exportOptions struct {
	format, render, dir string
	license, title      string
	lines, json         bool
}

func (a *app) exportCommand() *cobra.Command {
	var o exportOptions
	c := &cobra.Command{
		Use:   "export TARGET",
		Short: "Write the samples of a dataset or recipe for a trainer, with their origin",
		Long: `Write the samples of a dataset or recipe into a folder: train.jsonl,
validation.jsonl where the recipe holds out, and dataset.json, which names the
recipe, the sources, the models and the commit, so that what is trained on them
leads back here. The target is exported as it is; nothing is built.

hf makes a folder that can be uploaded to the hub as it is: a dataset card with
the licence, splits and sizes, and a Parquet file for each split. With --render a
sample is one text, as the chat template of a family of models writes it.`,
		Example: `  isf export training/data/prepared/default --format openai
  isf export training/data/prepared/default --format hf --license cc-by-4.0
  isf export training/data/prepared/default --render qwen3
  isf export behaviour --format sharegpt -o out/behaviour`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.in(nil, func(w *workspace) error { return a.runExport(w, args[0], o) })
		},
	}
	f := c.Flags()
	f.StringVar(&o.format, "format", "jsonl", strings.Join(exportFormats, ", "))
	f.StringVar(&o.render, "render", "", "write each sample as the text of a family: "+strings.Join(chattext.Names(), ", "))
	f.StringVarP(&o.dir, "output", "o", "", "the folder, relative to the project (default: exports/NAME-FORMAT)")
	f.StringVar(&o.license, "license", "", "hf: an identifier of the hub, as cc-by-4.0 (default: unknown)")
	f.StringVar(&o.title, "title", "", "hf: the name that people read (default: of the project and the target)")
	f.BoolVar(&o.lines, "lines", false, "hf: JSONL files in place of Parquet")
	f.BoolVar(&o.json, "json", false, "print dataset.json on standard output")
	offer(c, "format", exportFormats)
	offer(c, "render", chattext.Names())
	return c
}

// licenses are words that the hub takes.
var licenses = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*$`)

func (o exportOptions) check() error {
	switch {
	case !slices.Contains(exportFormats, o.format):
		return engine.Usagef("--format %s: use %s", o.format, strings.Join(exportFormats, ", "))
	case o.render != "" && chattext.Of(o.render) == nil:
		return engine.Usagef("--render %s: use %s", o.render, strings.Join(chattext.Names(), ", "))
	case o.render != "" && !slices.Contains([]string{"jsonl", recipes.FormatParquet, hubFormat}, o.format):
		return engine.Usagef("--render makes a text of each sample, and --format %s wants its messages: leave out one of them", o.format)
	case (o.license != "" || o.title != "" || o.lines) && o.format != hubFormat:
		return engine.Usagef("--license, --title and --lines are for --format hf")
	case o.license != "" && !licenses.MatchString(o.license):
		return engine.Usagef("--license %s: the hub writes licences as cc-by-4.0, apache-2.0, mit, other", o.license)
	}
	return nil
}

// export is what the flags say of a target.
func (o exportOptions) export(project string, t *graph.Target) engine.Export {
	name := path.Base(t.Name)
	x := engine.Export{Format: o.format, Shape: recipes.Format(o.format), Dir: o.dir}
	switch o.format {
	case "jsonl":
		x.Format, x.Shape = string(recipes.ISF), recipes.ISF
	case recipes.FormatParquet, hubFormat:
		x.Shape = recipes.ISF
	}
	if o.render != "" {
		x.Shape = recipes.Format(o.render)
	}
	x.Parquet = o.format == recipes.FormatParquet || o.format == hubFormat && !o.lines
	if o.format == hubFormat {
		x.Hub = &engine.HubCard{Title: cmp.Or(o.title, project+": "+name), License: o.license}
	}
	if x.Dir == "" {
		x.Dir = path.Join("exports", strings.Trim(name+"-"+o.format+"-"+o.render, "-"))
	}
	return x
}

func (a *app) runExport(w *workspace, name string, o exportOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	targets, err := w.Graph.Select([]string{name})
	if err != nil {
		return engine.Usagef("%w", err)
	}
	if len(targets) != 1 {
		return engine.Usagef("export takes one dataset or recipe, and %q names %d targets", name, len(targets))
	}
	t := targets[0]
	x := o.export(w.Config.Project.Name, t)
	card, err := w.Export(t, w.reader, x)
	if err != nil {
		return err
	}
	if o.json {
		return writeJSON(a.out, card)
	}
	for _, f := range card.Files {
		fmt.Fprintf(a.out, "exported  %s  %s\n", path.Join(x.Dir, f.Name), count(f.Rows, "sample"))
	}
	if card.State != graph.Current {
		fmt.Fprintf(a.out, "note      %s is %s, and dataset.json says so\n", t.Name, card.State)
	}
	if x.Hub != nil && x.Hub.License == "" {
		fmt.Fprintf(a.out, "note      the card says \"license: unknown\": give --license before you publish it\n")
	}
	return nil
}
