package sources

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// A prompt is the row that most tests are about.
type prompt struct {
	ID     string `json:"id" parquet:"id"`
	Prompt string `json:"prompt" parquet:"prompt"`
	Score  *int   `json:"score" parquet:"score,optional"`
}

func prompts(n int) []prompt {
	rows := make([]prompt, n)
	for i := range rows {
		score := i%5 + 1
		rows[i] = prompt{fmt.Sprintf("p-%04d", i), fmt.Sprintf("Tell me about %d, \"please\"\nand slowly", i), &score}
		if i%10 == 9 {
			rows[i].Score = nil
		}
	}
	return rows
}

// files writes the same rows in each format.
func files(t *testing.T, rows []prompt) []File {
	t.Helper()
	var jsonl, csv bytes.Buffer
	csv.WriteString("\xef\xbb\xbfscore,prompt,unused,id\n")
	for _, r := range rows {
		line, _ := json.Marshal(r)
		fmt.Fprintf(&jsonl, "%s\n\n", line)
		score := ""
		if r.Score != nil {
			score = fmt.Sprint(*r.Score)
		}
		fmt.Fprintf(&csv, "%s,\"%s\",x,%s\n", score, strings.ReplaceAll(r.Prompt, `"`, `""`), r.ID)
	}
	return []File{file("a.jsonl", jsonl.Bytes()), file("a.csv", csv.Bytes()), file("a.parquet", parquetOf(t, rows, 30))}
}

func file(name string, data []byte) File { return File{name, int64(len(data)), bytes.NewReader(data)} }

