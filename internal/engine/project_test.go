package engine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/identity-shaping/isf/graph"
)

// asks is a pipeline that is registered in wrong ways.
type asks struct {
	Seeds File  `isf:"seeds.jsonl"`
	Model Model `isf:"plain"`
	Count int   `isf:"3"`
}

type reads struct {
	From Target `isf:"first"`
}

type nameless struct{ Seeds File }

type crooked struct {
	Count int `isf:"many"`
}

func pipeline(name string, self any) *Pipeline {
	return &Pipeline{Name: name, Kind: graph.Dataset, Self: self, Version: "1", Run: func(*Build) Rows { return nil }}
}

// at says where a pipeline is registered.
func at(file string, line int, p *Pipeline) *Pipeline {
	p.File, p.Line = file, line
	return p
}

func newProject(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	config := "identity: {prefix: x, provider: sim, model: sim/plain, variants: []}\nmodels:\n  plain: {provider: sim, model: sim/plain}\n"
	for name, text := range map[string]string{"isf.yaml": config, "seeds.jsonl": "{\"text\":\"a\"}\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestMistakesInRegistrationAreOneSentence(t *testing.T) {
	for name, c := range map[string]struct {
		pipelines []*Pipeline
		sets      []string
		want      string
	}{
		"two of one name":   {[]*Pipeline{at("one.go", 7, pipeline("first", &asks{})), at("another.go", 8, pipeline("first", &asks{}))}, nil, `another.go:8: two pipelines are named "first", the other at one.go:7: give one of them another name`},
		"one name, almost":  {[]*Pipeline{at("one.go", 7, pipeline("first", &asks{})), pipeline("First", &asks{})}, nil, `pipelines "First" and "first", at one.go:7, differ only in the case of letters`},
		"a name leads out":  {[]*Pipeline{pipeline("../first", &asks{})}, nil, `pipeline name "../first"`},
		"an unknown source": {[]*Pipeline{pipeline("second", &reads{}), pipeline("fist", &asks{})}, nil, `did you mean "training/data/fist"`},
		"no pointer":        {[]*Pipeline{pipeline("first", asks{})}, nil, "register a pointer to a struct"},
		"no value":          {[]*Pipeline{pipeline("first", &nameless{})}, nil, `field Seeds: names nothing`},
		"a crooked default": {[]*Pipeline{pipeline("first", &crooked{})}, nil, `field Count: the tag's default many`},
		"a crooked set":     {[]*Pipeline{pipeline("first", &asks{})}, []string{"count=many"}, `parameter "count" of pipeline "first" takes values of type int, as 3 is one, and "many" does not fit`},
		"no such parameter": {[]*Pipeline{pipeline("first", &asks{})}, []string{"coutn=4"}, `did you mean "count"`},
		"no equals sign":    {[]*Pipeline{pipeline("first", &asks{})}, []string{"count"}, "write NAME=VALUE"},
		"needs itself":      {[]*Pipeline{pipeline("first", &reads{})}, nil, "training/data/first → training/data/first"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := Open(newProject(t), c.pipelines, c.sets)
			if err == nil {
				_ = p.Close()
				t.Fatal("the project opens, want an error")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %q, want it to contain %q", err, c.want)
			}
		})
	}
}

func TestOneTypeMayBeRegisteredTwice(t *testing.T) {
	first, second := &asks{}, &asks{Seeds: "others.jsonl", Count: 7}
	p, err := Open(newProject(t), []*Pipeline{pipeline("first", first), pipeline("second", second)}, []string{"first.count=5"})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if first.Seeds != "seeds.jsonl" || first.Count != 5 || second.Seeds != "others.jsonl" || second.Count != 7 {
		t.Errorf("fields are %+v and %+v", *first, *second)
	}
	if p.Graph.Target("training/data/first") == nil || p.Graph.Target("training/data/second") == nil {
		t.Error("want a target for each")
	}
}
