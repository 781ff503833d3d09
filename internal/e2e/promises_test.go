package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// named are the tests that the last column of a table names.
var named = regexp.MustCompile("`(Test\\w+|[a-z-]+\\.txtar)`")

// heldByTests checks that each row of the tables in text names a test, and that
// there is one of that name. It returns how many rows there are; those that begin
// with head are none.
func heldByTests(t *testing.T, text, head string) (rows int) {
	t.Helper()
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
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, head) {
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
	return rows
}

func TestEveryPromiseHasItsTest(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(repository(), "docs", "promises.md"))
	if err != nil {
		t.Fatal(err)
	}
	if rows := heldByTests(t, string(text), "| what is true"); rows < 25 {
		t.Errorf("docs/promises.md has %d promises; there are more", rows)
	}
}
