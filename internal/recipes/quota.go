package recipes

import "math/big"

// quotas returns how many samples each category gives, of those available.
//
// Weighted: with the weights normalised to a sum of 1, the mix is as large as
// the scarcest category allows, min(available/weight), and each category gives
// its share of that, rounded down. All in fractions: .1/.5 of 99 loses no
// sample.
func quotas(r *Recipe, available []int) []int {
	given := make([]int, len(available))
	if r.Mode == Simple {
		copy(given, available)
		return given
	}
	sum := new(big.Rat)
	for _, c := range r.Categories {
		sum.Add(sum, c.Weight)
	}
	var size *big.Rat
	shares := make([]*big.Rat, len(available))
	for i, c := range r.Categories {
		shares[i] = new(big.Rat).Quo(c.Weight, sum)
		most := new(big.Rat).Quo(big.NewRat(int64(available[i]), 1), shares[i])
		if size == nil || most.Cmp(size) < 0 {
			size = most
		}
	}
	for i, s := range shares {
		n := new(big.Rat).Mul(size, s)
		given[i] = int(new(big.Int).Quo(n.Num(), n.Denom()).Int64())
	}
	return given
}
