package cli

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/config"
	"github.com/identity-shaping/isf/internal/doctor"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/provider"
	"github.com/identity-shaping/isf/internal/registry"
)

func (a *app) doctorCommand() *cobra.Command {
	var ping, asJSON, hook bool
	c := &cobra.Command{
		Use:         "doctor",
		Annotations: noOther,
		Short:       "Look for what is wrong with the set-up, and say what to do",
		Long: `Look at Go and the project's code, isf.yaml, models and their keys, the cache,
the disk and its file system, and at git: what should be committed and is not,
and secrets that are about to be. Nothing is changed, and nothing is sent unless
--ping asks each model for a word (which costs as little as a request can).

Findings are ok, look (it works, and somebody should know) or bad (something
will fail, be lost or leak); with a bad one it exits with 1.

--hook puts a pre-commit hook into the project's git repository: it runs isf check
on datasets that are about to be committed, and stops the commit where one is BAD.`,
		Example: `  isf doctor
  isf doctor --ping
  isf doctor --json
  isf doctor --hook                            # once for each clone`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if hook {
				return a.runHook(c.Context())
			}
			return a.runDoctor(c.Context(), ping, asJSON)
		},
	}
	c.Flags().BoolVar(&ping, "ping", false, "ask each model for a word")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().BoolVar(&hook, "hook", false, "install a git hook that checks changed datasets before each commit")
	return c
}

func (a *app) runHook(ctx context.Context) error {
	root, err := a.findRoot()
	if err != nil {
		return err
	}
	path, err := doctor.InstallHook(ctx, root)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "made %s\n", safe(path))
	return nil
}

func (a *app) runDoctor(ctx context.Context, ping, asJSON bool) error {
	found := a.examine(ctx, ping)
	a.broken = nil // it is among what was found
	bad := slices.ContainsFunc(found, func(f doctor.Finding) bool { return f.Grade == doctor.Bad })
	if asJSON {
		if err := writeJSON(a.out, map[string]any{"findings": found}); err != nil {
			return err
		}
	} else {
		for _, f := range found {
			fmt.Fprintf(a.out, "%-4s  %-8s  %s\n", f.Grade, f.Area, safe(strings.TrimSpace(f.Text)))
			if f.Fix != "" {
				fmt.Fprintf(a.out, "                → %s\n", safe(f.Fix))
			}
		}
	}
	if bad {
		return errTold
	}
	return nil
}

// examine looks at what can be looked at: a project that does not load still
// has a disk.
func (a *app) examine(ctx context.Context, ping bool) []doctor.Finding {
	root, err := a.findRoot()
	if err != nil {
		return append(doctor.Go(ctx, ".", nil)[:1], doctor.Finding{Area: "project", Grade: doctor.Bad, Text: err.Error(), Fix: "`isf init DIR` makes a project"})
	}
	found := doctor.Go(ctx, root, a.broken)
	folder := doctor.Folder{Root: root, Getenv: os.Getenv}
	for _, name := range provider.Names() {
		if row, _ := provider.Of(name); row.KeyEnv != "" {
			folder.Keys = append(folder.Keys, row.KeyEnv)
		}
	}
	w, err := a.open(nil)
	if err != nil {
		found = append(found, doctor.Finding{Area: config.FileName, Grade: doctor.Bad, Text: err.Error(), Fix: "mend it; docs/isf.schema.json has every key"})
		return append(found, folder.Files(ctx)...)
	}
	defer w.close()
	found = append(found, doctor.Finding{Area: config.FileName, Grade: doctor.OK, Text: fmt.Sprintf("%s, %s", count(len(w.Registry.Models()), "model"), count(len(w.wanted()), "target"))})
	found = append(found, examineModels(ctx, w, ping)...)
	for _, m := range w.Registry.Models() {
		if m.Config.APIKeyEnv != "" {
			folder.Keys = append(folder.Keys, m.Config.APIKeyEnv)
		}
	}
	folder.Outputs, folder.Keep = committable(w.Graph)
	return append(found, folder.Files(ctx)...)
}

// committable are the files of targets that cost something to make again, and
// those that people have decided in.
func committable(g *graph.Graph) (outputs, keep []string) {
	for _, t := range g.Targets() {
		if stem, data := strings.CutSuffix(t.Output, ".jsonl"); data {
			outputs = append(outputs, t.Output)
			keep = append(keep, graph.ManifestPath(t.Output), stem+".decisions.jsonl", stem+".reviews.jsonl")
		}
	}
	return outputs, keep
}

// examineModels finds models that cannot be asked. One that no pipeline asks
// is worth no alarm.
func examineModels(ctx context.Context, w *workspace, ping bool) []doctor.Finding {
	used := map[string]bool{}
	for _, t := range w.Graph.Targets() {
		for _, in := range t.Inputs {
			if m, isModel := in.(graph.Model); isModel && t.Pipeline != "" {
				used[m.Registry] = true
			}
		}
	}
	trouble := map[string][]string{} // sentence → models
	fine, grade := 0, map[string]doctor.Grade{}
	asked := map[string]string{} // what pings said
	for _, m := range w.Registry.Models() {
		text := problem(w.ModelInfo(m.Name, os.Getenv))
		if text == "" && ping {
			text = w.pingOnce(ctx, m, asked)
		}
		if text == "" {
			fine++
			continue
		}
		trouble[text] = append(trouble[text], m.Name)
		if grade[text] == "" || used[m.Name] {
			grade[text] = map[bool]doctor.Grade{true: doctor.Bad, false: doctor.Look}[used[m.Name]]
		}
	}
	var found []doctor.Finding
	for _, text := range slices.Sorted(maps.Keys(trouble)) {
		found = append(found, doctor.Finding{Area: "models", Grade: grade[text], Text: strings.Join(trouble[text], ", ") + ": " + text})
	}
	if fine > 0 {
		what := "can be asked"
		if ping {
			what = "answered"
		}
		found = append(found, doctor.Finding{Area: "models", Grade: doctor.OK, Text: fmt.Sprintf("%s %s", count(fine, "model"), what)})
	}
	return found
}

// patience with one model that is asked for a word.
const patience = 30 * time.Second

// problem is why a model cannot be asked, "" if it can.
func problem(info engine.ModelInfo) string {
	if info.Err != nil {
		return info.Err.Error()
	}
	return info.Problem
}

// pingOnce asks each model of each provider once, under however many names the
// registry has it, and returns why there was no answer.
func (w *workspace) pingOnce(ctx context.Context, m registry.Model, asked map[string]string) string {
	id := strings.Join(append([]string{m.Provider, m.ID, m.Config.APIKeyEnv}, m.Config.BaseURL...), "\n")
	text, known := asked[id]
	if !known {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		text = w.ping(ctx, w.ModelInfo(m.Name, os.Getenv).Model).Error
		if ctx.Err() == context.DeadlineExceeded {
			text = "no answer within " + patience.String()
		}
		asked[id] = text
	}
	return text
}
