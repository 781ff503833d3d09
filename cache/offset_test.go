package cache

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// offsets is at how many places files are damaged, in ISF_OFFSETS.
func offsets() int {
	if n, err := strconv.Atoi(os.Getenv("ISF_OFFSETS")); err == nil {
		return n
	}
	return 500
}

// spans are where the frames of each name lie in a file, left-over ones of
// freed pages included.
func spans(t *testing.T, file []byte) map[name][][2]int {
	t.Helper()
	all := map[name][][2]int{}
	for at := 0; ; {
		i := bytes.Index(file[at:], magic)
		if i < 0 {
			return all
		}
		at += i
		if f, err := readFrame(file[at:]); err == nil {
			all[f.name] = append(all[f.name], [2]int{at, at + f.size()})
		}
		at++
	}
}

// A wrong bit anywhere in cache.db costs at most the answers that it lies in:
// all others are there, nothing is answered wrongly, and what was lost can be
// asked again and stays. Prompts that many answers share are part of each.
func TestABitInTheDatabaseCostsOnlyWhatItIsIn(t *testing.T) {
	dir, es := folded(t, 40)
	path := filepath.Join(dir, "cache.db")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	where, prompt := spans(t, whole), DigestOf([]byte(longPrompt)).name()
	if len(where[prompt]) == 0 {
		t.Fatal("the prompt is nowhere")
	}
	hit := func(n name, at int) bool {
		for _, s := range where[n] {
			if s[0] <= at && at < s[1] {
				return true
			}
		}
		return false
	}
	r := rand.New(rand.NewPCG(7, 7))
	for range offsets() {
		at, bit := r.IntN(len(whole)), r.IntN(8)
		if r.IntN(3) == 0 {
			at = at&^4095 + r.IntN(100) // where the structure is
		}
		b := bytes.Clone(whole)
		b[at] ^= 1 << bit
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "cache.db"), b, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(dir, Options{})
		if err != nil {
			t.Fatalf("bit %d of byte %d: %v", bit, at, err)
		}
		lost := false
		for _, e := range es {
			got, err := s.Get(e.Key(), 100)
			lost = lost || err != nil
			switch spared := !hit(e.Ref().name(), at) && !hit(prompt, at); {
			case err == nil && (got.Text != e.Text || !bytes.Equal(got.Raw, e.Raw)):
				t.Fatalf("bit %d of byte %d: got %q, want %q", bit, at, got.Text, e.Text)
			case err != nil && (spared || !errors.Is(err, ErrMiss)):
				t.Fatalf("bit %d of byte %d: %s is lost, and the damage is not in it: %v", bit, at, e.Text, err)
			}
		}
		if lost || at%10 == 0 { // most bits cost nothing, and syncs are slow
			putTogether(t, s, es...)
		}
		if err := s.Close(); err != nil {
			t.Fatalf("bit %d of byte %d: %v", bit, at, err)
		}
		if at%20 == 0 {
			wantAll(t, open(t, dir, Options{}), es)
		}
	}
}

// A database may be cut anywhere.
func TestADatabaseMayEndAnywhere(t *testing.T) {
	dir, es := folded(t, 40)
	whole, err := os.ReadFile(filepath.Join(dir, "cache.db"))
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(8, 8))
	for range offsets() / 5 {
		n := r.IntN(len(whole))
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "cache.db"), whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(dir, Options{})
		if err != nil {
			t.Fatalf("cut after %d bytes: %v", n, err)
		}
		survivors(t, s, es)
		putTogether(t, s, es...)
		if err := s.Close(); err != nil {
			t.Fatalf("cut after %d bytes: %v", n, err)
		}
	}
}
