package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/provider"
	"github.com/identity-shaping/isf/internal/scaffold"
	"github.com/identity-shaping/isf/internal/term"
)

func (a *app) initCommand() *cobra.Command {
	var o scaffold.Options
	c := &cobra.Command{
		Use:         "init DIR",
		Annotations: noProject,
		Short:       "Begin a project that builds at once",
		Long: `Make a project in DIR: isf.yaml, documents about an identity with questions to
answer, prompts, two pipelines whose comments explain them, and a recipe. It
builds and tests as it is; with the provider sim, which is the default, without
a key or a network.

On a terminal, what no flag says is asked. Files that are there are never
overwritten: a README.md, Makefile, .gitignore or .env.example is kept, and any
other that is in the way stops the command before it has written anything.`,
		Example: `  isf init keeper
  isf init keeper --name "The Keeper" --provider openrouter`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if term.IsTerminal(os.Stdin) && term.IsTerminal(os.Stderr) {
				if err := askMissing(newKeyboard(c.Context(), os.Stdin, a.err), a.err, c.Flags().Changed, args[0], &o); err != nil {
					return err
				}
			}
			o.Source = scaffold.Running()
			return a.runInit(c.Context(), args[0], o)
		},
	}
	c.Flags().StringVar(&o.Name, "name", "", "the identity's name (default: from the folder's)")
	c.Flags().StringVar(&o.Provider, "provider", "", "whose models to begin with (default: sim, which is simulated)")
	offer(c, "provider", provider.Names())
	return c
}

// askMissing asks for what no flag has said; an empty line takes the default.
func askMissing(keys *keyboard, out io.Writer, given func(flag string) bool, dir string, o *scaffold.Options) error {
	questions := []struct {
		flag, text, usual string
		to                *string
		check             func(string) error
	}{
		{"name", "The identity's name", nameOf(dir), &o.Name, scaffold.CheckName},
		{"provider", "Provider (sim needs no key)", "sim", &o.Provider, scaffold.CheckProvider},
	}
	for _, q := range questions {
		for !given(q.flag) {
			fmt.Fprintf(out, "%s [%s]: ", q.text, q.usual)
			text, ok, err := keys.line()
			fmt.Fprintln(out)
			switch {
			case err != nil:
				return err
			case !ok:
				return exitCode(exitInterrupted) // nothing was made
			}
			*q.to = strings.TrimSpace(text)
			if *q.to == "" {
				*q.to = q.usual
			}
			if err = q.check(*q.to); err == nil {
				break
			}
			fmt.Fprintln(out, safe(err.Error()))
		}
	}
	return nil
}

// nameOf is the name that a folder's own suggests, also of "." and "..".
func nameOf(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	return scaffold.NameOf(filepath.Base(dir))
}

func (a *app) runInit(ctx context.Context, dir string, o scaffold.Options) error {
	if o.Name == "" {
		o.Name = nameOf(dir)
	}
	if o.Provider == "" {
		o.Provider = "sim"
	}
	files, err := scaffold.Project(o)
	if err != nil {
		return engine.Usagef("%w", err)
	}
	kept, err := scaffold.Write(dir, files)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "made %s in %s\n", count(len(files)-len(kept), "file"), safe(dir))
	for _, name := range kept {
		fmt.Fprintf(a.out, "kept %s as it was\n", safe(name))
	}
	if o.Source.Checkout != "" {
		fmt.Fprintf(a.out, "go.mod takes isf from %s, which this isf was built from\n", safe(o.Source.Checkout))
	}
	if o.Source.Lost {
		return fmt.Errorf("this isf was built from a checkout that cannot be found; run `go mod edit -replace %s=CHECKOUT && go mod tidy` in %s", scaffold.Module, dir)
	}
	if err := scaffold.Resolve(ctx, dir); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "\nnext:\n%s  isf build\n", nextSteps(dir, o.Provider))
	return nil
}

// nextSteps are what to type before the first build.
func nextSteps(dir, name string) string {
	steps := ""
	if filepath.Clean(dir) != "." {
		steps = fmt.Sprintf("  cd %s\n", safe(dir))
	}
	if row, _ := provider.Of(name); row.KeyEnv != "" {
		steps += fmt.Sprintf("  cp .env.example .env   # and fill in %s\n", row.KeyEnv)
	}
	return steps
}
