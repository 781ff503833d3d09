// Package near suggests the name a person probably meant.
//
// A name is near another when few edits (insert, delete, replace, swap of two
// neighbours) lead from one to the other: at most a third of the longer name,
// and at least one. Letter case is not an edit.
package near

import "strings"

// Best returns the known name nearest to name, or "" if none is near.
// Of equally near names the first one wins.
func Best(name string, known []string) string {
	best, least := "", -1
	for _, k := range known {
		d := distance(strings.ToLower(name), strings.ToLower(k))
		if d > max(1, max(len(name), len(k))/3) || least >= 0 && d >= least {
			continue
		}
		best, least = k, d
	}
	return best
}

// distance counts edits by the optimal string alignment of a and b.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	var before []int // the row two above, for swaps
	above := make([]int, len(t)+1)
	for j := range above {
		above[j] = j
	}
	for i := 1; i <= len(s); i++ {
		row := make([]int, len(t)+1)
		row[0] = i
		for j := 1; j <= len(t); j++ {
			change := 1
			if s[i-1] == t[j-1] {
				change = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+change)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, above = above, row
	}
	return above[len(t)]
}
