package cli

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/internal/engine"
)

func (a *app) lintCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "lint [TARGET…]",
		Short: "Look for what makes pipelines depend on more than they declare",
		Long: `Look for what makes a pipeline depend on more than its fields say: files and
environment variables that it reads by itself, the clock, randomness. Then run
it twice with nothing sent, as far as the cache answers: it must ask the same
and make the same rows, which the order of a map or a shared variable breaks.
Ids that count up are found too. Nothing is changed. Exits with 1 if something
is found.`,
		Example: `  isf lint
  isf lint identity-augmentation --json`,
		RunE: func(c *cobra.Command, args []string) error {
			return a.runLint(c.Context(), args, asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func (a *app) runLint(ctx context.Context, patterns []string, asJSON bool) error {
	if err := a.needPipelines(); err != nil {
		return err
	}
	w, err := a.open(nil)
	if err != nil {
		return err
	}
	defer w.close()
	targets := w.made()[:len(w.Pipelines)] // what is not in Go has no code to look at
	if len(patterns) > 0 {
		if targets, err = w.Graph.Select(patterns); err != nil {
			return engine.Usagef("%w", err)
		}
	}
	found, looked := []engine.LintFinding{}, 0
	for _, t := range targets {
		if t.Pipeline == "" {
			continue
		}
		looked++
		more, err := w.Lint(ctx, t, w.reader, os.Getenv)
		if err != nil {
			return fmt.Errorf("%s: %w", t.Pipeline, err)
		}
		found = append(found, more...)
	}
	if asJSON {
		if err := writeJSON(a.out, map[string]any{"findings": found}); err != nil {
			return err
		}
	} else {
		for _, f := range found {
			fmt.Fprintf(a.out, "%s: %s: %s: %s\n", safe(f.Pipeline), safe(f.Place), f.Kind, safe(f.Text))
		}
		fmt.Fprintf(a.out, "%s, %s\n", count(looked, "pipeline"), count(len(found), "finding"))
	}
	if len(found) > 0 {
		return errTold
	}
	return nil
}
