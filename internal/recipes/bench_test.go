package recipes

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// writeMany writes n rows of some 400 bytes.
func (f folder) writeMany(name string, n int) {
	f.t.Helper()
	file, err := os.Create(filepath.Join(f.dir, "training/data", name))
	if err != nil {
		f.t.Fatal(err)
	}
	out := bufio.NewWriterSize(file, 1<<20)
	filler := strings.Repeat("lorem ipsum dolor sit amet ", 9)
	for i := range n {
		fmt.Fprintf(out, `{"id":"record-%d","messages":[{"role":"user","content":"Question %d of %s?"},{"role":"assistant","content":"<think>%d</think>%s"}]}`+"\n", i, i, name, i, filler)
	}
	if err := out.Flush(); err != nil {
		f.t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		f.t.Fatal(err)
	}
}

// peak returns a tick that remembers the largest heap in use.
func peak(most *uint64) func() {
	n := 0
	return func() {
		if n++; n%20_000 == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			*most = max(*most, m.HeapInuse)
		}
	}
}

const shuffled = "mode: weighted\nshuffle_seed: 7\nsplit: {train: 98, validation: 2}\n%s\nweights: {one: 0.7, two: 0.3}\n" +
	"categories:\n  one: {pipelines: [style]}\n  two: {pipelines: [behaviour]}\n"

func (f folder) peakOf(recipe string) (rows int, heap uint64) {
	f.t.Helper()
	r := parse(f.t, recipe)
	root, err := os.OpenRoot(f.dir)
	if err != nil {
		f.t.Fatal(err)
	}
	defer root.Close()
	tick := peak(&heap)
	m, err := Scan(context.Background(), r, root, r.Sources(func(p string) string { return "training/data/" + p + ".jsonl" }), f.dir, tick)
	if err != nil {
		f.t.Fatal(err)
	}
	defer m.Close()
	if err := m.Write(context.Background(), io.Discard, io.Discard); err != nil {
		f.t.Fatal(err)
	}
	return m.Total, heap
}

func TestMemoryDoesNotGrowWithTheRows(t *testing.T) {
	if testing.Short() {
		t.Skip("half a million rows")
	}
	f := newFolder(t)
	f.writeMany("style.jsonl", 400_000)
	f.writeMany("behaviour.jsonl", 100_000)
	// What is in memory are three sorters of 6 MiB, twice over until garbage is
	// collected; the rows are 130 MB.
	const bound = 64 << 20
	if _, heap := f.peakOf(fmt.Sprintf(shuffled, "dedupe: exact")); heap > bound {
		t.Errorf("the heap grew to %d MiB", heap>>20)
	}
}

var millions = flag.Float64("millions", 0.1, "rows of the benchmark; 5 take 1.7 GB of disk")

func BenchmarkMix(b *testing.B) {
	f := newFolder(b)
	f.writeMany("style.jsonl", int(*millions*800_000))
	f.writeMany("behaviour.jsonl", int(*millions*200_000))
	for _, dedupe := range []string{"", "dedupe: exact", "dedupe: near"} {
		b.Run(dedupe, func(b *testing.B) {
			for range b.N {
				rows, heap := f.peakOf(fmt.Sprintf(shuffled, dedupe))
				b.ReportMetric(float64(rows), "rows")
				b.ReportMetric(float64(heap>>20), "MiB")
			}
		})
	}
}
