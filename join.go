package isf

import "github.com/identity-shaping/isf/internal/engine"

// Join hands fn each record of left with the records of right that have its
// key, in the order of left; there may be none. right is held in memory, left
// is not. fn asks no model: what it returns goes on to Each. It may Skip.
//
//	scored := isf.Join(b, "score", prompts, scores,
//		func(p Prompt) string { return p.ID }, func(s Score) string { return s.ID },
//		func(p Prompt, s []Score) ([]Rated, error) {
//			if len(s) == 0 {
//				return nil, isf.Skip("no score")
//			}
//			return isf.One(Rated{p, s[0].Value})
//		})
func Join[A, B, C any](b *Build, stage string, left Rows[A], right Rows[B], leftKey func(A) string, rightKey func(B) string, fn func(A, []B) ([]C, error)) Rows[C] {
	return Rows[C]{engine.Join(
		b, stage, left.rows, right.rows,
		func(v any) string { return leftKey(v.(A)) },
		func(v any) string { return rightKey(v.(B)) },
		func(v any, matches []any) ([]any, error) {
			typed := make([]B, len(matches))
			for i, m := range matches {
				typed[i] = m.(B)
			}
			rows, err := fn(v.(A), typed)
			return boxed(rows), err
		},
	)}
}
