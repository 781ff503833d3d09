package patterns_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/identity-shaping/isf/docs/patterns"
	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/engine"
)

// TestEachPatternMakesRows builds all pipelines on the simulated model.
func TestEachPatternMakesRows(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata")); err != nil {
		t.Fatal(err)
	}
	all := patterns.All()
	for _, q := range all {
		q.Version = "1" // the copy has no code to look at
	}
	p, err := engine.Open(dir, all, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	r, err := graph.NewReader(dir, filepath.Join(".isf", "stat"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	targets, err := p.Graph.Select([]string{graph.AllTargets})
	if err != nil {
		t.Fatal(err)
	}
	results, err := p.Build(t.Context(), targets, r, engine.Options{Getenv: os.Getenv}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{ // rows; what a judge decides differs
		"sequence": 6, "parallel": 18, "draws": 6, "retry": 6, "self-chat": 6, "balanced": 4, "joined": 2, "knowledge": 2,
	}
	for _, res := range results {
		name := res.Target.Pipeline
		if n, known := want[name]; known && res.Rows != n {
			t.Errorf("%s has %d rows, want %d", name, res.Rows, n)
		}
		if res.Err != nil || res.Failed > 0 || res.Rows == 0 {
			t.Errorf("%s: %d rows, %d failed, %v", res.Target.Name, res.Rows, res.Failed, res.Err)
		}
	}
}

var block = regexp.MustCompile("(?s)```go\n(.*?)```")

// TestTheDocumentShowsThisCode keeps docs/writing-pipelines.md in step: every
// piece of Go in it stands in a file of this package, but for one-line sketches.
func TestTheDocumentShowsThisCode(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	all := map[string]string{}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = string(text)
	}
	doc, err := os.ReadFile("../writing-pipelines.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range block.FindAllStringSubmatch(string(doc), -1) {
		found := false
		for piece := range strings.SplitSeq(m[1], "…\n") {
			found = false
			for name, text := range all {
				if strings.Contains(text, strings.TrimSpace(piece)) {
					shown[name], found = true, true
				}
			}
			if !found {
				t.Errorf("this stands in no file of docs/patterns:\n%s", piece)
			}
		}
	}
	for _, name := range files {
		if !shown[name] && !strings.HasSuffix(name, "_test.go") {
			t.Errorf("docs/writing-pipelines.md does not show %s", name)
		}
	}
}
