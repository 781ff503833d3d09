package e2e

import (
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/identity-shaping/isf"

// imports are the packages of this module that each of them imports outside of
// tests, by folder; "." is the root.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	root := repository()
	all := map[string][]string{}
	err := filepath.WalkDir(root, func(file string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || file != root && strings.HasPrefix(d.Name(), ".")) {
			return filepath.SkipDir
		}
		if filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}
		from := filepath.ToSlash(rel)
		if all[from] == nil {
			all[from] = []string{} // there, though it may import nothing
		}
		for _, spec := range parsed.Imports {
			to, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if inside, is := strings.CutPrefix(to, module); is && (inside == "" || inside[0] == '/') {
				all[from] = append(all[from], path.Clean("./"+inside))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Imports point one way: cmd, root, internal, and below them graph, cache and
// dispatch, which import nothing of internal but leaves.
func TestImportsPointOneWay(t *testing.T) {
	below := map[string][]string{
		"graph":    {"internal/near"},
		"cache":    {"internal/jsontext"},
		"dispatch": {"cache", "internal/jsontext", "internal/near", "internal/price", "internal/provider"},
	}
	all := imports(t)
	for from, tos := range all {
		for _, to := range tos {
			top, _, _ := strings.Cut(to, "/")
			allowed, low := below[from]
			switch {
			case top == "cmd", top == "pipelines" && from != "cmd/isf":
				t.Errorf("%s imports %s, which nothing should", from, to)
			case strings.HasPrefix(from, "internal/") && to == ".":
				t.Errorf("%s imports the root, which imports it", from)
			case low && !slices.Contains(allowed, to):
				t.Errorf("%s imports %s; it may import %v", from, to, allowed)
			}
		}
	}
	for from := range below {
		if _, ok := all[from]; !ok {
			t.Errorf("there is no package %s", from)
		}
		for _, leaf := range below[from] {
			if strings.HasPrefix(leaf, "internal/") && len(all[leaf]) > 0 {
				t.Errorf("%s, which %s imports, is no leaf: it imports %v", leaf, from, all[leaf])
			}
		}
	}
}

func TestTheMapHasEveryPackage(t *testing.T) {
	text := document(t, "docs/architecture.md")
	for name := range imports(t) {
		inside, is := strings.CutPrefix(name, "internal/")
		if !is || strings.Contains(inside, "/") {
			continue
		}
		if !regexp.MustCompile(`(?m)^\|.*` + "`(internal/)?" + regexp.QuoteMeta(inside) + "`" + `.*\|$`).MatchString(text) {
			t.Errorf("docs/architecture.md has no row for internal/%s", inside)
		}
	}
}

func TestEveryDependencyHasItsReason(t *testing.T) {
	text := document(t, "docs/dependencies.md")
	direct := 0
	for line := range strings.Lines(document(t, "go.mod")) {
		name, _, is := strings.Cut(strings.TrimSpace(line), " v")
		if !strings.HasPrefix(line, "\t") || !is || strings.Contains(line, "// indirect") {
			continue
		}
		direct++
		if !strings.Contains(text, "`"+name+"`") && !strings.Contains(text, "`"+path.Base(name)+"`") {
			t.Errorf("docs/dependencies.md does not say why %s is there", name)
		}
	}
	if direct < 10 {
		t.Errorf("go.mod has %d direct dependencies; there are more", direct)
	}
}

func document(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository(), filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
