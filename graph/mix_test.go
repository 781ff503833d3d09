package graph

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// mixed is a recipe over two pipelines and a file, prepared.
func mixed(t *testing.T, change ...func(*Manifest)) (p *project, recipe *Target) {
	p = newProject(t, map[string]string{"doc.md": "x", "training/data/mix.yaml": "categories: …", "training/data/extra.jsonl": "{}\n"})
	recipe = mixOf("one", "two")
	g := p.graph(append(sources("one", "two"), recipe)...)
	p.build(g.Target("training/data/one"), "one\n")
	p.build(g.Target("training/data/two"), "two\n")
	p.build(recipe, "mix\n", append([]func(*Manifest){describeMix}, change...)...)
	return p, recipe
}

func sources(names ...string) []*Target {
	var ts []*Target
	for _, n := range names {
		ts = append(ts, &Target{Name: "training/data/" + n, Kind: Dataset, Output: "training/data/" + n + ".jsonl", Pipeline: n, Inputs: []Input{File{"doc", "doc.md"}}})
	}
	return ts
}

func mixOf(pipelines ...string) *Target {
	t := &Target{Name: "training/data/prepared/mix", Kind: Recipe, Output: "training/data/prepared/mix.jsonl"}
	t.Inputs = append(t.Inputs, RecipeFile{Path: "training/data/mix.yaml"}, Param{"preparer", 1})
	for _, n := range pipelines {
		t.Inputs = append(t.Inputs, Source{Attr: n, Target: "training/data/" + n, Mixed: true})
	}
	t.Inputs = append(t.Inputs, SampleFile{"extra.jsonl", "training/data/extra.jsonl"})
	return t
}

func describeMix(m *Manifest) {
	seed := int64(7)
	m.Skipped = 1
	m.Mix = &Mix{
		Recipe: "mix", Mode: "weighted", Seed: &seed, Settings: []byte(`{"thinking":"allow"}`),
		Weights: map[string]json.RawMessage{"a": []byte("0.5"), "b": []byte("0.1")},
		Categories: map[string]MixCategory{
			"a": {Used: 1, Available: 2, Pipelines: map[string]MixSource{"one": {Count: 1, Dropped: map[string]int{"missing_think_tag": 1}}, "two": {Count: 1}}, Files: map[string]MixSource{}},
			"b": {Used: 2, Available: 2, Pipelines: map[string]MixSource{}, Files: map[string]MixSource{"extra.jsonl": {Count: 2}}},
		},
	}
}

func TestManifestsOfRecipesHaveTheFormOfThePythonToolkit(t *testing.T) {
	p, recipe := mixed(t)
	got, err := os.ReadFile(p.path(ManifestPath(recipe.Output)))
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "mix.json")
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
	m, err := ReadManifest(p.path(ManifestPath(recipe.Output)))
	if err != nil {
		t.Fatal(err)
	}
	again, err := m.Encode()
	if err != nil || string(again) != string(got) {
		t.Errorf("read and written again it differs: %v\n%s", err, again)
	}
}

func TestRecipesAreStaleInTheWordsOfThePythonToolkit(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(p *project, g *Graph)
		now  *Target
		want []string
	}{
		{"nothing happened", func(*project, *Graph) {}, nil, nil},
		{"recipe", func(p *project, _ *Graph) { p.write("training/data/mix.yaml", "new") }, nil, []string{"Recipe changed"}},
		{"output of a pipeline", func(p *project, g *Graph) { p.build(g.Target("training/data/one"), "one more\n") }, nil, []string{"Pipeline 'one' output changed"}},
		{"provenance of a pipeline", func(p *project, g *Graph) {
			p.build(g.Target("training/data/one"), "one \n", func(m *Manifest) { m.Output.Content = ShortDigest([]byte("one\n")) })
		}, nil, nil},
		{"file", func(p *project, _ *Graph) { p.write("training/data/extra.jsonl", "{} \n") }, nil, []string{"File 'extra.jsonl' changed"}},
		{"file is gone", func(p *project, _ *Graph) { p.remove("training/data/extra.jsonl") }, nil, []string{"File 'extra.jsonl' changed"}},
		{"a pipeline is stale", func(p *project, _ *Graph) { p.write("doc.md", "y") }, nil, []string{"Pipeline 'one' is stale", "Pipeline 'two' is stale"}},
		{"new pipeline", func(p *project, g *Graph) { p.build(g.Target("training/data/three"), "three\n") }, mixOf("one", "two", "three"), []string{"New pipeline: three"}},
		{"removed pipeline", func(*project, *Graph) {}, mixOf("two"), []string{"Removed pipeline: one"}},
		{"files", func(p *project, _ *Graph) { p.write("training/data/b.jsonl", "") }, func() *Target {
			m := mixOf("one", "two")
			m.Inputs[len(m.Inputs)-1] = SampleFile{"b.jsonl", "training/data/b.jsonl"}
			return m
		}(), []string{"New file: b.jsonl", "Removed file: extra.jsonl"}},
		{"never prepared", func(p *project, _ *Graph) { p.remove("training/data/prepared/mix.manifest.json") }, nil, []string{"No manifest (never prepared)"}},
		{"output", func(p *project, _ *Graph) { p.remove("training/data/prepared/mix.jsonl") }, nil, []string{"Output file missing"}},
	} {
		p, recipe := mixed(t)
		if c.now != nil {
			recipe = c.now
		}
		g := p.graph(append(sources("one", "two", "three"), recipe)...)
		c.do(p, g)
		st := p.status(g, recipe, quiet{})
		if got := texts(st.Reasons); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %s %q, want %q", c.name, st.State, got, c.want)
		}
		if (st.State == Current) != (c.want == nil) {
			t.Errorf("%s: the recipe is %s", c.name, st.State)
		}
	}
}

