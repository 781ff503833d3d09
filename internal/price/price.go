// Package price says what tokens cost.
//
// A price is in nano-USD (1e-9 USD) per million tokens, a cost in nano-USD, so
// that sums are exact. Three say a price, and the first counts: the project, the
// provider in its reply, and the table in this package, which is as old as its
// rows say. Where none does the price is unknown, which is not zero.
package price

import (
	_ "embed"
	"math"
	"math/big"
	"math/bits"
	"regexp"
	"strings"
	"sync"
)

// A Price is what a model's tokens cost.
type Price struct {
	Prompt, Completion, CachedPrompt int64
}

const million = 1_000_000

// Cost is the price of an answer, rounded to the nearest nano-USD. cached tokens
// are part of the prompt.
func (p Price) Cost(prompt, cached, completion int64) int64 {
	cached = min(max(cached, 0), max(prompt, 0))
	var hi, lo, carry uint64
	for _, one := range [][2]int64{{prompt - cached, p.Prompt}, {cached, p.CachedPrompt}, {completion, p.Completion}} {
		h, l := bits.Mul64(uint64(max(one[0], 0)), uint64(max(one[1], 0)))
		lo, carry = bits.Add64(lo, l, 0)
		hi, _ = bits.Add64(hi, h, carry)
	}
	lo, carry = bits.Add64(lo, million/2, 0)
	hi += carry
	if hi >= million {
		return math.MaxInt64 // only for counts that no model can reach
	}
	q, _ := bits.Div64(hi, lo, million)
	return int64(min(q, math.MaxInt64))
}

//go:embed table.csv
var tableText string

// A row of the table is for one model of one provider.
type row struct{ provider, model string }

var table = sync.OnceValue(func() map[row]Price {
	out := map[row]Price{}
	for line := range strings.Lines(tableText) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		f := strings.Split(line, ",")
		out[row{f[0], f[1]}] = Price{Prompt: nano(f[2]), CachedPrompt: nano(f[3]), Completion: nano(f[4])}
	}
	return out
})

// nano reads a decimal number of USD of the table; a test reads every one.
func nano(usd string) int64 {
	r, ok := new(big.Rat).SetString(usd)
	if r == nil || !ok {
		return 0
	}
	return new(big.Int).Div(new(big.Int).Mul(r.Num(), big.NewInt(1e9)), r.Denom()).Int64()
}

// dated are model names that end in the day they were made.
var dated = regexp.MustCompile(`-(?:\d{4}-\d\d-\d\d|20\d{6})$`)

// Listed is the table's price of a provider's model. A model of a day costs what
// the model does of which it is one.
func Listed(provider, model string) (Price, bool) {
	p, ok := table()[row{provider, model}]
	if !ok {
		p, ok = table()[row{provider, dated.ReplaceAllString(model, "")}]
	}
	return p, ok
}
