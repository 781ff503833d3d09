package recipes

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/identity-shaping/isf/internal/sources"
)

// readBack returns the rows of a Parquet file as our own reader of sources
// reads them.
func readBack(t *testing.T, data string) []any {
	t.Helper()
	var rows []any
	f := sources.File{Name: "rows.parquet", Size: int64(len(data)), ReaderAt: strings.NewReader(data)}
	for row, err := range sources.Rows(context.Background(), []sources.File{f}, sources.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, decoded(t, string(row.Text)))
	}
	return rows
}

func decoded(t *testing.T, text string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func decodedLines(t *testing.T, text string) (rows []any) {
	t.Helper()
	for line := range strings.Lines(text) {
		rows = append(rows, decoded(t, line))
	}
	return rows
}

func TestParquetHasTheRowsThatLinesHave(t *testing.T) {
	f := newFolder(t)
	f.write("style.jsonl", thoughts("a", 50)+row("é \u2028", "<think>\x00</think>\"Ünï\" 🕯️"))
	settings := "shuffle_seed: 3\nsplit: {train: 3, validation: 1}\ncategories: {c: {pipelines: [style]}}\n"
	for _, render := range []string{"", "render: deepseek\n"} {
		_, train, validation := f.prepare(parse(t, render+settings))
		_, ptrain, pvalidation := f.prepare(parse(t, "format: parquet\n"+render+settings))
		_, again, _ := f.prepare(parse(t, "format: parquet\n"+render+settings))
		if again != ptrain {
			t.Error("the same rows are other bytes")
		}
		for name, files := range map[string][2]string{"train": {train, ptrain}, "validation": {validation, pvalidation}} {
			if diff := cmp.Diff(decodedLines(t, files[0]), readBack(t, files[1])); diff != "" || files[0] == "" {
				t.Errorf("%s%s: %s", render, name, diff)
			}
		}
	}
}

func TestColumnsThatNoMessageFillsAreNotThere(t *testing.T) {
	plain := `{"id":1,"messages":[{"role":"user","content":"a"}]}` + "\n"
	weight := `{"id":"w","messages":[{"role":"user","content":"a","weight":0.5}]}` + "\n"
	extra := `{"id":"x","messages":[{"role":"user","content":"a","tool_call_id":"7","name":"ann"}]}` + "\n"
	for rows, want := range map[string]string{
		plain:                  `[{"id":"1","messages":[{"role":"user","content":"a"}]}]`,
		plain + weight:         `[{"id":"1","messages":[{"role":"user","content":"a","weight":null}]},{"id":"w","messages":[{"role":"user","content":"a","weight":0.5}]}]`,
		extra:                  `[{"id":"x","messages":[{"role":"user","content":"a","extra":"{\"name\":\"ann\",\"tool_call_id\":\"7\"}"}]}]`,
		weight + extra + plain: `[{"id":"w","messages":[{"role":"user","content":"a","weight":0.5,"extra":null}]},{"id":"x","messages":[{"role":"user","content":"a","weight":null,"extra":"{\"name\":\"ann\",\"tool_call_id\":\"7\"}"}]},{"id":"1","messages":[{"role":"user","content":"a","weight":null,"extra":null}]}]`,
	} {
		var out bytes.Buffer
		n, err := Conversion{Shape: ISF, Parquet: true}.Write("a.jsonl", strings.NewReader(rows), &out)
		if err != nil || n != strings.Count(rows, "\n") {
			t.Errorf("%s: %d rows, %v", rows, n, err)
		}
		if diff := cmp.Diff(decoded(t, want), any(readBack(t, out.String()))); diff != "" {
			t.Errorf("%s: %s", rows, diff)
		}
	}
}

func TestGroupsOfRowsAreBounded(t *testing.T) {
	var rows strings.Builder
	long := strings.Repeat("word ", 200_000)
	for i := range 20 {
		rows.WriteString(row(fmt.Sprint(i), long))
	}
	var out bytes.Buffer
	if _, err := (Conversion{Shape: ISF, Parquet: true}).Write("a.jsonl", strings.NewReader(rows.String()), &out); err != nil {
		t.Fatal(err)
	}
	file, err := parquet.OpenFile(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range file.RowGroups() {
		if g.NumRows() > 17 { // 16 MiB of text, 1 MB in each row
			t.Errorf("a group has %d rows", g.NumRows())
		}
	}
	if file.NumRows() != 20 {
		t.Errorf("got %d rows, want 20", file.NumRows())
	}
}
