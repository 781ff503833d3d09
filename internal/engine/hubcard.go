package engine

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/identity-shaping/isf/graph"
)

// A HubCard is what the README.md of a dataset on the hub says beyond what
// dataset.json knows.
type HubCard struct {
	Title   string // as people read it
	License string // an identifier of the hub's, as cc-by-4.0; "unknown" if nobody has said
}

// sizes are the hub's words for numbers of rows.
var sizes = []struct {
	below int
	word  string
}{
	{1_000, "n<1K"},
	{10_000, "1K<n<10K"},
	{100_000, "10K<n<100K"},
	{1_000_000, "100K<n<1M"},
	{10_000_000, "1M<n<10M"},
	{100_000_000, "10M<n<100M"},
}

func sizeCategory(rows int) string {
	for _, s := range sizes {
		if rows < s.below {
			return s.word
		}
	}
	return "100M<n<1B"
}

// markdown is the card: a head in YAML for the hub, and text for people. Names
// of the project are quoted, because they may hold anything.
func (h *HubCard) markdown(c *DatasetCard) string {
	var b strings.Builder
	rows := 0
	for _, f := range c.Files {
		rows += f.Rows
	}
	fmt.Fprintf(&b, "---\npretty_name: %s\nlicense: %s\ntask_categories:\n- text-generation\ntags:\n- isf\n- synthetic\nsize_categories:\n- %s\n",
		quoted(h.Title), quoted(cmp.Or(h.License, "unknown")), sizeCategory(rows))
	b.WriteString("configs:\n- config_name: default\n  data_files:\n")
	for _, f := range c.Files {
		fmt.Fprintf(&b, "  - split: %s\n    path: %s\n", splitOf(f.Name), f.Name)
	}
	fmt.Fprintf(&b, "---\n\n# %s\n\n", inText(h.Title))
	fmt.Fprintf(&b, "Conversations to train on, made by the target `%s` of an ISF project (state %s%s).\n\n", c.Target, c.State, atCommit(c.Commit))
	b.WriteString("| split | rows | file |\n|---|---|---|\n")
	for _, f := range c.Files {
		fmt.Fprintf(&b, "| %s | %d | `%s` |\n", splitOf(f.Name), f.Rows, f.Name)
	}
	b.WriteString("\n" + c.columnsText() + "\n\n## Where it comes from\n\n")
	c.sourcesText(&b)
	b.WriteString("\n`dataset.json` has digests of all of this: recipe, sources, code, models with their parameters and the hash of their system prompts. A checkpoint trained on these rows leads back to them by it.\n")
	return b.String()
}

func splitOf(file string) string { return strings.TrimSuffix(path.Base(file), path.Ext(file)) }

func atCommit(commit *string) string {
	if commit == nil {
		return ""
	}
	return ", commit `" + *commit + "`"
}

func (c *DatasetCard) columnsText() string {
	if c.Render != "" {
		return fmt.Sprintf("Each row has `id` and `text`: the conversation as %s reads it, with its special tokens (tokenise it without adding any). Only the last answer has its thinking.", c.Render)
	}
	return "Each row has `id` and `messages` (`role`, `content`; where any has them also `weight`, and `extra`, further fields as JSON). Thinking stands in front of an answer, between `<think>` and `</think>`."
}

func (c *DatasetCard) sourcesText(b *strings.Builder) {
	if c.Recipe != nil {
		fmt.Fprintf(b, "- recipe `%s`\n", inText(c.Recipe.Name))
	}
	for _, s := range c.Sources {
		fmt.Fprintf(b, "- `%s`\n", inText(cmp.Or(s.Target, s.File)))
	}
	var models []string
	for _, m := range c.Models {
		line := fmt.Sprintf("- model `%s`", inText(m.Name))
		if id := string(m.Fields["model"]); id != "" {
			line += fmt.Sprintf(" (`%s`)", inText(strings.Trim(id, `"`)))
		}
		if !slices.Contains(models, line) {
			models = append(models, line)
		}
	}
	for _, m := range models {
		fmt.Fprintln(b, m)
	}
	if c.Kind == graph.Recipe && len(c.Sources) == 0 {
		b.WriteString("- nothing that has a manifest\n")
	}
}

// inText keeps a name from being markup.
func inText(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune("`<>[]|", r) {
			return ' '
		}
		return r
	}, name)
}
