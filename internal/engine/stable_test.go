package engine

import (
	"slices"
	"testing"
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
				old.Rows = append(old.Rows, lockedRow{text, text})
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
