package code

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// module is a small project: Facts reaches a helper, constants, an interface,
// an embedded file and another package.
var project = map[string]string{
	"go.mod": "module example.com/keeper\n\ngo 1.26\n\nrequire (\n\tgithub.com/identity-shaping/isf v1.2.0\n\texample.org/words v1.0.0\n\texample.org/unused v1.0.0\n)\n",
	"go.sum": "example.org/words v1.0.0 h1:aaaa\nexample.org/words v1.0.0/go.mod h1:bbbb\nexample.org/unused v1.0.0 h1:cccc\ngithub.com/identity-shaping/isf v1.2.0 h1:dddd\n",
	"pipelines/facts.go": `package pipelines

import (
	_ "embed"
	"strings"

	"example.com/keeper/ask"
	"example.org/words"
	"github.com/identity-shaping/isf"
)

//go:embed rules.txt
var rules string

const (
	low = iota
	middle
	high
)

// Facts finds facts.
type Facts struct {
	Doc   isf.File
	Judge scorer
	Question string
	list[string]
}

type list[T any] struct{ items []T }

type scorer interface{ Score(string) int }

// Build builds.
func (p *Facts) Build(b *isf.Build) []string {
	local := strings.ToLower(rules)
	for _, s := range isf.Paragraphs(b, p.Doc) {
		if p.Judge.Score(s.Text) > high && keep(s.Text) {
			local += words.Count(ask.Question(s.Text))
		}
	}
	return p.split(local)
}

func (p Facts) split(s string) []string { return strings.Split(s, ",") }

func keep(s string) bool {
	return len(s) > 0x1F
}
`,
	"pipelines/strict.go": `package pipelines

type strict struct{ least int }

func (s strict) Score(text string) int { return s.least + len(text) }

func (s strict) unrelated() int { return 1 }

var table = []int{1, 2}

var _ scorer = (*strict)(nil)

type Other struct{}

func (o *Other) Build() []string { return nothing() }

func (o *Other) split() int { return 1 }

func nothing() []string { return nil }

func init() { prepared = setUp(1) }

var prepared count

type count = int

// Question has the name of a function elsewhere, and of a field.
type Question struct{ keep int }

func setUp(n int) int { return n }
`,
	"pipelines/rules.txt": "be kind\n",
	"ask/ask.go":          "package ask\n\nfunc Question(s string) string { return s + \"?\" }\n\nfunc Unused() {}\n",
	"cmd/isf/main.go":     "package main\n\nimport _ \"example.com/keeper/pipelines\"\n\nfunc main() {}\n",
}

