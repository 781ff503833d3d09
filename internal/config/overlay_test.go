package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAnOverlayChangesWhatItNames(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	base := `
models:
  template: &d {provider: openrouter, model: a/b, temperature: 0.3, stop: [x, y]}
  judge: *d
  other: *d
worker_concurrency: 50
pipelines: {facts: {rows: 1}}
`
	write("local.yaml", "models: {judge: {<<: {provider: local, model: ignored}, model: a/b, stop: [z]}}\nworker_concurrency: 2\npipelines: {facts: {rows: 2}}\nidentity: {prefix: mine}\n")
	c, err := Parse(root, []byte(base), "local.yaml")
	if err != nil {
		t.Fatal(err)
	}
	judge, other := c.Models[1], c.Models[2]
	if judge.Provider != "local" || judge.ID != "a/b" || *judge.Temperature != 0.3 || len(judge.Stop) != 1 || judge.Stop[0] != "z" {
		t.Errorf("judge is %+v, want another provider and other stops", judge)
	}
	if other.Provider != "openrouter" || len(other.Stop) != 2 {
		t.Errorf("other, which shares an anchor, is %+v, want it as it was", other)
	}
	if p := c.Pipelines["facts"]["rows"]; c.WorkerConcurrency != 2 || c.Identity.Prefix != "mine" || p.Value != int64(2) || p.Place != "local.yaml:3" {
		t.Errorf("got %d workers, prefix %s, rows %+v", c.WorkerConcurrency, c.Identity.Prefix, p)
	}

	for text, want := range map[string]string{
		"models: {judge: {temprature: 1}}": `local.yaml:1:18: unknown key "temprature" in models.judge; did you mean "temperature"?`,
		"worker_concurrency: 0":            "local.yaml:1:21: worker_concurrency must be at least 1",
		"- models":                         "local.yaml:1:1: local.yaml must be a mapping",
		"":                                 "local.yaml:1:1: the file is empty; it needs what shall differ from isf.yaml",
		"a: [":                             "local.yaml:",
	} {
		write("local.yaml", text)
		if _, err := Parse(root, []byte(base), "local.yaml"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
	if _, err := Parse(root, []byte(base), "nowhere.yaml"); err == nil || !strings.Contains(err.Error(), "nowhere.yaml: the settings to lay over isf.yaml cannot be read") {
		t.Errorf("a file that is not there: got %v", err)
	}
}
