package graph

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite golden files")

// everyInput has one input of each type.
func everyInput() []Input {
	return []Input{
		Code{Hash: "0123456789abcdef", Decls: []PartField{{Name: "pipelines.Facts", Digest: "aa"}, {Name: "pipelines.keep", Digest: "bb"}}},
		File{"narrative", "identity/NARRATIVE.md"},
		File{"gone", "identity/GONE.md"},
		Dir{"documents", "identity"},
		Glob{"prompts", "prompts/**/*.md"},
		PromptFiles{Attr: "question", Ref: "prompts/question.md", Paths: []string{"prompts/question.md", "prompts/tone.md"}},
		Model{Attr: "judge", Registry: "judge", Fields: []NamedValue{{"provider", "sim"}, {"temperature", 0.3}, {"extra", map[string]any{"b": "<&>", "a": []int{1}}}}},
		Model{Attr: "identity", Registry: "keeper-release-full", SysPrompt: "You are Keeper."},
		Param{"per_score", map[string]int{"5": 2, "1": 60}},
		Param{"language", "en"},
	}
}

func everything(t *testing.T) (*project, *Target) {
	p := newProject(t, map[string]string{
		"identity/NARRATIVE.md": "# Me\nI am.\n## The mill\nIt turns.\n",
		"prompts/question.md":   "Ask {{ fact }}.",
		"prompts/tone.md":       "Kindly.",
	})
	return p, &Target{Name: "training/data/facts", Kind: Table, Output: "training/data/facts.jsonl", Pipeline: "facts", Inputs: everyInput()}
}

func TestManifestsHaveOneForm(t *testing.T) {
	p, target := everything(t)
	p.build(target, "{}\n", func(m *Manifest) {
		m.Errors, m.Skipped, m.Dropped, m.ErrorsOutput = 1, 2, 3, hexOf("errors")
	})
	got, err := os.ReadFile(p.path("training/data/facts.manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "manifest.json")
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("the manifest differs (-want +got):\n%s", diff)
	}
}

func TestReadingAManifestGivesWhatWasWritten(t *testing.T) {
	p, target := everything(t)
	slices.Reverse(target.Inputs)
	p.build(target, "{}\n")
	m, err := ReadManifest(p.path(ManifestPath(target.Output)))
	if err != nil {
		t.Fatal(err)
	}
	parts, _ := Parts(target, p.Reader)
	if reasons := m.Diff(parts); len(reasons) > 0 {
		t.Errorf("an unchanged target has reasons: %v", reasons)
	}
	if Digest(m.Parts) != Digest(parts) {
		t.Error("the digest of the parts read is not that of the parts written")
	}
	if m.Records != 3 || m.Format != 1 || m.Kind != Table || m.Pipeline != "facts" || m.Output.Digest != hexOf("{}\n") {
		t.Errorf("got %+v", m)
	}
}

func TestPythonManifestsAreRead(t *testing.T) {
	p, target := everything(t)
	narrative, _ := p.FileDigest("identity/NARRATIVE.md")
	prompt := ShortDigest([]byte("You are Keeper."))
	p.write("training/data/facts.manifest.json", `{
  "pipeline": "facts",
  "code_hash": "0123456789abcdef",
  "deps": {
    "narrative": {"type": "file", "path": "/home/me/identity/NARRATIVE.md", "content_hash": "`+narrative+`"},
    "gone": {"type": "file", "path": "identity/GONE.md", "content_hash": null},
    "judge": {"type": "model", "registry": "judge", "sysprompt_hash": "`+prompt+`"},
    "identity": {"type": "model", "registry": "keeper-v0.1-full", "sysprompt_hash": "`+prompt+`"}
  },
  "generated_at": "2025-01-01T00:00:00", "record_count": 12, "partial": false
}`)
	m, err := ReadManifest(p.path("training/data/facts.manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	parts, _ := Parts(target, p.Reader)
	parts = slices.DeleteFunc(parts, func(p Part) bool { return p.Type == TypeDir || p.Type == TypeGlob })
	want := []string{"Pipeline code changed", "Model 'judge' sysprompt changed"}
	if got := texts(m.Diff(parts)); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if m.Records != 12 {
		t.Errorf("got %d records, want 12", m.Records)
	}
}

func TestPythonManifestsOfRecipesAreRead(t *testing.T) {
	if _, err := decodeManifest([]byte(`{"recipe": "default", "recipe_hash": "x", "categories": {}, "output": {"total_samples": 3}}`)); err != nil {
		t.Error(err)
	}
}

func TestWhatIsNoManifestIsDamaged(t *testing.T) {
	p, target := everything(t)
	p.build(target, "{}\n")
	whole, _ := os.ReadFile(p.path(ManifestPath(target.Output)))
	cases := []string{"", "null", "[]", "{}", "5", `{"format": 1, "deps": []}`, `{"pipeline": 5}`, string(whole) + "}"}
	for i := 1; i < len(whole)-1; i += 7 {
		cases = append(cases, string(whole[:i]))
	}
	for _, data := range cases {
		var bad *damagedError
		if m, err := decodeManifest([]byte(data)); !errors.As(err, &bad) {
			t.Errorf("%.40q: got %v, %v; want a damaged manifest", data, m, err)
		}
	}
}

func TestManifestsLieBesideTheirOutputs(t *testing.T) {
	for output, want := range map[string]string{
		"training/data/facts.jsonl":                  "training/data/facts.manifest.json",
		"registry.json":                              "registry.manifest.json",
		"identity/versions/v0.1/sysprompts/full.txt": "identity/versions/v0.1/sysprompts/full.manifest.json",
		"identity/v0.1/plain":                        "identity/v0.1/plain.manifest.json",
	} {
		if got := ManifestPath(output); got != want {
			t.Errorf("%s: got %s, want %s", output, got, want)
		}
	}
}
