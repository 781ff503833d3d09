package markdown

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const doc = "---\ntitle: x\n---\n# One\n\nFirst line\nsecond line.\n\n## Two ##\n- a\n- b\n\n***\n\n```go\n# no heading\n\nx := 1\n```\n\n# Three\nLast.\n"

func TestParagraphsCarryTheirHeadings(t *testing.T) {
	got := Paragraphs(doc)
	want := []Block{
		{[]string{"One"}, "First line\nsecond line.", 6},
		{[]string{"One", "Two"}, "- a\n- b", 10},
		{[]string{"One", "Two"}, "```go\n# no heading\n\nx := 1\n```", 15},
		{[]string{"Three"}, "Last.", 22},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// Whoever answers the question in a comment right below it has written a paragraph.
func TestACommentIsAParagraphOfItsOwn(t *testing.T) {
	got := Paragraphs("Before.\n<!-- Which?\n\n# And why? -->\nThat one.\n\n<!-- a --> b\n<!-- open\n\nend")
	want := []Block{
		{nil, "Before.", 1},
		{nil, "<!-- Which?\n\n# And why? -->", 2},
		{nil, "That one.", 5},
		{nil, "<!-- a --> b", 7},
		{nil, "<!-- open\n\nend", 8},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestSectionsJoinTheirParagraphs(t *testing.T) {
	got := Sections(doc)
	want := []Section{
		{[]string{}, "One", "First line\nsecond line.", 6},
		{[]string{"One"}, "Two", "- a\n- b\n\n```go\n# no heading\n\nx := 1\n```", 10},
		{[]string{}, "Three", "Last.", 22},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestWhatIsNoHeadingIsText(t *testing.T) {
	for _, line := range []string{"#tag", "    # indented", "####### seven", "text # more"} {
		if got := Paragraphs(line); len(got) != 1 || len(got[0].Headings) != 0 {
			t.Errorf("Paragraphs(%q) = %v, want one paragraph without headings", line, got)
		}
	}
}
