package sim

import "sync/atomic"

// Luck decides which requests fail, by seed and order of arrival.
type luck struct {
	seed uint64
	n    atomic.Uint64
}

// draw returns the next number of the sequence, uniform over [0, 1).
func (l *luck) draw() float64 {
	return fraction(mix(l.seed + l.n.Add(1)*golden))
}

// golden spaces the inputs of mix; both are splitmix64's.
const golden = 0x9e3779b97f4a7c15

// mix turns any number into one whose bits all depend on all of its bits.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// fraction maps x to [0, 1).
func fraction(x uint64) float64 { return float64(x>>11) / (1 << 53) }

// hash is FNV-1a over the strings and their boundaries, mixed. It is part of
// what makes an answer, so it must be the same on every machine.
func hash(seed uint64, parts ...string) uint64 {
	h := uint64(14695981039346656037) ^ seed
	for _, p := range parts {
		for i := range len(p) {
			h = (h ^ uint64(p[i])) * 1099511628211
		}
		h = (h ^ 0x1f) * 1099511628211
	}
	return mix(h)
}

// A dice gives as many choices as an answer needs, all decided by one number.
type dice uint64

// n returns a number below n, another at each call.
func (d *dice) n(n int) int {
	*d += golden
	return int(mix(uint64(*d)) % uint64(n))
}

// pick returns one of the words.
func (d *dice) pick(words []string) string { return words[d.n(len(words))] }
