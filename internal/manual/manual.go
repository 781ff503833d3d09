// Package manual writes the commands of isf down, from the same texts that
// --help prints: docs/cli.md, and a manual page.
//
// Both are a function of the commands alone, without a date or a version, so
// that a test can compare them with what is in the repository.
package manual

import (
	"bytes"
	"strings"

	"github.com/spf13/cobra"
)

// A writer lays the parts of a manual out in one format.
type writer interface {
	title(name, short string)
	command(path, short string)
	heading(text string)
	prose(text string) // paragraphs, lists and indented blocks, as --help has them
	code(text string)
	String() string
}

// Markdown returns docs/cli.md.
func Markdown(root *cobra.Command) string { return write(&markdown{}, root) }

// Man returns the manual page, section 1.
func Man(root *cobra.Command) string { return write(&roff{}, root) }

func write(w writer, root *cobra.Command) string {
	w.title(root.Name(), root.Short)
	w.prose(root.Long)
	w.heading("Flags of all commands")
	w.code(root.PersistentFlags().FlagUsages())
	each(root, func(c *cobra.Command) {
		w.command(c.CommandPath(), c.Short)
		if c.Runnable() {
			w.code(c.UseLine())
		}
		w.prose(c.Long)
		if flags := c.LocalFlags(); flags.HasAvailableFlags() {
			w.heading("Flags")
			w.code(flags.FlagUsages())
		}
		if c.Example != "" {
			w.heading("Examples")
			w.code(c.Example)
		}
	})
	return w.String()
}

// each visits the commands below c in order, without those that cobra adds.
func each(c *cobra.Command, visit func(*cobra.Command)) {
	for _, sub := range c.Commands() {
		if sub.Hidden || sub.Name() == "help" || sub.Name() == "completion" {
			continue
		}
		visit(sub)
		each(sub, visit)
	}
}

// Examples returns the command lines of --help examples, in order, without
// their comments.
func Examples(root *cobra.Command) []string {
	var out []string
	each(root, func(c *cobra.Command) {
		for line := range strings.Lines(c.Example) {
			line, _, _ = strings.Cut(line, " #")
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
				out = append(out, line)
			}
		}
	})
	return out
}

// A block is a paragraph, or lines that are to stay as they are.
type block struct {
	text     string
	verbatim bool
}

// blocks splits the text of a --help: an indented block is verbatim.
func blocks(text string) []block {
	var out []block
	for part := range strings.SplitSeq(strings.Trim(text, "\n"), "\n\n") {
		if part == "" {
			continue
		}
		out = append(out, block{part, strings.HasPrefix(part, "  ")})
	}
	return out
}

// undented takes the common two spaces away that --help puts in front.
func undented(text string) string {
	var b bytes.Buffer
	for line := range strings.Lines(strings.Trim(text, "\n")) {
		b.WriteString(strings.TrimPrefix(line, "  "))
	}
	return strings.TrimRight(b.String(), " \n")
}
