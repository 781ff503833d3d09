package graph

import (
	"strings"
	"testing"
)

// small is a graph of datasets a and b over a table, and a recipe over both.
//
//	table → a → mix
//	table → b → mix
func small(t *testing.T) *Graph {
	t.Helper()
	target := func(name, ext string, kind Kind, pipeline string, needs ...string) *Target {
		x := &Target{Name: name, Kind: kind, Output: name + ext, Pipeline: pipeline}
		for _, n := range needs {
			x.Inputs = append(x.Inputs, Source{Attr: n, Target: n})
		}
		return x
	}
	g, err := New([]*Target{
		target("training/data/prepared/mix", ".jsonl", Recipe, "", "training/data/a", "training/data/b"),
		target("training/data/a", ".jsonl", Dataset, "a", "training/data/table"),
		target("training/data/b", ".jsonl", Dataset, "b", "training/data/table"),
		target("training/data/table", ".jsonl", Table, "table"),
		target("registry", ".json", Registry, ""),
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func short(ts []*Target) string {
	var names []string
	for _, t := range ts {
		names = append(names, t.Name[strings.LastIndexByte(t.Name, '/')+1:])
	}
	return strings.Join(names, " ")
}

func TestNewRefusesWhatIsNoGraph(t *testing.T) {
	one := func(name string, needs ...string) *Target {
		x := &Target{Name: name, Output: name + ".jsonl"}
		for _, n := range needs {
			x.Inputs = append(x.Inputs, Source{Attr: n, Target: n})
		}
		return x
	}
	for _, c := range []struct {
		targets []*Target
		want    string
	}{
		{[]*Target{one("a"), one("b"), one("a")}, `two targets are named "a"`},
		{[]*Target{one("a", "a")}, "in a circle: a → a"},
		{[]*Target{one("x", "a"), one("a", "b"), one("b", "c"), one("c", "a")}, "in a circle: a → b → c → a"},
		{[]*Target{one("facts"), one("qa", "fatcs")}, `qa needs target "fatcs", which does not exist; did you mean "facts"?`},
		{[]*Target{{Name: "m", Output: "m", Inputs: []Input{Model{Attr: "j", Prompt: "prmopt"}}}, one("prompt")}, `did you mean "prompt"?`},
		{[]*Target{one("../a")}, "not allowed"},
		{[]*Target{one("a/../b")}, "not allowed"},
		{[]*Target{one("a..b")}, "not allowed"},
		{[]*Target{one("a/./b")}, "not allowed"},
		{[]*Target{one("/a")}, "not allowed"},
		{[]*Target{one("a b")}, "not allowed"},
		{[]*Target{one("é")}, "not allowed"},
		{[]*Target{one("a\n")}, "not allowed"},
		{[]*Target{one("")}, "not allowed"},
		{[]*Target{one("training/data/all")}, "means a group"},
		{[]*Target{{Name: "a", Output: "../a.jsonl"}}, "not inside the project"},
		{[]*Target{{Name: "a", Output: "x.jsonl"}, {Name: "b", Output: "x.txt"}}, "both write x.manifest.json"},
	} {
		if _, err := New(c.targets); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}

func TestPatternsSelectTargets(t *testing.T) {
	g := small(t)
	for patterns, want := range map[string]string{
		"":                             "",
		"training/data/a":              "a",
		"training/data/a.jsonl":        "a",
		"./training/data/a.jsonl":      "a",
		`.\training\data\a.jsonl`:      "a", // in a shell of Windows
		"registry.json registry":       "registry",
		"b":                            "b",
		"b a b":                        "b a",
		"all":                          "mix a b table registry",
		"training/data/all":            "a b",
		"training/data/prepared/all":   "mix",
		"training/data/*":              "a b table",
		"training/**":                  "mix a b table",
		"**/*.json":                    "registry",
		"+a":                           "table a",
		"table+":                       "table a b mix",
		"+a+":                          "table a mix",
		"+training/data/prepared/mix":  "table a b mix",
		"+training/data/all registry":  "table a b registry",
		"+training/data/[ab].jsonl b+": "table a b mix",
		"training/data/prepared/../a":  "a",
	} {
		ts, err := g.Select(strings.Fields(patterns))
		if got := short(ts); err != nil || got != want {
			t.Errorf("%q: got %q, %v; want %q", patterns, got, err, want)
		}
	}
}

func TestUnknownTargetsAreAnsweredWithTheNearest(t *testing.T) {
	g := small(t)
	for pattern, want := range map[string]string{
		"training/data/tabel":    `there is no target "training/data/tabel"; did you mean "training/data/table"?`,
		"tabel":                  `did you mean "table"?`,
		"al":                     `did you mean "all"?`,
		"+registyr.json":         `did you mean "registry.json"?`,
		"something/quite/other":  `there is no target "something/quite/other"`,
		"nothing/*":              `no target matches "nothing/*"; targets are training/data/prepared/mix, `,
		"training/[":             "is malformed",
		"training/data/table.md": `did you mean "training/data/table`,
	} {
		if _, err := g.Select([]string{pattern}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", pattern, err, want)
		}
	}
}

func TestWavesNeedOnlyWhatIsBeforeThem(t *testing.T) {
	g := small(t)
	mix, a, table := g.Target("training/data/prepared/mix"), g.Target("training/data/a"), g.Target("training/data/table")
	var waves []string
	for _, w := range g.Order([]*Target{mix, g.Target("registry")}) {
		waves = append(waves, short(w))
	}
	if got, want := strings.Join(waves, " | "), "table registry | a b | mix"; got != want {
		t.Errorf("Order: got %q, want %q", got, want)
	}
	for _, c := range []struct {
		what string
		got  []*Target
		want string
	}{
		{"Needs(mix)", g.Needs(mix), "table a b"},
		{"Needs(table)", g.Needs(table), ""},
		{"Users(table)", g.Users(table), "a b mix"},
		{"Users(a)", g.Users(a), "mix"},
		{"Direct(mix)", g.Direct(mix), "a b"},
		{"Targets", g.Targets(), "mix a b table registry"},
	} {
		if got := short(c.got); got != c.want {
			t.Errorf("%s: got %q, want %q", c.what, got, c.want)
		}
	}
}
