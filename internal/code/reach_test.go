package code

import (
	"maps"
	"strings"
	"testing"
)

// ways are the ways in which the language lets a pipeline reach a declaration.
// Each is a file with a function reach, in which ONE becomes TWO.
var ways = map[string]string{
	"a generic function":                "func reach() int { return pick[int](1) }\nfunc pick[T any](v T) T { println(ONE); return v }",
	"an inferred generic function":      "func reach() int { return pick(1) }\nfunc pick[T any](v T) T { println(ONE); return v }",
	"a method of a type argument":       "func reach() int { return ask[one]() }\nfunc ask[T interface{ n() int }]() int { var t T; return t.n() }\ntype one struct{}\nfunc (one) n() int { return ONE }",
	"a constraint":                      "func reach() int { return small(int8(1)) }\ntype number interface{ ~int8 | ~int16 | ~[ONE]int }\nfunc small[T ~int8](v T) int { var _ interface{ m(number2) }; return int(v) }\ntype number2 struct{ a [ONE]int }",
	"a method of a generic type":        "func reach() int { return box[int]{1}.n() }\ntype box[T any] struct{ v T }\nfunc (b box[T]) n() int { return ONE }",
	"a promoted method":                 "func reach() int { return outer{}.n() }\ntype outer struct{ inner }\ntype inner struct{}\nfunc (inner) n() int { return ONE }",
	"a method of an embedded pointer":   "func reach() int { return outer{&inner{}}.n() }\ntype outer struct{ *inner }\ntype inner struct{}\nfunc (*inner) n() int { return ONE }",
	"an interface in an interface":      "func reach() int { var o outer = one{}; return o.n() }\ntype outer interface{ inner }\ntype inner interface{ n() int }\ntype one struct{}\nfunc (one) n() int { return ONE }",
	"a method value":                    "func reach() int { f := one{}.n; return f() }\ntype one struct{}\nfunc (one) n() int { return ONE }",
	"a method expression":               "func reach() int { return one.n(one{}) }\ntype one struct{}\nfunc (one) n() int { return ONE }",
	"a function in a variable":          "func reach() int { return f() }\nvar f = g\nfunc g() int { return ONE }",
	"a function in a map":               "func reach() int { return all[\"g\"]() }\nvar all = map[string]func() int{\"g\": g}\nfunc g() int { return ONE }",
	"a function that registers itself":  "func reach() int { return all[\"g\"]() }\nvar all = map[string]func() int{}\nfunc init() { all[\"g\"] = g }\nfunc g() int { return ONE }",
	"a deferred function":               "func reach() (n int) { defer func() { n = g() }(); return 0 }\nfunc g() int { return ONE }",
	"a type alias":                      "func reach() int { return two{}.n() }\ntype two = one\ntype one struct{}\nfunc (one) n() int { return ONE }",
	"a type that a method is named for": "func reach() int { var v any = one(1); return v.(interface{ String() int }).String() }\ntype one int\nfunc (one) String() int { return ONE }",
	"an array's length":                 "func reach() int { return len(a) }\nvar a [size]int\nconst size = ONE",
	"a struct's tag":                    "func reach() int { _ = one{}; return 1 }\ntype one struct{ A int `json:\"ONE\"` }",
	"a label's target":                  "func reach() int {\nagain:\n\tfor {\n\t\tif ONE > 0 {\n\t\t\tbreak again\n\t\t}\n\t}\n\treturn 1\n}",
	"a method by a hook of the library": "func reach() int { one{}.hook(); return 1 }\ntype one struct{}\nfunc (one) hook() { _ = one{} }\nfunc (one) MarshalJSON() ([]byte, error) { return nil, ONE }",
}

