package prompts

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/identity-shaping/isf/internal/prompts/jinja"
)

// A golden file holds templates, a context, and what Jinja2 3.1.6 for Python
// makes of them. testdata/generate.py writes it.
type golden struct {
	Context   json.RawMessage   `json:"context"`
	Templates map[string]string `json:"templates"`
	Cases     []struct {
		Template, Expected, Error string
	} `json:"cases"`
}

func readGolden(t *testing.T, path string) golden {
	t.Helper()
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("%s is not there", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

// engine writes the templates into a folder and returns an Engine for it.
func engine(t testing.TB, templates map[string]string) *Engine {
	t.Helper()
	dir := t.TempDir()
	for name, text := range templates {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	e, err := New(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

func checkGolden(t *testing.T, g golden) {
	e := engine(t, g.Templates)
	ctx, err := FromJSON(g.Context)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range g.Cases {
		got, err := e.Render(c.Template, ctx)
		var fault *jinja.Error
		switch {
		case c.Error == "" && err != nil:
			t.Errorf("%s: %v\n    in %q\n  want %q", c.Template, err, g.Templates[c.Template], c.Expected)
		case c.Error == "" && got != c.Expected:
			t.Errorf("%s\n    in %q\n   got %q\n  want %q", c.Template, g.Templates[c.Template], got, c.Expected)
		case c.Error != "" && err == nil:
			t.Errorf("%s\n    in %q\n   got %q\n  want %s", c.Template, g.Templates[c.Template], got, c.Error)
		case c.Error != "" && errors.As(err, &fault) && fault.Kind != c.Error:
			t.Errorf("%s\n    in %q\n   got %s: %v\n  want %s", c.Template, g.Templates[c.Template], fault.Kind, err, c.Error)
		}
	}
}

func TestSharedCasesRenderLikeJinja2(t *testing.T) {
	checkGolden(t, readGolden(t, filepath.Join("..", "..", "..", "shared", "data", "jinja", "cases.json")))
}

func TestOwnCasesRenderLikeJinja2(t *testing.T) {
	checkGolden(t, readGolden(t, filepath.Join("testdata", "cases.json")))
}
