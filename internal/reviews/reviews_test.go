package reviews

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/identity-shaping/isf/internal/samples"
)

func row(t *testing.T, text string) *samples.Row {
	t.Helper()
	r, err := samples.Decode(samples.Line{Number: 1, Text: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAReviewBelongsToWhatARowSays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.jsonl")
	b, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	b.now = func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }
	first := row(t, `{"id":"a","messages":[{"role":"user","content":"Hi"}]}`)
	if err := b.Add(first, Bad, "too <short>"); err != nil {
		t.Fatal(err)
	}
	if err := b.Add(first, Good, ""); err != nil {
		t.Fatal(err)
	}
	if b, err = Open(path); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		`{"id":"a","messages":[{"role":"user","content":"Hi"}]}`:             true,
		`{"id":"b", "messages":[{"role":"user","content":"Hi"}],"steps":[]}`: true,
		`{"id":"a","messages":[{"role":"user","content":"Ho"}]}`:             false,
		`{"id":"a","messages":[{"role":"user","content":"H"},{"role":"i"}]}`: false,
		`{"id":"a","fact":"Hi"}`: false,
	} {
		r, ok := b.Of(row(t, text))
		if ok != want || ok && r.Verdict != Good {
			t.Errorf("%s is reviewed: %v (%+v), want %v", text, ok, r, want)
		}
	}
	text, _ := os.ReadFile(Path(path))
	if !strings.Contains(string(text), `"id":"a","verdict":"bad","note":"too <short>","at":"2026-01-02T03:04:05Z"}`) {
		t.Errorf("the file says %s", text)
	}
}

func TestATableRowIsReviewedWithoutItsProvenance(t *testing.T) {
	a := Digest(row(t, `{"id":"a","fact":"Hi","n":1,"provenance":{"x":1}}`))
	if b := Digest(row(t, `{"n":1, "fact":"Hi","id":"b"}`)); a != b {
		t.Errorf("%s and %s differ", a, b)
	}
	if b := Digest(row(t, `{"n":2, "fact":"Hi","id":"b"}`)); a == b {
		t.Error("another value has the same digest")
	}
}

func TestALineThatWasCutShortIsNotThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.jsonl")
	if err := os.WriteFile(Path(path), []byte(`{"digest":"x","verdict":"good"}`+"\n"+`{"digest":"y","ver`), 0o644); err != nil {
		t.Fatal(err)
	}
	b, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	r := row(t, `{"id":"a","fact":"Hi"}`)
	if err := b.Add(r, Good, ""); err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(Path(path))
	if lines := strings.Split(string(text), "\n"); len(lines) != 3 || lines[0] != `{"digest":"x","verdict":"good"}` || !strings.HasSuffix(lines[1], "}") {
		t.Errorf("the file says %q", lines)
	}
	if b, err = Open(path); err != nil || len(b.byDigest) != 2 {
		t.Errorf("%d reviews are read (%v), want 2", len(b.byDigest), err)
	}
}

func TestALineThatIsNoReviewIsTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.jsonl")
	if err := os.WriteFile(Path(path), []byte("\n<<<<<<< HEAD\n{}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil || !strings.Contains(err.Error(), "a.reviews.jsonl:2 is no review") {
		t.Errorf("it says %v, want the line", err)
	}
}

func TestPartialRowsShareTheReviewsOfTheirTarget(t *testing.T) {
	if got, want := Path("d/x.partial.jsonl"), Path("d/x.jsonl"); got != want || want != "d/x.reviews.jsonl" {
		t.Errorf("reviews lie in %s, want %s", got, want)
	}
}
