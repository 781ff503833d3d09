package bench

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// naive is what a short script would do for each record: read the row, hash
// the request as JSON, and write a row.
func naive(b *testing.B, dir string) {
	b.Helper()
	prompt, err := os.ReadFile(filepath.Join(dir, "prompt.txt"))
	if err != nil {
		b.Fatal(err)
	}
	in, err := os.Open(filepath.Join(dir, "records.jsonl"))
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(filepath.Join(b.TempDir(), "naive.jsonl"))
	if err != nil {
		b.Fatal(err)
	}
	defer out.Close()
	w := bufio.NewWriter(out)
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r record
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			b.Fatal(err)
		}
		request, err := json.Marshal(map[string]any{
			"model": "sim/plain", "temperature": 0.7, "max_tokens": 8192,
			"messages": []map[string]string{{"role": "system", "content": string(prompt)}, {"role": "user", "content": r.Text}},
		})
		if err != nil {
			b.Fatal(err)
		}
		key := sha256.Sum256(request)
		row, err := json.Marshal(map[string]any{"id": r.ID, "messages": []string{r.Text[:200], string(key[:8])}})
		if err != nil {
			b.Fatal(err)
		}
		_, _ = w.Write(append(row, '\n'))
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
}