func parquetOf[T any](t *testing.T, rows []T, group int, opts ...parquet.WriterOption) []byte {
	t.Helper()
	var b bytes.Buffer
	w := parquet.NewGenericWriter[T](&b, append(opts, parquet.MaxRowsPerRowGroup(int64(group)))...)
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func collect[T any](t *testing.T, q Query, files ...File) []T {
	t.Helper()
	rows, err := tryCollect[T](q, files...)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func tryCollect[T any](q Query, files ...File) ([]T, error) {
	q.Columns = ColumnsOf(reflect.TypeFor[T]())
	var out []T
	for r, err := range Rows(context.Background(), files, q) {
		if err != nil {
			return nil, err
		}
		var v T
		if err := json.Unmarshal(r.Text, &v); err != nil {
			return nil, fmt.Errorf("%s: %w", r.Place(), err)
		}
		out = append(out, v)
	}
	return out, nil
}

func ids(rows []prompt) string {
	var out []string
	for _, r := range rows {
		out = append(out, r.ID)
	}
	return strings.Join(out, " ")
}

func TestFormatsHoldTheSameRows(t *testing.T) {
	want := prompts(100)
	for _, f := range files(t, want) {
		if got := collect[prompt](t, Query{}, f); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %d rows that differ from those written", f.Name, len(got))
		}
	}
}

func TestConditionsSelectTheSameRowsOfEveryFormat(t *testing.T) {
	rows := prompts(200)
	for _, tt := range []struct {
		where []Cond
		keep  func(prompt) bool
	}{
		{[]Cond{{"score", ">=", 4}}, func(p prompt) bool { return p.Score != nil && *p.Score >= 4 }},
		{[]Cond{{"score", ">", 3.5}}, func(p prompt) bool { return p.Score != nil && *p.Score > 3 }},
		{[]Cond{{"score", "<", int8(2)}}, func(p prompt) bool { return p.Score != nil && *p.Score < 2 }},
		{[]Cond{{"score", "<=", 2}}, func(p prompt) bool { return p.Score != nil && *p.Score <= 2 }},
		{[]Cond{{"score", "!=", 1}}, func(p prompt) bool { return p.Score != nil && *p.Score != 1 }},
		{[]Cond{{"score", "==", nil}}, func(p prompt) bool { return p.Score == nil }},
		{[]Cond{{"score", "!=", nil}}, func(p prompt) bool { return p.Score != nil }},
		{[]Cond{{"score", "in", []int{2, 5}}}, func(p prompt) bool { return p.Score != nil && (*p.Score == 2 || *p.Score == 5) }},
		{[]Cond{{"id", "==", "p-0042"}}, func(p prompt) bool { return p.ID == "p-0042" }},
		{[]Cond{{"id", ">=", "p-0150"}, {"score", "==", 3}}, func(p prompt) bool { return p.ID >= "p-0150" && p.Score != nil && *p.Score == 3 }},
		{[]Cond{{"score", ">", 9}}, func(prompt) bool { return false }},
	} {
		var want []prompt
		for _, r := range rows {
			if tt.keep(r) {
				want = append(want, r)
			}
		}
		for _, f := range files(t, rows) {
			if got := collect[prompt](t, Query{Where: tt.where}, f); ids(got) != ids(want) {
				t.Errorf("%s where %v: got %s, want %s", f.Name, tt.where, ids(got), ids(want))
			}
		}
	}
}

func TestSampleIsTheSameInEveryFormat(t *testing.T) {
	rows := prompts(300)
	q := Query{Where: []Cond{{"score", "!=", nil}}, Sample: Sample{N: 20, Seed: 7}}
	var first string
	for _, f := range files(t, rows) {
		got := collect[prompt](t, q, f)
		if len(got) != 20 || !slices.IsSortedFunc(got, func(a, b prompt) int { return strings.Compare(a.ID, b.ID) }) {
			t.Errorf("%s: got %s, want 20 rows in their order", f.Name, ids(got))
		}
		if first == "" {
			first = ids(got)
		}
		if ids(got) != first {
			t.Errorf("%s: got %s, want %s", f.Name, ids(got), first)
		}
	}
	if other := collect[prompt](t, Query{Sample: Sample{N: 20, Seed: 8}}, files(t, rows)[0]); ids(other) == first {
		t.Error("another seed draws the same rows")
	}
}

// A person who asks for more rows pays for the new ones only.
func TestLargerSampleHoldsTheSmaller(t *testing.T) {
	f := files(t, prompts(300))[2]
	small := collect[prompt](t, Query{Sample: Sample{N: 10}}, f)
	large := ids(collect[prompt](t, Query{Sample: Sample{N: 40}}, f))
	for _, r := range small {
		if !strings.Contains(large, r.ID) {
			t.Errorf("%s is not in the larger sample", r.ID)
		}
	}
}

func TestSampleIsDrawnOverAllFiles(t *testing.T) {
	rows := prompts(300)
	one := collect[prompt](t, Query{Sample: Sample{N: 30}}, files(t, rows)[0])
	var parts []File
	for i, part := range [][]prompt{rows[:50], rows[50:51], rows[51:]} {
		f := files(t, part)[i]
		parts = append(parts, f)
	}
	if got := collect[prompt](t, Query{Sample: Sample{N: 30}}, parts...); ids(got) != ids(one) {
		t.Errorf("got %s of three files, want %s", ids(got), ids(one))
	}
}

func TestStrataHaveTheirShares(t *testing.T) {
	rows := prompts(1000) // 1, 2, 3: 200 each; 4: 200; 5: 100; null: 100
	for _, tt := range []struct {
		n      int
		shares map[string]float64
		want   string
	}{
		{10, nil, "1:2 2:2 3:2 4:2 5:1 null:1"},
		{10, map[string]float64{"1": 1, "5": 4}, "1:2 5:8"},
		{7, map[string]float64{"1": 1, "2": 1}, "1:4 2:3"},
		{300, map[string]float64{"4": 1, "5": 1}, "4:150 5:100"},
		{5, map[string]float64{"": 1}, "null:5"},
		{5, map[string]float64{"9": 1}, ""},
		{5, map[string]float64{"1": 0}, ""},
	} {
		for _, f := range files(t, rows) {
			counts := map[string]int{}
			for _, r := range collect[prompt](t, Query{Sample: Sample{N: tt.n, By: "score", Shares: tt.shares}}, f) {
				name := "null"
				if r.Score != nil {
					name = fmt.Sprint(*r.Score)
				}
				counts[name]++
			}
			var got []string
			for _, name := range []string{"1", "2", "3", "4", "5", "null"} {
				if counts[name] > 0 {
					got = append(got, fmt.Sprintf("%s:%d", name, counts[name]))
				}
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("%s: %d rows by %v: got %v, want %s", f.Name, tt.n, tt.shares, got, tt.want)
			}
		}
	}
}

func TestMistakesAreSentences(t *testing.T) {
	all := files(t, prompts(3))
	type typo struct {
		Promt string `json:"promt"`
	}
	for _, tt := range []struct {
		name string
		do   func() error
		want string
	}{
		{"csv column", func() error { _, err := tryCollect[typo](Query{}, all[1]); return err }, `a.csv has no column "promt"; its columns are score, prompt, unused, id; did you mean "prompt"?`},
		{"parquet column", func() error { _, err := tryCollect[typo](Query{}, all[2]); return err }, `a.parquet has no column "promt"`},
		{"condition on no column", func() error {
			_, err := tryCollect[prompt](Query{Where: []Cond{{"scor", "==", 1}}}, all[2])
			return err
		}, `did you mean "score"?`},
		{"operator", func() error {
			_, err := tryCollect[prompt](Query{Where: []Cond{{"score", "=>", 1}}}, all[0])
			return err
		}, "the operators are =="},
		{"list", func() error {
			_, err := tryCollect[prompt](Query{Where: []Cond{{"score", "in", 1}}}, all[0])
			return err
		}, "takes a list"},
		{"kind", func() error {
			_, err := tryCollect[prompt](Query{Where: []Cond{{"score", "==", "high"}}}, all[2])
			return err
		}, `column "score" holds numbers here, which cannot be compared with high`},
		{"cell", func() error {
			_, err := tryCollect[prompt](Query{}, file("b.csv", []byte("id,prompt,score\na,b,high\n")))
			return err
		}, `b.csv:2: column "score" holds "high"`},
		{"ragged", func() error {
			_, err := tryCollect[prompt](Query{}, file("b.csv", []byte("id,prompt,score\na,b\n")))
			return err
		}, "b.csv: record on line 2: wrong number of fields"},
		{"empty csv", func() error { _, err := tryCollect[prompt](Query{}, file("b.csv", nil)); return err }, "b.csv is empty"},
		{"no parquet", func() error {
			_, err := tryCollect[prompt](Query{}, file("b.parquet", []byte("PAR1 but not really")))
			return err
		}, "b.parquet: this is no Parquet file"},
		{"short parquet", func() error { _, err := tryCollect[prompt](Query{}, file("b.parquet", nil)); return err }, "b.parquet: this is no Parquet file"},
		{"json", func() error {
			_, err := tryCollect[prompt](Query{Sample: Sample{N: 1}}, file("b.jsonl", []byte("{}\n{oops}\n")))
			return err
		}, "b.jsonl:2: not a JSON object"},
		{"format", func() error { _, err := tryCollect[prompt](Query{}, file("b.xlsx", nil)); return err }, "b.xlsx: rows are read from .jsonl"},
	} {
		err := tt.do()
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want an error with %q", tt.name, err, tt.want)
		}
	}
}
