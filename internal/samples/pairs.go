package samples

// A Pair is one text of a row before and after: a message, or a field of a
// table's row. A text that is only in one of the rows is empty in the other.
type Pair struct{ Label, Was, Now string }

// Same reports whether nothing of the text has changed.
func (p Pair) Same() bool { return p.Was == p.Now }

// Beside puts the texts of two rows side by side: messages by their place,
// fields by their name. Either row may be nil.
func Beside(was, now []byte) []Pair {
	before, after := Texts(was), Texts(now)
	place := make(map[string]int, len(after))
	var pairs []Pair
	for _, t := range after {
		place[t.Label] = len(pairs)
		pairs = append(pairs, Pair{Label: t.Label, Now: t.Body})
	}
	for _, t := range before {
		if i, both := place[t.Label]; both {
			pairs[i].Was = t.Body
			continue
		}
		pairs = append(pairs, Pair{Label: t.Label, Was: t.Body})
	}
	return pairs
}
