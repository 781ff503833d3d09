package sources

import (
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
)

// A turn is a message as datasets of conversations have them.
type turn struct {
	Role    string  `json:"role" parquet:"role"`
	Content *string `json:"content" parquet:"content,optional"`
}

type talk struct {
	ID       string                `json:"id" parquet:"id"`
	Messages []turn                `json:"messages" parquet:"messages,list"`
	Tags     []string              `json:"tags" parquet:"tags,list"`
	Counts   map[string]int64      `json:"counts" parquet:"counts"`
	Source   struct{ Lang string } `json:"source" parquet:"source"`
	At       time.Time             `json:"at" parquet:"at,timestamp(millisecond)"`
	Ratio    float64               `json:"ratio" parquet:"ratio"`
	Keep     bool                  `json:"keep" parquet:"keep"`
}

func talks(n int) []talk {
	rows := make([]talk, n)
	for i := range rows {
		r := talk{ID: fmt.Sprintf("t-%05d", i), At: time.UnixMilli(int64(i) * 86_400_123).UTC(), Ratio: float64(i) / 8, Keep: i%3 == 0}
		for j := range i % 4 {
			text := strings.Repeat(fmt.Sprint(i, " "), 30)
			r.Messages = append(r.Messages, turn{Role: "user", Content: &text})
			if j == 2 {
				r.Messages = append(r.Messages, turn{Role: "assistant"})
			}
			r.Tags = append(r.Tags, fmt.Sprint("tag", j))
		}
		r.Counts = map[string]int64{"turns": int64(i % 4)}
		r.Source.Lang = "de"
		rows[i] = r
	}
	return rows
}

func layouts() map[string][]parquet.WriterOption {
	small := parquet.PageBufferSize(512)
	return map[string][]parquet.WriterOption{
		"pages of version 2": {small},
		"pages of version 1": {small, parquet.DataPageVersion(1)},
		"snappy":             {small, parquet.Compression(&parquet.Snappy)},
		"zstd":               {small, parquet.Compression(&parquet.Zstd)},
	}
}

func TestNestedRowsComeOutAsTheyWentIn(t *testing.T) {
	rows := talks(300)
	for name, opts := range layouts() {
		got := collect[talk](t, Query{}, file("a.parquet", parquetOf(t, rows, 120, opts...)))
		if len(got) != len(rows) {
			t.Fatalf("%s: got %d rows, want %d", name, len(got), len(rows))
		}
		for i := range got {
			if g, w := text(got[i]), text(rows[i]); g != w {
				t.Fatalf("%s: row %d is %s, want %s", name, i, g, w)
			}
		}
	}
}

// text makes an empty list and none the same, which they are to Parquet here.
func text(r talk) string {
	var turns []string
	for _, m := range r.Messages {
		content := "none"
		if m.Content != nil {
			content = *m.Content
		}
		turns = append(turns, m.Role+": "+content)
	}
	return fmt.Sprint(r.ID, turns, len(r.Tags), r.Tags, r.Counts, r.Source, r.At.UTC(), r.Ratio, r.Keep)
}

// Rows that are picked here and there are those that reading all finds there,
// whichever way the pages lie.
func TestScatteredRowsAreTheRightOnes(t *testing.T) {
	rows := talks(500)
	for name, opts := range layouts() {
		f := file("a.parquet", parquetOf(t, rows, 130, opts...))
		for _, where := range [][]Cond{
			{{"ratio", "in", []float64{0, 0.125, 5, 16.25, 16.375, 40, 62.375}}},
			{{"id", ">=", "t-00127"}, {"keep", "==", true}},
			{{"at", ">=", "1970-12-01"}, {"at", "<", "1970-12-24"}},
		} {
			got := collect[talk](t, Query{Where: where}, f)
			if len(got) == 0 {
				t.Errorf("%s: nothing found where %v", name, where)
			}
			for _, r := range got {
				var i int
				if _, err := fmt.Sscanf(r.ID, "t-%d", &i); err != nil || text(r) != text(rows[i]) {
					t.Errorf("%s: got %s, want %s", name, text(r), text(rows[i]))
				}
			}
		}
		picked := collect[talk](t, Query{Sample: Sample{N: 25, Seed: 3}}, f)
		for _, r := range picked {
			var i int
			if _, err := fmt.Sscanf(r.ID, "t-%d", &i); err != nil || text(r) != text(rows[i]) {
				t.Errorf("%s: drew %s, want %s", name, text(r), text(rows[i]))
			}
		}
	}
}

// A meter counts the bytes that are read.
type meter struct {
	io.ReaderAt
	bytes atomic.Int64
}

func (m *meter) ReadAt(p []byte, off int64) (int, error) {
	n, err := m.ReaderAt.ReadAt(p, off)
	m.bytes.Add(int64(n))
	return n, err
}

func TestColumnsThatNobodyWantsAreNotRead(t *testing.T) {
	rows := make([]prompt, 4000)
	for i := range rows {
		score := i / 400
		rows[i] = prompt{fmt.Sprint(i), noise(i, 1000), &score}
	}
	data := parquetOf(t, rows, 1000, parquet.PageBufferSize(16<<10))
	type scored struct {
		ID    string `json:"id"`
		Score int    `json:"score"`
	}
	for _, tt := range []struct {
		name string
		read func(f File) int
		most int64
	}{
		{"two columns", func(f File) int { return len(collect[scored](t, Query{}, f)) }, 300_000},
		{"a tenth", func(f File) int { return len(collect[prompt](t, Query{Where: []Cond{{"score", "==", 7}}}, f)) }, 900_000},
		{"none", func(f File) int { return len(collect[prompt](t, Query{Where: []Cond{{"score", ">", 10}}}, f)) }, 50_000},
		{"ten", func(f File) int { return len(collect[prompt](t, Query{Sample: Sample{N: 10}}, f)) }, 1_500_000},
	} {
		f := file("a.parquet", data)
		m := &meter{ReaderAt: f.ReaderAt}
		f.ReaderAt = m
		n := tt.read(f)
		if got := m.bytes.Load(); got > tt.most {
			t.Errorf("%s: read %d bytes of %d for %d rows, want at most %d", tt.name, got, len(data), n, tt.most)
		}
	}
}

// noise is text that no codec shortens much.
func noise(seed, length int) string {
	b := make([]byte, length)
	x := uint64(seed)*2862933555777941757 + 3037000493
	for i := range b {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		b[i] = byte('!' + x%90)
	}
	return string(b)
}
