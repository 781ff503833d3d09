package worddiff

// Alike is how much of two texts is the same, word by word and in order: 1 for
// equal texts, 0 where no word is kept.
func Alike(was, now string) float64 {
	if was == now {
		return 1
	}
	kept := 0
	for _, s := range Words(was, now) {
		if s.Op == Kept {
			kept += len(s.Text)
		}
	}
	return 2 * float64(kept) / float64(len(was)+len(now))
}
