package e2e

import (
	"os"
	"path/filepath"
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

func TestEveryDifferenceThatIsDocumentedHasItsTest(t *testing.T) {
	_, table, _ := strings.Cut(migrating(t), "## What is different on purpose")
	table, _, _ = strings.Cut(table, "\n## ")
	if rows := heldByTests(t, table, "| The toolkit"); rows < 20 {
		t.Errorf("the table has %d differences; there are more", rows)
	}
}
