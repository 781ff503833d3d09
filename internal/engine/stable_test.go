package engine

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestALockedRowStandsForOneThatSaysTheSame(t *testing.T) {
	const paragraph = "The office opened in 1923. It kept a cat called Mabel, and it was never closed on a Sunday."
	for _, test := range []struct {
		name         string
		was          string // the paragraph, where it was edited
		locked, rows []string
		want         []int // the locked row of each, -1 for none
	}{
		{"the same words", "", []string{"The office opened in 1923."}, []string{"The office opened in 1923."}, []int{0}},
		{"other words of the model's own", "", []string{"The office opened in 1923."}, []string{"As told here: the office opened in 1923."}, []int{0}},
		{"another fact", "", []string{"The office opened in 1923."}, []string{"It kept a cat called Mabel."}, []int{-1}},
		{"another number", "", []string{"The office opened in 1923."}, []string{"The office opened in 1932."}, []int{-1}},
		{"a negation", "", []string{"It was never closed on a Sunday."}, []string{"It was closed on a Sunday."}, []int{-1}},
		{"the same words before near ones", "", []string{"The office opened in 1923, as told.", "The office opened in 1923."}, []string{"The office opened in 1923.", "The office opened in 1923, they say."}, []int{1, 0}},
		{"one locked row for one row", "", []string{"The office opened in 1923."}, []string{"The office opened in 1923, they say.", "So the office opened in 1923."}, []int{0, -1}},
		{"a word that an edit took out", "The office opened in 1923. It kept a dog called Mabel, and it was never closed on a Sunday.", []string{"It kept a dog called Mabel."}, []string{"It kept a cat called Mabel."}, []int{-1}},
		{"a neighbour of an edit", "The office opened in 1923. It kept a dog called Mabel, and it was never closed on a Sunday.", []string{"The office opened in 1923."}, []string{"The office opened in 1923, they say."}, []int{0}},
		{"another paragraph", "Nobody knows.", []string{"The office opened in 1923."}, []string{"The office opened in 1923."}, []int{-1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			old := &lockedSource{ID: "p", Text: paragraph}
			for _, text := range test.locked {
				old.Rows = append(old.Rows, lockedRow{ID: text, Text: text})
			}
			s := &stability{old: []*lockedSource{old}, byID: map[string]*lockedSource{"p": old}}
			now := &lockedSource{ID: "p", Text: paragraph}
			if test.was != "" {
				old.Text, now.ID = test.was, "edited"
			}
			got := []int{}
			for _, row := range match(s.source(now), paragraph, test.rows) {
				got = append(got, slices.IndexFunc(test.locked, func(text string) bool { return row != nil && row.Text == text }))
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// A lock is what it says after a build of some sources with their rows; a row
// "a=b" is one that the model put as a, and the lock as b.
func TestAnEditAndItsUndoLeaveTheLockAsItWas(t *testing.T) {
	type build map[string][]string
	first := build{"p": {"one", "two"}, "q": {"three"}}
	for _, c := range []struct {
		name  string
		steps []build
		same  bool // the lock is at the end what it was after the first build
	}{
		{"nothing", []build{first}, true},
		{"an edit and its undo", []build{{"p2": {"one", "six"}, "q": {"three"}}, first}, true},
		{"two edits, undone in their order", []build{{"p2": {"one", "six"}, "q": {"three"}}, {"p2": {"one", "six"}, "q2": {"ten"}}, {"p": {"one", "two"}, "q2": {"ten"}}, first}, true},
		{"a paragraph that comes and goes", []build{{"p": {"one", "two"}, "q": {"three"}, "r": {"new"}}, first}, true},
		{"a paragraph that goes and comes", []build{{"p": {"one", "two"}}, first}, true},
		{"everything goes and comes", []build{{}, first}, true},
		{"the same asked again, and back", []build{{"p": {"so one=one", "ten"}, "q": {"three"}}, first}, true},
		{"an edit that stays", []build{{"p2": {"one", "six"}, "q": {"three"}}}, false},
		{"a row of an edit that has stood for other words", []build{
			{"p": {"one", "two"}, "q": {"three"}, "r": {"new"}}, {"p": {"one", "two"}, "q": {"three"}, "r": {"in other words=new"}}, first,
		}, false},
	} {
		lock, want := lockAfter(nil, first), lockAfter(nil, first)
		for _, b := range c.steps {
			lock = lockAfter(lock, b)
		}
		if same := cmp.Equal(lock, want); same != c.same {
			t.Errorf("%s: the lock is as it was: %v, want %v: %s", c.name, same, c.same, cmp.Diff(want, lock))
		}
	}
}

func lockAfter(lock []*lockedSource, build map[string][]string) []*lockedSource {
	s := &stability{old: lock, byID: map[string]*lockedSource{}, grown: map[string]*grownSource{}}
	for _, one := range lock {
		s.byID[one.ID] = one
	}
	for _, id := range slices.Sorted(maps.Keys(build)) {
		for _, text := range build[id] {
			said, row, reworded := strings.Cut(text, "=")
			n := &lockNote{source: &lockedSource{ID: id, Text: id}, row: lockedRow{ID: said, Text: said}}
			if reworded {
				n.row, n.was = lockedRow{ID: row, Text: row}, said
			}
			s.note(n)
		}
	}
	return s.after(true)
}
