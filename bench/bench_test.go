// Package bench measures isf as a whole, for docs/performance.md. What belongs
// to one package is measured beside it: acknowledgements and gets in cache,
// status in graph, requests over HTTP in dispatch.
package bench

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/identity-shaping/isf"
	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/engine"
)

// The warm rebuild: requests of 16 KB, 12 KB of which are the system prompt
// that all share.
const (
	recordBytes = 4 << 10
	promptBytes = 12 << 10
)

type record struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

type answers struct {
	Records isf.File  `isf:"records.jsonl"`
	Model   isf.Model `isf:"plain"`
}

func (p *answers) Build(b *isf.Build) isf.Rows[*isf.Sample] {
	return isf.Each(b, "answer", isf.Read[record](b, p.Records), func(t *isf.Task, r record) ([]*isf.Sample, error) {
		a, err := t.Ask(p.Model, isf.Text(r.Text))
		if err != nil {
			return nil, err
		}
		return isf.One(isf.NewSample(isf.User(r.Text[:200]), a.Message()))
	})
}

// records is how many there are; ISF_RECORDS says another number.
func records() int {
	n, err := strconv.Atoi(os.Getenv("ISF_RECORDS"))
	if err != nil {
		return 100_000
	}
	return n
}

// BenchmarkWarmRebuild builds a target whose every answer is in the cache.
// The naive baseline reads the same rows, makes a key of each request through
// JSON and SHA-256, and writes the same output, with no cache at all.
func BenchmarkWarmRebuild(b *testing.B) {
	dir := filepath.Join(benchDir(b), "warm")
	write(b, dir)
	build(b, dir, false, true) // fills the cache, if it is not full
	for _, kind := range []string{"minimal", "annotated"} {
		b.Run(kind, func(b *testing.B) {
			for range b.N {
				start, cpu := time.Now(), processTime()
				result := build(b, dir, kind == "annotated", true)
				took := time.Since(start)
				if r := result.Requests(); r.Sent != 0 || r.Hits != int64(records()) {
					b.Fatalf("%d sent, %d hits; want all of %d from the cache", r.Sent, r.Hits, records())
				}
				b.ReportMetric(took.Seconds(), "s/rebuild")
				b.ReportMetric((processTime() - cpu).Seconds(), "cpu-s/rebuild")
				b.ReportMetric(float64(records())/took.Seconds(), "records/s")
			}
		})
	}
	b.Run("naive", func(b *testing.B) {
		for range b.N {
			start := time.Now()
			naive(b, dir)
			b.ReportMetric(time.Since(start).Seconds(), "s/rebuild")
		}
	})
}

// benchDir keeps large caches between runs where ISF_BENCH_DIR says.
func benchDir(b *testing.B) string {
	if dir := os.Getenv("ISF_BENCH_DIR"); dir != "" {
		return dir
	}
	return b.TempDir()
}

// write makes the project of the warm rebuild, unless an earlier run has.
func write(b *testing.B, dir string) {
	b.Helper()
	done := filepath.Join(dir, fmt.Sprintf("complete-%d", records()))
	if _, err := os.Stat(done); err == nil {
		return
	}
	defer put(b, done, "")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.Fatal(err)
	}
	prompt := strings.Repeat("You are a model that answers plainly and briefly. ", promptBytes/50)
	put(b, filepath.Join(dir, "prompt.txt"), prompt)
	put(b, filepath.Join(dir, "isf.yaml"), "identity: {prefix: x, provider: sim, model: sim/plain, variants: []}\nmodels:\n  plain: {provider: sim, model: sim/plain, sysprompt_file: prompt.txt}\n")
	f, err := os.Create(filepath.Join(dir, "records.jsonl"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	for i := range records() {
		text := fmt.Sprintf("Question %d. ", i)
		text += strings.Repeat(text, recordBytes/len(text))
		fmt.Fprintf(w, "{\"id\":\"r%d\",\"text\":%q}\n", i, text)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
}

func put(b *testing.B, path, text string) {
	b.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		b.Fatal(err)
	}
}

// build runs the real engine in this process.
func build(b *testing.B, dir string, annotated, force bool) engine.Result {
	b.Helper()
	p, err := engine.Open(dir, []*engine.Pipeline{isf.Dataset("answers", &answers{}, isf.Version("1"))}, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer p.Close()
	r, err := graph.NewReader(dir, filepath.Join(engine.StateDir, "stat"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = r.Save(); _ = r.Close() }()
	results, err := p.Build(context.Background(), []*graph.Target{p.Graph.Target("training/data/answers")}, r,
		engine.Options{Force: force, Annotate: &annotated}, nil)
	if err != nil {
		b.Fatal(err)
	}
	if results[0].Err != nil {
		b.Fatal(results[0].Err)
	}
	return results[0]
}

// BenchmarkNothingToDo runs the built binary on the example, which is current and has been for some seconds:
// what was written just now is hashed again by whoever looks, and would be measured in place of a start.
func BenchmarkNothingToDo(b *testing.B) {
	root, err := filepath.Abs("..")
	if err != nil {
		b.Fatal(err)
	}
	run := func(args ...string) {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = root
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	bin := filepath.Join(b.TempDir(), "isf")
	run("go", "build", "-o", bin, "./cmd/isf")
	run(bin, "build") // makes the example current, and .isf/bin/isf
	own := filepath.Join(root, ".isf", "bin", "isf")
	time.Sleep(5 * time.Second)
	run(own, "build")
	for _, command := range []string{"build", "status", "version"} {
		b.Run(command, func(b *testing.B) {
			for b.Loop() {
				run(own, command)
			}
		})
	}
	b.Run("launched-status", func(b *testing.B) { // the installed isf looks at the sources and becomes the project's
		for b.Loop() {
			run(bin, "status")
		}
	})
}
