package cli

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/term"
)

func (a *app) keepCommand() *cobra.Command {
	var input, reason string
	var undo bool
	c := &cobra.Command{
		Use:   "keep TARGET",
		Short: "Let answers stand although an input was edited since",
		Long: `Let the answers of the last build stand although one input of the target was
edited since they were asked: a typo in a prompt that is not worth asking
thousands of records again. Nothing is sent.

It holds for the requests as the edit makes them now, and for nothing else.
Records that are new are asked with the edited input; a second edit makes the
target stale again. Rows, manifest and status say for ever that answers were
kept, and why. The decision is a line of NAME.decisions.jsonl, which is
committed. --undo takes it back, and the target is stale again.`,
		Example: `  isf keep behaviour --reason "typo in the system prompt"
  isf keep behaviour --undo`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if undo {
				return a.runUnkeep(args[0], input)
			}
			return a.runKeep(c.Context(), args[0], input, reason)
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "why the old answers are good enough; rows and manifest say it")
	c.Flags().StringVar(&input, "input", "", "the input that was edited, where `isf why` names several")
	c.Flags().BoolVar(&undo, "undo", false, "take back what was kept (of --input, else all)")
	return c
}

func (a *app) runKeep(ctx context.Context, name, input, reason string) error {
	if err := a.needPipelines(); err != nil {
		return err
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		return engine.Usagef("say why the old answers stand: --reason \"typo in the prompt\"")
	}
	return a.on(name, nil, func(w *workspace, t *graph.Target) error {
		kept, err := w.Keep(ctx, t, w.reader, input, reason, os.Getenv)
		if err != nil {
			return err
		}
		if kept.Answers > 0 {
			fmt.Fprintf(a.out, "%s: %s kept from before the edit of %s\n", t.Name, count(kept.Answers, "answer"), kept.Input)
		}
		if kept.Left > 0 {
			fmt.Fprintf(a.out, "%s to send all the same; %s\n", count(kept.Left, "request"), w.toBuild(t))
			return nil
		}
		return a.runBuild(ctx, []string{t.Name}, buildOptions{Options: engine.Options{Offline: true, AsIs: true}})
	})
}

func (a *app) runUnkeep(name, input string) error {
	return a.on(name, nil, func(w *workspace, t *graph.Target) error {
		gone, err := w.Unkeep(t, input)
		for _, reason := range gone {
			fmt.Fprintf(a.out, "%s: no longer kept: %s\n", t.Name, safe(reason))
		}
		return err
	})
}

// keptText says what a target's rows rest on, "" if on nothing older than its
// inputs.
func keptText(kept []graph.Kept) string {
	var parts []string
	for _, k := range kept {
		parts = append(parts, fmt.Sprintf("%s, %s", safe(k.Reason), term.Plural(int64(k.Records), "record")))
	}
	if len(parts) == 0 {
		return ""
	}
	return "(kept: " + strings.Join(parts, "; ") + ")"
}
