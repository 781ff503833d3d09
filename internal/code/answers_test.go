package code

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// counted loads an index that counts the files it reads through its digester.
func counted(t *testing.T, root string) (*Index, *int) {
	t.Helper()
	x, err := Load(root, Options{Versions: versions})
	if err != nil {
		t.Fatal(err)
	}
	n, digest := 0, x.opts.Digest
	x.opts.Digest = func(path string) (string, error) { n++; return digest(path) }
	return x, &n
}

func answered(t *testing.T, root string, a *Answers) (c Code, parsed bool) {
	t.Helper()
	x, _ := counted(t, root)
	c, err := a.Of(x, "example.com/keeper/pipelines", "Facts")
	if err != nil {
		t.Fatal(err)
	}
	return c, len(x.packages) > 0
}

func TestAnswersSaveParsingWhileNothingChanged(t *testing.T) {
	root := write(t, project)
	first := ReadAnswers(nil)
	want, parsed := answered(t, root, first)
	if !parsed || !first.Changed() {
		t.Fatalf("the first answer: parsed %v, changed %v; want true, true", parsed, first.Changed())
	}
	kept := ReadAnswers(first.Encode())
	got, parsed := answered(t, root, kept)
	if parsed || kept.Changed() || got.Hash != want.Hash {
		t.Errorf("asked again: parsed %v, changed %v, hash %s; want false, false, %s", parsed, kept.Changed(), got.Hash, want.Hash)
	}
}

func TestAnswersAreDroppedWhenTheyMayBeWrong(t *testing.T) {
	for file, text := range map[string]string{
		"pipelines/rules.txt": "be stern\n",
		"pipelines/more.go":   "package pipelines\n\nfunc init() {}\n",
		"go.sum":              "",
		"ask/ask.go":          strings.Replace(project["ask/ask.go"], "?", "!", 1),
	} {
		root := write(t, project)
		a := ReadAnswers(nil)
		before, _ := answered(t, root, a)
		if err := os.WriteFile(filepath.Join(root, filepath.FromSlash(file)), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		after, parsed := answered(t, root, ReadAnswers(a.Encode()))
		if !parsed || after.Hash == before.Hash {
			t.Errorf("after an edit of %s: parsed %v, hash changed %v; want true, true", file, parsed, after.Hash != before.Hash)
		}
	}
}

func TestWhatAnswersAreNotIsIgnored(t *testing.T) {
	for _, data := range []string{"", "{", "[]", `{"format":1}`, `{"format":2}`, `{"format":2,"codes":{"x":5}}`} {
		if _, parsed := answered(t, write(t, project), ReadAnswers([]byte(data))); !parsed {
			t.Errorf("%q was believed", data)
		}
	}
}

func TestSourcesReadsEachSourceOnce(t *testing.T) {
	x, n := counted(t, write(t, edited(t, "pipelines/facts_test.go", "", "package pipelines")))
	for range 2 {
		if _, err := x.Sources(); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := *n, 6; got != want { // go.mod, go.sum, four files
		t.Errorf("read %d files, want %d", got, want)
	}
}

func TestDamagedAnswersAreIgnored(t *testing.T) {
	a := ReadAnswers(nil)
	answered(t, write(t, project), a)
	whole := a.Encode()
	want := ReadAnswers(whole).kept
	if len(want.Codes) != 1 {
		t.Fatalf("what was written is %v, want one answer", want)
	}
	for at := range whole {
		if cut := ReadAnswers(whole[:at]).kept; at < len(whole)-1 && cut.Codes != nil {
			t.Errorf("cut after %d bytes they are believed", at)
		}
		for bit := range 8 {
			text := bytes.Clone(whole)
			text[at] ^= 1 << bit
			if got := ReadAnswers(text).kept; got.Codes != nil && !reflect.DeepEqual(got, want) {
				t.Errorf("with bit %d of byte %d flipped they are believed", bit, at)
			}
		}
	}
}

func FuzzAnswers(f *testing.F) {
	a := ReadAnswers(nil)
	a.kept = answersJSON{Format: answersFormat, Sources: "s", Codes: map[string]answer{"p.T": {Code: Code{Hash: "h"}}}}
	f.Add(a.Encode())
	f.Fuzz(func(t *testing.T, text []byte) {
		if again := ReadAnswers(ReadAnswers(text).Encode()); again.Changed() {
			t.Errorf("%q has changed by being read", text)
		}
	})
}
