package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func migrating(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository(), "docs", "migrating.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheGoTwinInTheDocsIsTheOneThatReproducesARecordedRun(t *testing.T) {
	_, shown, found := strings.Cut(migrating(t), "```go\n")
	shown, _, closed := strings.Cut(shown, "```")
	source, err := os.ReadFile("twin_test.go")
	if err != nil || !found || !closed {
		t.Fatal(err, "docs/migrating.md has no Go in it")
	}
	_, code, _ := strings.Cut(string(source), "// A topic")
	if want := "// A topic" + code; shown != want {
		t.Errorf("docs/migrating.md shows\n%s\nand twin_test.go is\n%s", shown, want)
	}
}

// named are the tests that the last column of a table names.
var named = regexp.MustCompile("`(Test\\w+|[a-z-]+\\.txtar)`")

func TestEveryDifferenceThatIsDocumentedHasItsTest(t *testing.T) {
	var tests bytes.Buffer
	err := filepath.WalkDir(repository(), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		tests.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(migrating(t), "## What is different on purpose")
	table, _, _ = strings.Cut(table, "\n## ")
	rows := 0
	for line := range strings.Lines(table) {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| The toolkit") {
			continue
		}
		rows++
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		names := named.FindAllStringSubmatch(cells[len(cells)-1], -1)
		if len(names) == 0 {
			t.Errorf("no test is named for: %s", line)
		}
		for _, n := range names {
			_, missing := os.Stat(filepath.Join("testdata", "script", n[1]))
			if !bytes.Contains(tests.Bytes(), []byte("func "+n[1]+"(")) && missing != nil {
				t.Errorf("there is no test %s, for: %s", n[1], line)
			}
		}
	}
	if rows < 20 {
		t.Errorf("the table has %d differences; there are more", rows)
	}
}
