package draw

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var small = Picture{
	Nodes: []Node{
		{ID: "file:a.md", Name: "a.md", Kind: "file"},
		{ID: "facts", Name: "facts", Kind: "table", State: "CURRENT", Note: "3 rows"},
		{ID: "qa", Name: `q"a<b>`, Kind: "dataset", State: "STALE"},
	},
	Edges: []Edge{{"file:a.md", "facts"}, {"facts", "qa"}},
}

func render(t *testing.T, write func(io.Writer, Picture) error) string {
	t.Helper()
	var b strings.Builder
	if err := write(&b, small); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTextPutsSourcesBelowTheirTarget(t *testing.T) {
	want := "facts  CURRENT, 3 rows\n  └─ a.md  (file)\nq\"a<b>  STALE\n  └─ facts  (table)\n"
	if d := cmp.Diff(want, render(t, Text)); d != "" {
		t.Error(d)
	}
}

func TestNamesAreNoMarkup(t *testing.T) {
	for name, write := range map[string]func(io.Writer, Picture) error{"dot": Dot, "mermaid": Mermaid, "svg": SVG} {
		got := render(t, write)
		if strings.Contains(got, `q"a<b>`) {
			t.Errorf("%s writes the name as markup:\n%s", name, got)
		}
	}
}

func TestSVGIsWellFormed(t *testing.T) {
	dec := xml.NewDecoder(strings.NewReader(render(t, SVG)))
	for {
		_, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