func write(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// edited returns the project with one text replaced in one file; a file that is
// not there yet is made.
func edited(t *testing.T, file, old, now string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	for name, text := range project {
		files[name] = text
	}
	if old != "" && !strings.Contains(files[file], old) {
		t.Fatalf("%s does not contain %q", file, old)
	}
	files[file] = strings.Replace(files[file], old, now, 1)
	return files
}

var versions = map[string]int{"Paragraphs": 1, "Sections": 1, ".Tag": 1}

func of(t *testing.T, files map[string]string, versions map[string]int) Code {
	t.Helper()
	x, err := Load(write(t, files), Options{Versions: versions})
	if err != nil {
		t.Fatal(err)
	}
	c, err := x.Of("example.com/keeper/pipelines", "Facts")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAnEditCountsIfThePipelineReachesIt(t *testing.T) {
	const facts, strict = "pipelines/facts.go", "pipelines/strict.go"
	before := of(t, project, versions)
	for _, c := range []struct {
		edit, file, old, now string
		want                 string // what changed, "" if nothing may
	}{
		{"a comment", facts, "// Build builds.", "// Build does it.", ""},
		{"a comment within", facts, "local := ", "/* why */ local := ", ""},
		{"spaces and lines", facts, "return len(s) > 0x1F", "\n\treturn   len(s)>0x1f", ""},
		{"parentheses", facts, "return len(s) > 0x1F", "return (len(s) > 0x1F)", ""},
		{"a trailing comma", facts, `strings.Split(s, ",")`, "strings.Split(\n\t\ts,\n\t\t\",\",\n\t)", ""},
		{"a stray semicolon", facts, "return len(s) > 0x1F", ";;return len(s) > 0x1F", ""},
		{"the order of imports", facts, "\t_ \"embed\"\n\t\"strings\"\n", "\t\"strings\"\n\t_ \"embed\"\n", ""},
		{"an unreached function", strict, "func nothing() []string { return nil }", "func nothing() []string { return []string{} }", ""},
		{"an unreached function elsewhere", "ask/ask.go", "func Unused() {}", "func Unused() { panic(0) }", ""},
		{"an unreached method", strict, "return 1 }", "return 2 }", ""},
		{"another pipeline's method of the same name", strict, "split() int { return 1 }", "split() int { return 2 }", ""},
		{"a type with the name of a field", strict, "struct{ keep int }", "struct{ keep, more int }", ""},
		{"an unreached variable", strict, "{1, 2}", "{1, 3}", ""},
		{"another pipeline's method", strict, "return nothing()", "return nil", ""},
		{"a test", "pipelines/facts_test.go", "", "package pipelines\n\nfunc init() { panic(0) }\n", ""},
		{"a file for elsewhere", "pipelines/more_plan9.go", "", "package pipelines\n\nfunc init() { panic(0) }\n", ""},
		{"a file that is not built", "pipelines/more.go", "", "//go:build never\n\npackage pipelines\n\nfunc init() { panic(0) }\n", ""},
		{"the engine's module", "go.sum", "h1:dddd", "h1:eeee", ""},

		{"the pipeline's method", facts, "local := ", "local := \"\" + ", "pipelines.Facts.Build"},
		{"its other method", facts, `Split(s, ",")`, `Split(s, ";")`, "pipelines.Facts.split"},
		{"its fields", facts, "Doc   isf.File", "Doc   isf.File `isf:\"x\"`", "pipelines.Facts"},
		{"a helper", facts, "0x1F", "0x2F", "pipelines.keep"},
		{"the name of a local variable", facts, "func keep(s string) bool {\n\treturn len(s)", "func keep(x string) bool {\n\treturn len(x)", "pipelines.keep"},
		{"a constant before in the group", facts, "\tlow = iota\n", "\tlow = iota\n\tlower\n", "pipelines.high"},
		{"the shared expression", facts, "\tlow = iota\n", "\tlow = iota + 1\n", "pipelines.high"},
		{"a method by an interface", strict, "s.least + len(text)", "len(text)", "pipelines.strict.Score"},
		{"the type of a variable", strict, "count = int", "count int", "pipelines.count"},
		{"a method by a parameter that is hidden", facts, "func (p Facts) split(s string) []string { return", "func (p Facts) split(s string) []string { { p := &Other{}; p.split() }; return", "pipelines.Facts.split pipelines.Other pipelines.Other.Build pipelines.Other.split pipelines.nothing"},
		{"a generic type", facts, "items []T", "items []*T", "pipelines.list"},
		{"an interface", facts, "Score(string) int", "Score(string) (n int)", "pipelines.scorer"},
		{"an embedded file", "pipelines/rules.txt", "kind", "stern", "pipelines.rules"},
		{"an init", strict, "prepared = setUp(1)", "prepared = setUp(2)", "pipelines.init"},
		{"a function that init calls", strict, "return n }", "return -n }", "pipelines.setUp"},
		{"an init in another file", "pipelines/more.go", "", "package pipelines\n\nfunc init() { prepared++ }\n", "pipelines.init"},
		{"a variable that acts when set", "pipelines/more.go", "", "package pipelines\n\nvar _ = setUp(3)\n", "pipelines._"},
		{"an init of an imported package", "ask/more.go", "", "package ask\n\nfunc init() { Unused() }\n", "ask.Unused ask.init"},
		{"another package", "ask/ask.go", `"?"`, `"!"`, "ask.Question"},
		{"what the name of an import means", facts, `"strings"`, `strings "bytes"`, "pipelines.Facts.Build pipelines.Facts.split"},
		{"a module that may be behind an imported one", "go.sum", "h1:cccc", "h1:eeee", "go.sum of other modules"},
		{"an imported module", "go.sum", "h1:aaaa", "h1:eeee", "go.sum example.org/words"},
		{"the version of an imported module", "go.mod", "words v1.0.0", "words v1.1.0", "go.sum example.org/words"},
		{"the dots of a call", facts, "func keep(s string) bool {", "func keep(s ...string) bool {", "pipelines.keep"},
	} {
		t.Run(c.edit, func(t *testing.T) {
			after := of(t, edited(t, c.file, c.old, c.now), versions)
			if got := strings.Join(changed(before, after), " "); got != c.want {
				t.Errorf("changed %q, want %q", got, c.want)
			}
			if same := before.Hash == after.Hash; same != (c.want == "") {
				t.Errorf("equal hashes: %v, changed declarations: %q", same, c.want)
			}
		})
	}
}

// changed names the declarations that differ.
func changed(a, b Code) []string {
	var names []string
	for _, d := range slices.Concat(a.Decls, b.Decls) {
		if !(slices.Contains(a.Decls, d) && slices.Contains(b.Decls, d)) && !slices.Contains(names, d.Name) {
			names = append(names, d.Name)
		}
	}
	slices.Sort(names)
	return names
}

func TestOrderAndFileOfDeclarationsDoNotCount(t *testing.T) {
	const keep = "func keep(s string) bool {\n\treturn len(s) > 0x1F\n}\n"
	files := edited(t, "pipelines/facts.go", keep, "")
	files["pipelines/aaa.go"] = "package pipelines\n\n" + keep
	before, after := of(t, project, versions), of(t, files, versions)
	if before.Hash != after.Hash {
		t.Errorf("moving a function changed %v", changed(before, after))
	}
	if got, want := after.File, "pipelines/facts.go"; got != want {
		t.Errorf("File is %s, want %s", got, want)
	}
}

func TestVersionsOfReachedEngineFunctionsCount(t *testing.T) {
	before := of(t, project, versions)
	for name, want := range map[string]string{"Paragraphs": "isf.Paragraphs", "Sections": ""} {
		after := of(t, project, map[string]int{"Paragraphs": 1, "Sections": 1, name: 2})
		if got := strings.Join(changed(before, after), " "); got != want {
			t.Errorf("version 2 of %s changed %q, want %q", name, got, want)
		}
	}
	tagged := edited(t, "pipelines/facts.go", "return p.split(local)", "return p.Tag(local)")
	if !slices.ContainsFunc(of(t, tagged, versions).Decls, func(d Decl) bool { return d.Name == "isf.Tag" }) {
		t.Error("a method with a version was not reached by its selector")
	}
}

func TestCodeThatCannotBeUnderstoodSaysWhere(t *testing.T) {
	for _, c := range []struct{ file, old, now, want string }{
		{"pipelines/facts.go", "func keep(", "func keep((", "pipelines/facts.go:"},
		{"ask/ask.go", "package ask", "package", "ask/ask.go:"},
		{"pipelines/facts.go", "keeper/ask", "keeper/missing", "pipelines/facts.go:7: package example.com/keeper/missing is not in the module"},
	} {
		x, err := Load(write(t, edited(t, c.file, c.old, c.now)), Options{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = x.Of("example.com/keeper/pipelines", "Facts")
		var broken *Broken
		if !errors.As(err, &broken) || broken.Line == 0 || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: got %v, want a *Broken that begins %q", c.now, err, c.want)
		}
	}
}

func TestWhatIsNotThereIsNamed(t *testing.T) {
	root := write(t, project)
	x, err := Load(root, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for pkg, want := range map[string]string{
		"example.com/keeper/pipelines": "declares no type Missing",
		"example.com/keeper/nowhere":   "is not in the module",
		"example.org/words":            "is not in the module",
		"main":                         "declares no type Missing",
	} {
		if _, err := x.Of(pkg, "Missing"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Of(%q): got %v, want %q", pkg, err, want)
		}
	}
	if _, err := Load(t.TempDir(), Options{}); err == nil || !strings.Contains(err.Error(), "no go.mod") {
		t.Errorf("a folder without go.mod: got %v", err)
	}
}

func TestTheEnginesOwnProjectStopsAtTheEngine(t *testing.T) {
	for path, want := range map[string]bool{
		Engine: true, Engine + "/graph": true, Engine + "/cache/x": true, Engine + "/internal/code": true,
		Engine + "/pipelines": false, Engine + "/cmd/isf": false, Engine + "er/graph": false, "example.com/x": false,
	} {
		if got := engine(path); got != want {
			t.Errorf("engine(%q) = %v, want %v", path, got, want)
		}
	}
}
