package rubric

import (
	"cmp"
	"iter"
	"slices"

	"github.com/identity-shaping/isf/internal/reviews"
	"github.com/identity-shaping/isf/internal/samples"
)

// A chosen row is ranked by a digest of what it says.
type chosen struct {
	rank string
	row  *samples.Row
}

// Choose returns n of the conversations, in their order; 0 is all of them. Which
// ones depends on what they say, each with the same chance: so that after an
// edit nearly all of those are chosen again that were judged before. Lines that
// are no conversations are left out.
func Choose(lines iter.Seq2[samples.Line, error], n int) ([]*samples.Row, error) {
	var best []chosen
	for l, err := range lines {
		if err != nil {
			return nil, err
		}
		row, err := samples.Decode(l)
		if err != nil || len(row.Messages) == 0 || row.Failed != nil {
			continue
		}
		c := chosen{reviews.Digest(row), row}
		at := len(best)
		if n > 0 {
			at, _ = slices.BinarySearchFunc(best, c, func(a, b chosen) int { return cmp.Compare(a.rank, b.rank) })
		}
		if n > 0 && at == n {
			continue
		}
		row.Text = nil // a message is all that is needed
		best = slices.Insert(best, at, c)
		if n > 0 {
			best = best[:min(len(best), n)]
		}
	}
	rows := make([]*samples.Row, len(best))
	for i, c := range best {
		rows[i] = c.row
	}
	slices.SortFunc(rows, func(a, b *samples.Row) int { return cmp.Compare(a.Line, b.Line) })
	return rows, nil
}
