package recipes

import (
	"math/big"
	"strings"
	"testing"
	"testing/fstest"

	gocmp "github.com/google/go-cmp/cmp"
)

func TestEveryKeyIsRead(t *testing.T) {
	r := parse(t, `
mode: weighted
weights: {one: .5, two: 3e-1}
shuffle_seed: 42
thinking: strip
dedupe: near
max_per_source: 10
split: {train: 95, validation: 5}
format: sharegpt
system: none
categories:
  one: {pipelines: all}
  two: {pipelines: [style], files: [extra/a.jsonl, ../more.jsonl], thinking: allow}
  three: {files: [b.jsonl], weight: 2}
`)
	seed := int64(42)
	want := &Recipe{
		Name: "mix", Path: "training/data/mix.yaml", Mode: Weighted, Seed: &seed, Dedupe: DedupeNear, MaxPerSource: 10,
		Split: &Split{big.NewRat(95, 1), big.NewRat(5, 1)}, Format: ShareGPT, DropSystem: true,
		Categories: []Category{
			{Name: "one", Pipelines: known.Datasets, Weight: big.NewRat(1, 2), Thinking: Strip, Line: 12},
			{Name: "two", Pipelines: []string{"style"}, Files: []File{{"extra/a.jsonl", "training/data/extra/a.jsonl"}, {"../more.jsonl", "training/more.jsonl"}}, Weight: big.NewRat(3, 10), Thinking: Allow, Line: 13},
			{Name: "three", Files: []File{{"b.jsonl", "training/data/b.jsonl"}}, Weight: big.NewRat(2, 1), Thinking: Strip, Line: 14},
		},
	}
	if diff := gocmp.Diff(want, r, gocmp.Comparer(func(a, b *big.Rat) bool { return a == b || a != nil && b != nil && a.Cmp(b) == 0 })); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRowsAreTextOfAFamilyOrInParquetOrBoth(t *testing.T) {
	for text, want := range map[string]Recipe{
		"format: parquet":                  {Format: ISF, Parquet: true},
		"render: deepseek":                 {Format: ISF, Render: "deepseek"},
		"render: gpt-oss\nformat: parquet": {Format: ISF, Render: "gpt-oss", Parquet: true},
	} {
		r := parse(t, text+"\ncategories: {one: {pipelines: all}}")
		if r.Format != want.Format || r.Render != want.Render || r.Parquet != want.Parquet {
			t.Errorf("%s: got %+v", text, r)
		}
		if shape := r.Shape(); want.Render != "" && shape != want.Render || want.Render == "" && shape != ISF {
			t.Errorf("%s: its rows are %s", text, shape)
		}
	}
}

func TestTheLeastRecipeHasDefaults(t *testing.T) {
	r := parse(t, "categories: {one: {pipelines: all}}")
	if r.Mode != Simple || r.Seed != nil || r.Format != ISF || r.DropSystem || r.Categories[0].Thinking != Require {
		t.Errorf("got %+v", r)
	}
}

func TestMistakesNameTheirLineAndTheNearestWord(t *testing.T) {
	for text, want := range map[string]string{
		"":                                                   "training/data/mix.yaml:1:1: the file is empty; a recipe needs at least: categories: {NAME: {pipelines: all}}",
		"[]":                                                 "training/data/mix.yaml:1:1: the file must be a mapping (key: value), not a list",
		"mode: simple":                                       "training/data/mix.yaml:1:1: the recipe has no categories",
		"categories: {}":                                     "1:13: the recipe has no categories",
		"categories: []":                                     "1:13: categories must be a mapping (key: value), not a list",
		"categories:\n  one:\n":                              "2:3: categories.one is empty; it needs pipelines or files",
		"categories:\n  one: {weight: 1}":                    "2:3: categories.one has neither pipelines nor files",
		"categories: {a: {pipelines: []}}":                   "1:14: categories.a has neither pipelines nor files",
		"categories: {a: {pipeline: all}}":                   "1:18: unknown key \"pipeline\" in categories.a; did you mean \"pipelines\"?",
		"shufle_seed: 7":                                     "1:1: unknown key \"shufle_seed\" at the top of the file; did you mean \"shuffle_seed\"?",
		"mode: wieghted":                                     "1:7: mode cannot be \"wieghted\"; did you mean \"weighted\"?",
		"thinking: yes":                                      "1:11: thinking must be text, not the boolean yes",
		"categories: {a: {pipelines: [stile]}}":              "1:30: there is no pipeline \"stile\"; did you mean \"style\"?",
		"categories: {a: {pipelines: [zzz]}}":                "1:30: there is no pipeline \"zzz\"; pipelines of samples are facts-qa, style, behaviour",
		"categories: {a: {pipelines: [facts]}}":              "1:30: pipeline \"facts\" makes a table, whose rows are no samples to train on",
		"categories: {a: {pipelines: style}}":                "1:29: categories.a.pipelines must be a list of names, or all, not the text \"style\"",
		"categories: {a: {pipelines: [style, style]}}":       "categories.a.pipelines names \"style\" twice",
		"categories: {a: {files: [../../../x.jsonl]}}":       "file \"../../../x.jsonl\" is not inside the project",
		"categories: {a: {files: [/etc/passwd]}}":            "file \"/etc/passwd\" is not inside the project",
		"mode: weighted\ncategories:\n  a: {pipelines: all}": "3:1: category \"a\" has no weight, and mode is weighted; add a to weights",
		"weights: {b: 1}\ncategories: {a: {pipelines: all}}": "1:11: weights has \"b\", which is no category; did you mean \"a\"?",
		"weights: {a: 1}\ncategories: {a: {pipelines: all, weight: 2}}":   "category \"a\" has a weight here and in weights, line 1; keep one",
		"weights: {a: 0}\ncategories: {a: {pipelines: all}}":              "weights.a must be a positive decimal number, not 0",
		"weights: {a: -1}\ncategories: {a: {pipelines: all}}":             "weights.a must be a positive decimal number, not -1",
		"weights: {a: .inf}\ncategories: {a: {pipelines: all}}":           "weights.a must be a positive decimal number, not .inf",
		"weights: {a: 1e999999999}\ncategories: {a: {pipelines: all}}":    "weights.a must be a positive",
		"weights: {a: much}\ncategories: {a: {pipelines: all}}":           "weights.a must be a positive number, not the text \"much\"",
		"max_per_source: 0\ncategories: {a: {pipelines: all}}":            "max_per_source must be at least 1",
		"split: {train: 1}\ncategories: {a: {pipelines: all}}":            "split needs both train and validation",
		"shuffle_seed: 1.5\ncategories: {a: {pipelines: all}}":            "shuffle_seed must be a whole number, not the number 1.5",
		"format: parkett\ncategories: {a: {pipelines: all}}":              "format cannot be \"parkett\"; it is one of isf",
		"render: qwen\ncategories: {a: {pipelines: all}}":                 "render cannot be \"qwen\"; did you mean \"qwen3\"?",
		"render: kimi\nformat: openai\ncategories: {a: {pipelines: all}}": "1:9: render makes a text of each sample, and format openai wants its messages",
	} {
		_, err := Read("training/data/mix.yaml", []byte(text), known)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\ngot  %v\nwant %s", text, err, want)
		}
	}
}

