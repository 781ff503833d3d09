package cli

import (
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/graph"
)

// A completer offers what an argument that begins with typed may be.
type completer func(w *workspace, typed string) ([]string, cobra.ShellCompDirective)

// completers of arguments, by the word that a command's usage has for them.
var completers = map[string]completer{
	"TARGET":          completeTargets,
	"TARGET:RECORD":   completeRecords,
	"TARGET[:RECORD]": completeMaybeRecords,
	"TARGET|FILE":     completeTargetsAndFiles,
	"MODEL":           completeModels,
	"PIPELINE":        completePipelines,
	"PROMPT":          completePrompts,
}

// nameOfWhat says what a NAME is, by the command that takes it.
var nameOfWhat = map[string]string{"registry show": "MODEL", "pipeline run": "PIPELINE", "prompt": "PROMPT"}

// complete teaches c, and all below it, to complete its arguments.
func (a *app) complete(c *cobra.Command) {
	if words := arguments(c); len(words) > 0 && c.ValidArgsFunction == nil {
		c.ValidArgsFunction = func(_ *cobra.Command, before []string, typed string) ([]string, cobra.ShellCompDirective) {
			f := completers[words[min(len(before), len(words)-1)]]
			if f == nil && (words[0] == "DIR" || words[0] == "FILE") {
				return nil, cobra.ShellCompDirectiveDefault
			}
			if f == nil || (len(before) >= len(words) && !strings.Contains(c.Use, "…")) {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			w, err := a.open(nil)
			if err != nil {
				return nil, cobra.ShellCompDirectiveDefault // outside of a project files are all there is
			}
			defer w.close()
			return f(w, typed)
		}
	}
	for _, sub := range c.Commands() {
		a.complete(sub)
	}
}

// arguments are the words of a usage line, as TARGET of "build [TARGET…]".
func arguments(c *cobra.Command) []string {
	var words []string
	for _, word := range strings.Fields(c.Use)[1:] {
		if inner, optional := strings.CutPrefix(word, "["); optional {
			word = strings.TrimSuffix(inner, "]")
		}
		word = strings.TrimRight(word, "….")
		if word == "NAME" {
			_, word, _ = strings.Cut(c.CommandPath(), " ")
			word = nameOfWhat[word]
		}
		words = append(words, word)
	}
	return words
}

const dataFolder = "training/data/"

// completeTargets offers short names, and whole ones once a folder is typed.
func completeTargets(w *workspace, typed string) ([]string, cobra.ShellCompDirective) {
	plus := ""
	if strings.HasPrefix(typed, "+") {
		plus = "+"
	}
	out := []string{plus + "all", plus + dataFolder + "all"}
	for _, t := range w.Graph.Targets() {
		if t.OnRequest && !strings.Contains(typed, ".") {
			continue
		}
		name := t.Name
		if !strings.Contains(typed, "/") {
			name = short(t)
		}
		out = append(out, plus+name)
	}
	return beginning(out, typed), cobra.ShellCompDirectiveNoFileComp
}

// short is the name that people type.
func short(t *graph.Target) string {
	if name, found := strings.CutPrefix(t.Name, dataFolder); found {
		return name
	}
	return t.Name
}

// mostRecords that are offered; more would be no help.
const mostRecords = 100

// completeRecords offers targets, then the ids of one.
func completeRecords(w *workspace, typed string) ([]string, cobra.ShellCompDirective) {
	target, id, chosen := strings.Cut(typed, ":")
	if !chosen {
		var out []string
		for _, t := range w.Graph.Targets() {
			if path.Ext(t.Output) == ".jsonl" {
				out = append(out, short(t)+":")
			}
		}
		return beginning(out, typed), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
	ids, err := w.RecordIDs(target, id, mostRecords)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	for i := range ids {
		ids[i] = safe(target + ":" + ids[i])
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}

func completeModels(w *workspace, typed string) ([]string, cobra.ShellCompDirective) {
	var out []string
	for _, m := range w.Registry.Models() {
		out = append(out, m.Name)
	}
	return beginning(out, typed), cobra.ShellCompDirectiveNoFileComp
}

func completePipelines(w *workspace, typed string) ([]string, cobra.ShellCompDirective) {
	var out []string
	for _, t := range w.Graph.Targets() {
		if t.Pipeline != "" {
			out = append(out, t.Pipeline)
		}
	}
	return beginning(out, typed), cobra.ShellCompDirectiveNoFileComp
}

func completePrompts(w *workspace, typed string) ([]string, cobra.ShellCompDirective) {
	files, err := w.PromptFiles()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	return beginning(files, typed), cobra.ShellCompDirectiveNoFileComp
}

func completeTargetsAndFiles(w *workspace, typed string) ([]string, cobra.ShellCompDirective) {
	out, _ := completeTargets(w, typed)
	return out, cobra.ShellCompDirectiveDefault
}

// completeMaybeRecords is completeRecords where a target alone will do.
func completeMaybeRecords(w *workspace, typed string) ([]string, cobra.ShellCompDirective) {
	if strings.Contains(typed, ":") {
		return completeRecords(w, typed)
	}
	out, _ := completeTargets(w, typed)
	return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

func beginning(names []string, typed string) []string {
	return slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, typed) })
}

// offer completes a flag's value with one of these.
func offer(c *cobra.Command, flag string, values []string) {
	err := c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic(err) // the flag is the caller's own
	}
}

// offerModels completes a flag's value with a model of the project.
func (a *app) offerModels(c *cobra.Command, flag string) {
	err := c.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		w, err := a.open(nil)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		defer w.close()
		return completeModels(w, typed)
	})
	if err != nil {
		panic(err) // the flag is the caller's own
	}
}