func TestEveryWayToReachADeclarationCounts(t *testing.T) {
	for way, text := range ways {
		t.Run(way, func(t *testing.T) {
			hash := func(n string) string {
				files := maps.Clone(project)
				files["pipelines/facts.go"] = strings.Replace(files["pipelines/facts.go"], "local := ", "_ = reach()\n\tlocal := ", 1)
				files["pipelines/reach.go"] = "package pipelines\n\n" + strings.ReplaceAll(text, "ONE", n) + "\n"
				return of(t, files, versions).Hash
			}
			if hash("1") == hash("2") {
				t.Error("an edit of what is reached leaves the digest as it is")
			}
		})
	}
}

// A module that go.mod replaces by a folder has no line in go.sum: its files
// are what counts. Those of a vendor folder, too.
func TestReplacedModulesCount(t *testing.T) {
	hash := func(change func(files map[string]string)) string {
		files := maps.Clone(project)
		files["go.mod"] += "\nreplace example.org/words => ./words\n"
		files["words/go.mod"] = "module example.org/words\n"
		files["words/words.go"] = "package words\n\nfunc Count(s string) string { return s }\n"
		change(files)
		return of(t, files, versions).Hash
	}
	before := hash(func(map[string]string) {})
	after := hash(func(files map[string]string) {
		files["words/words.go"] = strings.Replace(files["words/words.go"], "return s", "return s + s", 1)
	})
	if before == after {
		t.Error("an edit of a module that stands in for another leaves the digest as it is")
	}
}

// Modules behind those that the project imports have lines in go.sum, too; in
// the vendor folder and in folders that go.work names, files count and not lines.
func TestModulesOfOthersCountWhereverTheyLie(t *testing.T) {
	hash := func(change map[string]string) string {
		files := maps.Clone(project)
		files["go.mod"] += "\nrequire example.org/behind v1.0.0 // indirect\n"
		files["go.sum"] += "example.org/behind v1.0.0 h1:one\n"
		maps.Copy(files, change)
		return of(t, files, versions).Hash
	}
	same, seen := hash(nil), map[string]string{}
	for what, change := range map[string]map[string]string{
		"another version behind":             {"go.sum": project["go.sum"] + "example.org/behind v1.0.0 h1:two\n"},
		"vendored":                           {"vendor/modules.txt": "# x", "vendor/example.org/words/words.go": "package words"},
		"an edit of what is vendored":        {"vendor/modules.txt": "# x", "vendor/example.org/words/words.go": "package words // edited"},
		"an edit of what is vendored behind": {"vendor/modules.txt": "# x", "vendor/example.org/words/words.go": "package words", "vendor/example.org/behind/b.go": "package behind"},
		"in a workspace":                     {"go.work": "go 1.24\nuse (\n\t.\n\t./lib\n)\n", "lib/go.mod": "module example.org/words\n", "lib/words.go": "package words"},
		"an edit in a workspace":             {"go.work": "go 1.24\nuse (\n\t.\n\t./lib\n)\n", "lib/go.mod": "module example.org/words\n", "lib/words.go": "package words // edited"},
		"replaced by a workspace":            {"go.work": "go 1.24\nuse .\nreplace example.org/words => ./lib\n", "lib/go.mod": "module example.org/words\n", "lib/words.go": "package words // other"},
	} {
		got := hash(change)
		if other, known := seen[got]; known || got == same {
			t.Errorf("%s: the digest is that of %q", what, other)
		}
		seen[got] = what
	}
}

func TestPatternsOfEmbeddedFilesCount(t *testing.T) {
	hash := func(names ...string) string {
		files := maps.Clone(project)
		files["pipelines/facts.go"] = strings.Replace(files["pipelines/facts.go"], "//go:embed rules.txt\nvar rules string", "//go:embed rules.txt all\nvar all embed.FS\nvar rules = all", 1)
		files["pipelines/facts.go"] = strings.Replace(files["pipelines/facts.go"], "_ \"embed\"", "\"embed\"", 1)
		for _, n := range names {
			files["pipelines/all/"+n] = n
		}
		return of(t, files, versions).Hash
	}
	one, two := hash("a.txt"), hash("a.txt", "deep/b.txt")
	if one == two {
		t.Error("a new file in an embedded folder leaves the digest as it is")
	}
}