func TestAllMistakesAreToldAtOnce(t *testing.T) {
	_, err := Read("training/data/mix.yaml", []byte("mode: x\nformat: y\ncategories: {a: {}}"), known)
	if err == nil || strings.Count(err.Error(), "mix.yaml:") != 3 {
		t.Errorf("got %v", err)
	}
}

func TestRecipesAreTheYAMLFilesOfTheFolder(t *testing.T) {
	good := &fstest.MapFile{Data: []byte("categories: {a: {pipelines: all}}")}
	found, err := Load(fstest.MapFS{
		"training/data/b.yml": good, "training/data/a.yaml": good, "training/data/c.yaml": {Data: []byte("mode: [")},
		"training/data/a.jsonl": good, "training/data/deeper/d.yaml": good, "training/data/.hidden.yaml": good,
	}, "training/data", known)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range found {
		got = append(got, f.Name)
		if (f.Err != nil) != (f.Name == "c") || (f.Recipe == nil) != (f.Name == "c") {
			t.Errorf("%s: %v", f.Name, f.Err)
		}
	}
	if diff := gocmp.Diff([]string{"a", "b", "c"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRecipeNamesAreNamesOfTargets(t *testing.T) {
	good := &fstest.MapFile{Data: []byte("categories: {a: {pipelines: all}}")}
	for want, files := range map[string]fstest.MapFS{
		"recipes of the same name": {"training/data/a.yml": good, "training/data/a.yaml": good},
		"cannot be named \"all\"":  {"training/data/all.yaml": good},
	} {
		if _, err := Load(files, "training/data", known); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
