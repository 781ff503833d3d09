package e2e

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// mixedRecipes are prepared with a seed, weights and a split, which is all that
// needs an order over every row; dedupe and Parquet are what needs most memory.
var mixedRecipes = map[string]string{"plain": "", "exact": "dedupe: exact", "table": "format: parquet"}

const mixedRecipe = "mode: weighted\nshuffle_seed: 7\nsplit: {train: 98, validation: 2}\n%s\nweights: {one: 0.7, two: 0.3}\n" +
	"categories:\n  one: {files: [one.jsonl]}\n  two: {files: [two.jsonl]}\n"

// A recipe is prepared in bounded memory, and comes out as the same bytes
// whether one core works on it or two. ISF_ROWS makes it longer;
// docs/performance.md has five million.
func TestARecipeIsPreparedInBoundedMemoryToTheSameBytes(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("anonymous memory of another process is read from /proc, which only Linux has")
	}
	if testing.Short() {
		t.Skip("compiles without the race detector")
	}
	binary, rows := withoutRaces(t), number("ISF_ROWS", 20_000)
	dir := t.TempDir()
	writeMixed(t, dir, rows)
	for name := range mixedRecipes {
		t.Run(name, func(t *testing.T) {
			one, two := prepare(t, binary, dir, name, 1), prepare(t, binary, dir, name, 2)
			if one.sums != two.sums {
				t.Errorf("one core made other bytes than two: %s and %s", one.sums, two.sums)
			}
			if one.rows < rows*9/10 {
				t.Errorf("%d rows of %d were mixed", one.rows, rows)
			}
			for _, p := range []prepared{one, two} {
				t.Logf("%d rows in %.1f s, at most %d MB of anonymous memory", p.rows, p.took.Seconds(), p.mb)
				if p.mb > 200 {
					t.Errorf("%d MB for %d rows, want at most 200 whatever their number", p.mb, p.rows)
				}
			}
		})
	}
}

// withoutRaces compiles this package as users run it.
func withoutRaces(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "e2e")
	if out, err := exec.Command("go", "test", "-c", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("building without the race detector: %v\n%s", err, out)
	}
	return binary
}

// writeMixed writes the recipes and their rows, of some 350 bytes each.
func writeMixed(t *testing.T, dir string, rows int) {
	t.Helper()
	files := map[string]string{"isf.yaml": "project: {name: many}\n"}
	for name, setting := range mixedRecipes {
		files["training/data/"+name+".yaml"] = fmt.Sprintf(mixedRecipe, setting)
	}
	for name, text := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	filler := strings.Repeat("lorem ipsum dolor sit amet ", 9)
	for name, n := range map[string]int{"one.jsonl": rows * 7 / 10, "two.jsonl": rows * 3 / 10} {
		f, err := os.Create(filepath.Join(dir, "training/data", name))
		if err != nil {
			t.Fatal(err)
		}
		out := bufio.NewWriterSize(f, 1<<20)
		for i := range n {
			fmt.Fprintf(out, `{"id":"record-%d","messages":[{"role":"user","content":"Question %d of %s?"},{"role":"assistant","content":"<think>%d</think>%s"}]}`+"\n", i, i, name, i, filler)
		}
		if err := out.Flush(); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// prepared is what a recipe's preparation took and made.
type prepared struct {
	mb, rows int
	took     time.Duration
	sums     string // of both files
}

func prepare(t *testing.T, binary, dir, recipe string, cores int) (p prepared) {
	t.Helper()
	c := exec.Command(binary, "train", "data", "prep", recipe, "--force")
	c.Args[0], c.Dir = "bare", dir
	c.Env = append(os.Environ(), fmt.Sprintf("GOMAXPROCS=%d", cores))
	var said bytes.Buffer
	c.Stdout, c.Stderr = &said, &said
	start := time.Now()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	most := watchMemory(c)
	if err := c.Wait(); err != nil {
		t.Fatalf("prep %s: %v\n%s", recipe, err, said.String())
	}
	p.took, p.mb = time.Since(start), <-most
	_, after, _ := strings.Cut(said.String(), "prepared/"+recipe)
	if _, err := fmt.Sscanf(strings.ReplaceAll(after, ",", ""), "%d samples", &p.rows); err != nil {
		t.Fatalf("prep %s said nothing of its samples: %v\n%s", recipe, err, said.String())
	}
	for _, name := range []string{recipe, recipe + ".validation"} {
		found, err := filepath.Glob(filepath.Join(dir, "training/data/prepared", name+".[jp]*"))
		if err != nil || len(found) != 1 {
			t.Fatalf("files of %s: %v, %v", name, found, err)
		}
		f, err := os.Open(found[0])
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.New()
		if _, err := io.Copy(sum, f); err != nil {
			t.Fatal(err)
		}
		_ = f.Close()
		p.sums += fmt.Sprintf("%x ", sum.Sum(nil)[:8])
	}
	return p
}
