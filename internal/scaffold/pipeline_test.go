package scaffold

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// planIn plans a pipeline in a project whose list of pipelines is in this file.
func planIn(t *testing.T, name, list string) (*NewPipeline, error) {
	t.Helper()
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, pipelinesDir), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, pipelinesDir, "list.go"), []byte(list), 0o644); err != nil {
		t.Fatal(err)
	}
	n := &NewPipeline{Name: name, Model: "judge"}
	return n, n.Plan(root)
}

func TestAPipelineIsAddedToTheList(t *testing.T) {
	const before = "package data\n\nimport \"github.com/identity-shaping/isf\"\n\nfunc All() []isf.Pipeline {\n\treturn []isf.Pipeline{"
	for what, c := range map[string]struct{ list, want string }{
		"of lines":         {before + "\n\t\tisf.Table(\"a\", &A{}), // the first\n\t}\n}\n", before + "\n\t\tisf.Table(\"a\", &A{}), // the first\n\t\tisf.Dataset(\"small-talk\", &SmallTalk{}),\n\t}\n}\n"},
		"on one line":      {before + "isf.Table(\"a\", &A{})}\n}\n", before + "isf.Table(\"a\", &A{}),\n\t\tisf.Dataset(\"small-talk\", &SmallTalk{}),\n\t}\n}\n"},
		"that is empty":    {before + "}\n}\n", before + "\n\t\tisf.Dataset(\"small-talk\", &SmallTalk{}),\n\t}\n}\n"},
		"another name":     {strings.NewReplacer("import \"", "import make \"", "isf.", "make.").Replace(before) + "}\n}\n", "make.Dataset(\"small-talk\", &SmallTalk{})"},
		"of another shape": {"package data\n\nfunc All() any { return nil }\n", ""},
	} {
		n, err := planIn(t, "small-talk", c.list)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if got := string(n.Listing); !strings.Contains(got, c.want) || (c.want == "") != (got == "") {
			t.Errorf("a list %s: got\n%s\nwant\n%s", what, got, c.want)
		}
		if n.Line == "" {
			t.Errorf("a list %s: got no line to add", what)
		}
	}
}

func TestANameThatIsTakenIsAnError(t *testing.T) {
	_, err := planIn(t, "small-talk", "package data\n\nvar SmallTalk int\n")
	if err == nil || !strings.Contains(err.Error(), "pipelines/list.go already declares SmallTalk") {
		t.Errorf("got %v, want the file that declares the type", err)
	}
	_, err = planIn(t, "small-talk", "package data\n\nfunc {\n")
	if err == nil || !strings.Contains(err.Error(), "pipelines/list.go:3:6") {
		t.Errorf("got %v, want the place that does not parse", err)
	}
}

// Go would leave x_linux.go out elsewhere, and x_test.go everywhere.
func TestFilesAreCompiledEverywhere(t *testing.T) {
	for target, want := range map[string]string{
		"small-talk": "small_talk.go", "eval-test": "eval_test_pipeline.go", "on-linux": "on_linux_pipeline.go", "for-arm64": "for_arm64_pipeline.go", "v0.1": "v0_1.go",
	} {
		if got := fileName(target); got != want {
			t.Errorf("fileName(%q) = %q, want %q", target, got, want)
		}
	}
}

func TestPipelineNames(t *testing.T) {
	for _, bad := range []string{"", "2nd", "a/b", "../a", "a b", "_a"} {
		if _, err := planIn(t, bad, "package data\n"); err == nil {
			t.Errorf("pipeline %q is accepted", bad)
		}
	}
}