func TestARecipeThatCannotBeReadSaysWhy(t *testing.T) {
	p, recipe := mixed(t)
	broken := *recipe
	broken.Inputs = []Input{RecipeFile{Path: "training/data/mix.yaml", Err: os.ErrInvalid}}
	st := p.status(p.graph(&broken), &broken, quiet{})
	if st.State != Stale || st.Reasons[0].Text != "Recipe cannot be used" || st.Reasons[0].Detail != os.ErrInvalid.Error() {
		t.Errorf("got %s %v", st.State, st.Reasons)
	}
}

func TestAPartialRecipeStaysPartialWhileItsSourcesAreTheSame(t *testing.T) {
	p, recipe := mixed(t, func(m *Manifest) { m.Partial = true })
	g := p.graph(append(sources("one", "two"), recipe)...)
	one := g.Target("training/data/one")
	p.build(one, "one\n", func(m *Manifest) { m.Partial = true })
	st := p.status(g, recipe, quiet{})
	if st.State != Partial || !slices.Equal(texts(st.Reasons), []string{"Partial recipe (3 samples, build its sources in full)"}) {
		t.Errorf("got %s %q", st.State, texts(st.Reasons))
	}
	p.build(one, "one\ntwo\n")
	st = p.status(g, recipe, quiet{})
	if st.State != Stale || !strings.Contains(strings.Join(texts(st.Reasons), ","), "Pipeline 'one' output changed") {
		t.Errorf("with a full source: got %s %q", st.State, texts(st.Reasons))
	}
}

func TestAFullRecipeOverAPartialSourceIsStale(t *testing.T) {
	p, recipe := mixed(t)
	g := p.graph(append(sources("one", "two"), recipe)...)
	p.build(g.Target("training/data/one"), "one\n", func(m *Manifest) { m.Partial = true })
	st := p.status(g, recipe, quiet{})
	if st.State != Stale || !slices.Equal(texts(st.Reasons), []string{"Pipeline 'one' is partial"}) {
		t.Errorf("got %s %q", st.State, texts(st.Reasons))
	}
}

func TestHeldOutSamplesBelongToTheOutput(t *testing.T) {
	const held = "training/data/prepared/mix.validation.jsonl"
	for _, c := range []struct {
		name string
		do   func(p *project)
		look quiet
		want State
	}{
		{"nothing happened", func(*project) {}, quiet{}, Current},
		{"removed", func(p *project) { p.remove(held) }, quiet{}, Missing},
		{"edited", func(p *project) { p.write(held, "mine") }, quiet{}, Edited},
		{"a killed build", func(p *project) { p.write(held, "placed") }, quiet{placing: map[string]string{"training/data/prepared/mix": "x"}}, Stale},
	} {
		p, recipe := mixed(t, func(m *Manifest) { m.Mix.HeldOut, m.Mix.Train, m.Mix.Validation = hexOf("held\n"), 2, 1 })
		p.write(held, "held\n")
		c.do(p)
		st := p.status(p.graph(append(sources("one", "two"), recipe)...), recipe, c.look)
		if st.State != c.want {
			t.Errorf("%s: got %s %v, want %s", c.name, st.State, st.Reasons, c.want)
		}
	}
}

// python writes the manifest of a recipe as the toolkit does: nested, or flat
// as it once did.
func python(p *project, flat bool) {
	recipe, _ := p.FileDigest("training/data/mix.yaml")
	one, _ := p.FileDigest("training/data/one.jsonl")
	two, _ := p.FileDigest("training/data/two.jsonl")
	extra, _ := p.FileDigest("training/data/extra.jsonl")
	text := `{"recipe": "mix", "recipe_hash": "` + recipe + `", "mode": "simple", "categories": {"a": {"samples_used": 3, "samples_available": 3,
  "pipelines": {"one": {"hash": "` + one + `", "count": 1, "pipeline_stale": false}, "two": {"hash": "` + two + `", "count": 1, "pipeline_stale": false}},
  "files": {"extra.jsonl": {"hash": "` + extra + `", "count": 1}}}}, "output": {"total_samples": 3}, "shuffle_seed": 42}`
	if flat {
		text = `{"recipe": "mix", "recipe_hash": "` + recipe + `", "sources": {"pipelines": {"one": "` + one + `", "two": {"hash": "` + two + `", "count": 1}},
  "files": {"extra.jsonl": {"hash": "` + extra + `", "count": 1}}}, "output": {"total_samples": 3}}`
	}
	p.write("training/data/prepared/mix.manifest.json", text)
}

func TestManifestsOfThePythonToolkitDecideByTheSameHashes(t *testing.T) {
	for _, flat := range []bool{false, true} {
		p, recipe := mixed(t)
		python(p, flat)
		g := p.graph(append(sources("one", "two"), recipe)...)
		st := p.status(g, recipe, quiet{})
		if st.State != Current || st.Records != 3 {
			t.Errorf("flat %v: got %s %q, %d samples", flat, st.State, texts(st.Reasons), st.Records)
		}
		p.write("training/data/mix.yaml", "new")
		p.write("training/data/extra.jsonl", "new")
		p.build(g.Target("training/data/one"), "one \n", func(m *Manifest) { m.Output.Content = ShortDigest([]byte("one\n")) })
		st = p.status(g, recipe, quiet{})
		want := []string{"Recipe changed", "Pipeline 'one' output changed", "File 'extra.jsonl' changed"}
		if !slices.Equal(texts(st.Reasons), want) {
			t.Errorf("flat %v: got %q, want %q", flat, texts(st.Reasons), want)
		}
	}
}
