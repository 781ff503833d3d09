package graph

import (
	"fmt"
	"strings"
	"testing"
)

func names(fields []PartField) string {
	var names []string
	for _, f := range fields {
		names = append(names, f.Name)
	}
	return strings.Join(names, " | ")
}

func TestSectionsAreNamedByTheHeadingsAboveThem(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"just text", "(before the first heading)"},
		{"# A\ntext\n## B\n\n### C #\n## D\n# E", "A | A > B | A > B > C | A > D | E"},
		{"intro\n\n## B\r\n### B\n", "(before the first heading) | B | B > B"},
		{"# A\n# A\n", "A | A (2)"},
		{"# A\n```sh\n# comment\n```\n## B", "A | A > B"},
		{"# A\n~~~~\n```\n# no\n~~~\n# no\n~~~~\n# C", "A | C"},
		{"#hash\n####### seven\n#\n", "(before the first heading) | (untitled)"},
	} {
		if got := names(sections([]byte(c.text))); got != c.want {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
}

func TestAnEditOfASectionChangesItsFieldOnly(t *testing.T) {
	const text = "# Me\nI am.\n## The mill\nIt turns.\n## The sea\nIt waits.\n"
	before, after := sections([]byte(text)), sections([]byte(strings.Replace(text, "turns", "stands", 1)))
	for i := range before {
		if same, want := before[i] == after[i], before[i].Name != "Me > The mill"; same != want {
			t.Errorf("%s: unchanged is %v, want %v", before[i].Name, same, want)
		}
	}
}

func TestSectionsAreBounded(t *testing.T) {
	var b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&b, "# %d %s\n", i, strings.Repeat("é", 100))
	}
	fields := sections([]byte(b.String()))
	if got, last := len(fields), fields[len(fields)-1].Name; got != maxSections || last != restOfFile {
		t.Errorf("got %d sections, the last %q; want %d, %q", got, last, maxSections, restOfFile)
	}
	if got := len(fields[0].Name); got > maxHeading+len("…") {
		t.Errorf("a name has %d bytes", got)
	}
	if got, want := unpackFields(packFields(fields)), fields; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Error("packed fields are not what they were")
	}
}
