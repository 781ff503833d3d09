package manual

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

func tree() *cobra.Command {
	root := &cobra.Command{Use: "isf", Short: "make for datasets"}
	build := &cobra.Command{
		Use: "build [TARGET…]", Short: "Make *all*", Long: "One a_b.\n\n  kept   as is\n\n.Three 'four' `a_b` \\n.",
		Example: "  isf build   # everything\n  # only\n  isf build a > b", RunE: func(*cobra.Command, []string) error { return nil },
	}
	build.Flags().BoolP("keep-going", "k", false, "go on")
	root.AddCommand(build, &cobra.Command{Use: "secret", Hidden: true, Example: "  isf secret"})
	return root
}

func TestMarkdownKeepsWordsAndCode(t *testing.T) {
	got := Markdown(tree())
	for _, want := range []string{"## isf build\n\nMake \\*all\\*.\n", "```\nisf build [TARGET…] [flags]\n```", "One a\\_b.", "```\nkept   as is\n```", "`a_b`", "-k, --keep-going   go on", "```\nisf build   # everything\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s\nwithout %q", got, want)
		}
	}
	if strings.Contains(got, "secret") {
		t.Error("a hidden command is shown")
	}
}

func TestNoTextIsARequestInAManualPage(t *testing.T) {
	got := Man(tree())
	for _, want := range []string{".SH isf build\nMake *all*.\n", "\n\\&.Three 'four'", "\\en.", "\\-k, \\-\\-keep\\-going"} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s\nwithout %q", got, want)
		}
	}
}

func TestExamplesAreCommandLines(t *testing.T) {
	if got, want := Examples(tree()), []string{"isf build", "isf build a > b"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
