package graph

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"testing"
)

// bitsFlipped calls f with each text that differs from whole in one bit.
func bitsFlipped(whole []byte, f func(at int, text []byte)) {
	for at := range whole {
		for bit := range 8 {
			text := bytes.Clone(whole)
			text[at] ^= 1 << bit
			f(at, text)
		}
	}
}

// manifests are the texts of a manifest of a pipeline, and of a recipe.
func manifests(t testing.TB) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for name, m := range map[string]*Manifest{
		"pipeline": {
			Kind: Table, Pipeline: "facts", Records: 3, Errors: 1, Skipped: 2, Partial: true, ErrorsOutput: hexOf("e"),
			Parts:  []Part{{Type: TypeFile, Attr: "seeds", Ref: "a", Digest: "0123456789abcdef"}, {Type: TypeCode, Attr: TypeCode, Digest: "aa"}, {Type: TypeParam, Attr: "n", Ref: "5", Digest: ShortDigest([]byte("5"))}},
			Output: OutputDigest{hexOf("o"), "bb"},
		},
		"recipe": {
			Kind: Recipe, Records: 3, Partial: true, Output: OutputDigest{hexOf("o"), "bb"},
			Parts: []Part{{Type: TypeRecipe, Attr: TypeRecipe, Ref: "training/default.yaml", Digest: "aa"}},
			Mix:   &Mix{Recipe: "default", Mode: "simple", Categories: map[string]MixCategory{"c": {Used: 3, Available: 4}}},
		},
	} {
		text, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		all[name] = text
	}
	return all
}

// A manifest that is not as it was written is damaged, or says the same: a bit
// in it never makes a target current.
func TestADamagedManifestIsNotBelieved(t *testing.T) {
	for name, whole := range manifests(t) {
		want, err := decodeManifest(whole)
		if err != nil {
			t.Fatal(err)
		}
		check := func(at int, text []byte) {
			got, err := decodeManifest(text)
			var bad *damagedError
			if err != nil && !errors.As(err, &bad) {
				t.Errorf("%s, byte %d: %v", name, at, err)
			}
			if err == nil && got.Format != 0 && !reflect.DeepEqual(got, want) {
				t.Errorf("%s, byte %d: %s is read as if it were whole", name, at, text)
			}
		}
		for n := range len(bytes.TrimSpace(whole)) {
			if _, err := decodeManifest(whole[:n]); err == nil {
				t.Errorf("%s cut after %d bytes is read", name, n)
			}
		}
		bitsFlipped(whole, check)
	}
}

func TestWhiteSpaceIsNoDamage(t *testing.T) {
	for name, whole := range manifests(t) {
		var small bytes.Buffer
		if err := json.Compact(&small, whole); err != nil {
			t.Fatal(err)
		}
		for _, text := range [][]byte{small.Bytes(), bytes.ReplaceAll(whole, []byte("\n"), []byte("\r\n"))} {
			if _, err := decodeManifest(text); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// The stat cache is believed whole or not at all.
func TestADamagedStatCacheIsEmpty(t *testing.T) {
	p := newProject(t, map[string]string{"a.md": "# A\nx\n", "d/b.txt": "y"})
	for _, name := range []string{"a.md", "d/b.txt"} {
		if _, err := p.FileDigest(name); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Save(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(p.path(".isf/stat"))
	if err != nil {
		t.Fatal(err)
	}
	if files, _ := decodeStats(whole); len(files) != 2 {
		t.Fatalf("the cache knows %d files, want 2", len(files))
	}
	for n := range whole {
		if files, trees := decodeStats(whole[:n]); files != nil || trees != nil {
			t.Errorf("cut after %d bytes it is read", n)
		}
	}
	bitsFlipped(whole, func(at int, text []byte) {
		if files, trees := decodeStats(text); files != nil || trees != nil {
			t.Errorf("damaged in byte %d it is read", at)
		}
	})
}

func FuzzManifest(f *testing.F) {
	for _, text := range manifests(f) {
		f.Add(text)
	}
	f.Add([]byte(`{"pipeline":"facts","code_hash":"0123456789abcdef","deps":{"n":{"type":"file","path":"/a","content_hash":null}},"record_count":12,"partial":false}`))
	f.Add([]byte(`{"recipe":"default","recipe_hash":"x","sources":{"pipelines":{"a":"bb"}},"output":{"total_samples":3}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := decodeManifest(text)
		if err != nil {
			return
		}
		_ = summarize(text)
		_ = m.Diff(nil)
		again, err := m.Encode()
		if err != nil {
			return
		}
		if _, err := decodeManifest(again); err != nil {
			t.Errorf("what was read from %q is written as %q, which is %v", text, again, err)
		}
	})
}

func FuzzStatCache(f *testing.F) {
	c := &statCache{files: map[string]entry{"a.md": {derived: "x"}}, trees: map[composition][8]byte{{1}: {2}}}
	f.Add(c.encode())
	f.Fuzz(func(t *testing.T, text []byte) {
		if files, trees := decodeStats(resummed(text)); (files == nil) != (trees == nil) {
			t.Errorf("%q is read in part", text)
		}
	})
}

// resummed gives a text the checksum it would need, so that a fuzzer gets past
// it.
func resummed(text []byte) []byte {
	body := text[min(len(text), len(statFormat)+sha256.Size):]
	sum := sha256.Sum256(body)
	return append(append([]byte(statFormat), sum[:]...), body...)
}
