package engine

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/graph"
)

// emptyProject has a folder and no targets.
func emptyProject(t *testing.T) *Project {
	t.Helper()
	dir := t.TempDir()
	files, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { files.Close() })
	g, err := graph.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Project{Root: dir, Files: files, Graph: g}
}

func keep(t *testing.T, p *Project, target string, built bool, keys ...byte) {
	t.Helper()
	file, err := graph.Create(p.Files, pendingUses(target))
	if err != nil {
		t.Fatal(err)
	}
	l := newUseList(file)
	for _, k := range keys {
		l.add(cache.Key{k})
	}
	if err := p.keepUses(target, l, built); err != nil {
		t.Fatal(err)
	}
}

func TestTheLastRunsAreRememberedAndTheLastThatCounted(t *testing.T) {
	p := emptyProject(t)
	keep(t, p, "data/a", true, 1)
	for k := range byte(2 * KeptRuns) {
		keep(t, p, "data/a", false, 10+k)
	}
	for n, want := range map[int][]byte{1: {1, 19}, 2: {1, 18, 19}, EveryRun: {1, 15, 16, 17, 18, 19}} {
		users, err := p.Users([]string{"data/a"}, n)
		if err != nil {
			t.Fatal(err)
		}
		var got []byte
		for k := range byte(30) {
			if len(users.Of(cache.Key{k})) > 0 {
				got = append(got, k)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("the last %d runs used %v, want %v", n, got, want)
		}
	}
}

func TestAnAnswerMayHaveSeveralUsers(t *testing.T) {
	p := emptyProject(t)
	keep(t, p, "a", true, 1, 2, 2)
	keep(t, p, "b", true, 2, 3)
	keep(t, p, "c", true, 3, 2)
	users, err := p.Users([]string{"a", "b", "c"}, EveryRun)
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range map[byte]string{1: "[a]", 2: "[a b c]", 3: "[b c]", 4: "[]"} {
		if got := fmt.Sprint(users.Of(cache.Key{k})); got != want {
			t.Errorf("answer %d is used by %s, want %s", k, got, want)
		}
	}
}

func TestAListCutShortOrDamagedIsAnErrorAndNotAnotherList(t *testing.T) {
	p := emptyProject(t)
	keep(t, p, "a", true, 1, 2)
	name := path.Join(p.Root, usedDir("a"), "00000001-built")
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	check := func(text []byte, how string) {
		t.Helper()
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
		users, err := p.Users([]string{"a"}, 1)
		if err == nil && (len(users.Of(cache.Key{1})) == 0 || len(users.Of(cache.Key{2})) == 0) {
			t.Errorf("a list that was %s was read as if it were whole", how)
		}
	}
	for n := range whole {
		check(whole[:n], fmt.Sprintf("cut after %d bytes", n))
		for bit := range 8 {
			flipped := slices.Clone(whole)
			flipped[n] ^= 1 << bit
			check(flipped, fmt.Sprintf("damaged in bit %d of byte %d", bit, n))
		}
	}
}

func TestAListOfBeforeThereWasAFormatIsRead(t *testing.T) {
	p := emptyProject(t)
	keep(t, p, "a", true, 9)
	one, two := useOf(cache.Key{1}), useOf(cache.Key{2})
	if err := os.WriteFile(path.Join(p.Root, usedDir("a"), "00000001-built"), append(one[:], two[:]...), 0o600); err != nil {
		t.Fatal(err)
	}
	users, err := p.Users([]string{"a"}, 1)
	if err != nil || len(users.Of(cache.Key{1})) != 1 || len(users.Of(cache.Key{2})) != 1 || len(users.Of(cache.Key{9})) != 0 {
		t.Errorf("of two old uses the list has %v, %v", users, err)
	}
}

// What a newer isf wrote is not taken for a list of before there was a format.
func TestAListOfANewerFormatIsTold(t *testing.T) {
	text := []byte(usesHead + "2     \n" + "a list of uses  " + "in other words  ")
	sum := cache.DigestOf(text)
	err := readList(append(text, sum[:len(use{})]...), func(use) { t.Error("it was read") })
	if err == nil || !strings.Contains(err.Error(), "newer isf") {
		t.Errorf("got %v", err)
	}
}
