package view

import (
	"bufio"
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/identity-shaping/isf/internal/reviews"
)

// writeRows writes n conversations: the answer of row i has i mod 90 + 3 words,
// its score is i mod 5.
func writeRows(tb testing.TB, n int) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "rows.jsonl")
	f, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	w := bufio.NewWriter(f)
	for i := range n {
		fmt.Fprintf(w, `{"id":"r-%d","messages":[{"role":"user","content":"What is number %d?"},{"role":"assistant","content":"<think>\nHm.\n</think>\nIt is %d.%s"}],"meta":{"score":%d,"source":"s%d"}}`+"\n",
			i, i, i, strings.Repeat(" So.", i%90), i%5, i%3)
	}
	if err := w.Flush(); err != nil {
		tb.Fatal(err)
	}
	if err := f.Close(); err != nil {
		tb.Fatal(err)
	}
	return path
}

// indexed opens a table and waits until all is known of it.
func indexed(tb testing.TB, path string) *table {
	tb.Helper()
	t, err := openTable(path, nil)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(t.close)
	t.wait(context.Background(), time.Minute, func() bool { return false })
	if t.err != nil {
		tb.Fatal(t.err)
	}
	return t
}

func ids(tb testing.TB, t *table, query string, most int) (string, int) {
	tb.Helper()
	v, err := url.ParseQuery(query)
	if err != nil {
		tb.Fatal(err)
	}
	book, err := reviews.Open(t.path)
	if err != nil {
		tb.Fatal(err)
	}
	sel, err := t.choose(context.Background(), readQuery(v), book, nil)
	if err != nil {
		tb.Fatal(err)
	}
	var out []string
	for n := range min(most, sel.total) {
		s, err := t.read(t.rows[sel.at(n)])
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, s.ID)
	}
	return strings.Join(out, " "), sel.total
}

func TestQueriesFindRows(t *testing.T) {
	x := indexed(t, writeRows(t, 30))
	first, err := x.read(x.rows[4])
	if err != nil {
		t.Fatal(err)
	}
	book, err := reviews.Open(x.path)
	if err != nil {
		t.Fatal(err)
	}
	if err := book.Add(first, reviews.Good, ""); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		"":                       "r-0 r-1 r-2 (30)",
		"sort=length&desc=1":     "r-29 r-28 r-27 (30)",
		"score=2":                "r-2 r-7 r-12 (6)",
		"score=2&source=s1":      "r-7 r-22 (2)",
		"q=NUMBER+7":             "r-7 (1)",
		"q=r-1&sort=length":      "r-1 r-10 r-11 (11)",
		"q=nowhere":              " (0)",
		"min=100":                "r-23 r-24 r-25 (7)",
		"max=8":                  "r-0 (1)",
		"review=good":            "r-4 (1)",
		"review=none":            "r-0 r-1 r-2 (29)",
		"review=bad":             " (0)",
		"state=thinking&score=0": "r-0 r-5 r-10 (6)",
		"state=pinned":           " (0)",
		"sort=nonsense":          "r-0 r-1 r-2 (30)",
	} {
		got, total := ids(t, x, query, 3)
		if got := fmt.Sprintf("%s (%d)", got, total); got != want {
			t.Errorf("%q finds %s, want %s", query, got, want)
		}
	}
}

// Charts are there for what rows have. Their bars count each row once, and those
// of sources lead to the rows they stand for.
func TestChartsOfThinkingAndOfSources(t *testing.T) {
	x := indexed(t, writeRows(t, 31))
	charts, whole := x.charts("talk")
	if !whole {
		t.Error("not all rows are in the charts")
	}
	by := map[string]*Chart{}
	for _, c := range charts {
		by[c.Title] = c
	}
	thinking := by["Length of thinking, in characters"]
	if thinking == nil || len(thinking.Bars) != 1 || thinking.Bars[0].Count != 31 || thinking.Note != "median 3 · largest 3" {
		t.Errorf("thinking of three characters each is drawn as %+v", thinking)
	}
	var got []string
	if sources := by["Sources"]; sources != nil {
		for _, b := range sources.Bars {
			got = append(got, fmt.Sprintf("%s %d %s", b.Label, b.Count, b.Link))
		}
	}
	if want := "s0 11 /t/talk?source=s0, s1 10 /t/talk?source=s1, s2 10 /t/talk?source=s2"; strings.Join(got, ", ") != want {
		t.Errorf("the sources are %q, want %q", got, want)
	}

	plain := filepath.Join(t.TempDir(), "rows.jsonl")
	if err := os.WriteFile(plain, []byte(`{"id":"a","messages":[{"role":"user","content":"Hm?"},{"role":"assistant","content":"Hm."}]}`+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	charts, _ = indexed(t, plain).charts("talk")
	for _, c := range charts {
		if c.Title == "Sources" || strings.HasPrefix(c.Title, "Length of thinking") {
			t.Errorf("rows without any have a chart of %s", c.Title)
		}
	}
}

func TestALineThatIsNoRowIsShownAndNotSkipped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rows.jsonl")
	if err := os.WriteFile(path, []byte("{\"id\":\"a\"}\n\n  \nnonsense\n{\"id\":\"b\"}"), 0o644); err != nil {
		t.Fatal(err)
	}
	x := indexed(t, path)
	if len(x.rows) != 3 || x.rows[1].line != 4 || x.rows[2].line != 5 {
		t.Fatalf("the rows are %+v, want lines 1, 4 and 5", x.rows)
	}
	if _, total := ids(t, x, "state=broken", 0); total != 1 {
		t.Errorf("%d lines are unreadable, want 1", total)
	}
}

func TestARowTakesNoMoreMemoryThanIsSaid(t *testing.T) {
	if size := unsafe.Sizeof(row{}); size != 80 {
		t.Errorf("a row takes %d bytes, and its comment says 80", size)
	}
}

func BenchmarkTable(b *testing.B) {
	path := writeRows(b, 100_000)
	b.Run("first page", func(b *testing.B) {
		for b.Loop() {
			x, err := openTable(path, nil)
			if err != nil {
				b.Fatal(err)
			}
			x.wait(context.Background(), time.Minute, func() bool { return x.placed })
			ids(b, x, "", pageRows)
			x.close()
		}
	})
	x := indexed(b, path)
	for name, query := range map[string]string{"next page": "", "sorted page": "sort=length", "filter": "score=3&min=400", "search": "q=number+77"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if name == "search" {
					x.results = newResults()
				}
				ids(b, x, query, pageRows)
			}
		})
	}
	b.Run("all details", func(b *testing.B) {
		for b.Loop() {
			indexed(b, path)
		}
	})
}
