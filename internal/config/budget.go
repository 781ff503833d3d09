package config

import (
	"errors"
	"fmt"
	"math/big"
	"time"

	yaml "go.yaml.in/yaml/v4"
)

// A Budget bounds what builds may spend.
type Budget struct {
	PerBuild, PerDay Spend
	ConfirmAbove     int64 // nano-USD above which a build on a terminal asks first; 0 is never
}

// A Spend is a bound; 0 is none.
type Spend struct {
	CostNano         int64
	Requests, Tokens int64
}

// defaultConfirm is what a build may be expected to cost before a person at a
// terminal is asked: a mistake below it is a nuisance, above it a bill.
const defaultConfirm = 10_000_000_000

func (b *Budget) fields() []Field {
	return []Field{
		{"per_build", func(d *Decoder, n *yaml.Node, path string) { d.Section(n, path, b.PerBuild.fields()) }},
		{"per_day", func(d *Decoder, n *yaml.Node, path string) { d.Section(n, path, b.PerDay.fields()) }},
		{"confirm_above", amount(&b.ConfirmAbove, true)},
	}
}

func (s *Spend) fields() []Field {
	return []Field{
		{"cost", amount(&s.CostNano, false)},
		{"requests", integer(&s.Requests, 1)},
		{"tokens", integer(&s.Tokens, 1)},
	}
}

// A Retry says how much trouble at a provider a build lives through. Zero
// values mean: not set.
type Retry struct {
	Tries       int           // of one request
	LongestWait time.Duration // that a provider may ask for
	Deadline    time.Duration // of one request, with all its tries and the pauses between them
	PauseAfter  int           // failures in a row of one model
}

func (r *Retry) fields() []Field {
	return []Field{
		{"tries", integer(&r.Tries, 1)},
		{"longest_wait", duration(&r.LongestWait)},
		{"deadline", duration(&r.Deadline)},
		{"pause_after", integer(&r.PauseAfter, 1)},
	}
}

// ParseUSD reads an amount of US dollars exactly, as nano-USD.
func ParseUSD(s string) (int64, error) {
	r, ok := new(big.Rat).SetString(s)
	if !ok || !decimalRE.MatchString(s) || r.Cmp(big.NewRat(maxPrice, 1)) > 0 {
		return 0, fmt.Errorf("%q is not an amount in USD such as 2.50", s)
	}
	r.Mul(r, big.NewRat(1e9, 1))
	if !r.IsInt() {
		return 0, errors.New("an amount in USD has at most nine digits behind the point")
	}
	return r.Num().Int64(), nil
}

// amount is an amount in USD. Zero, where it is allowed, switches off.
func amount(to *int64, zero bool) func(*Decoder, *yaml.Node, string) {
	return func(d *Decoder, n *yaml.Node, path string) {
		nano, err := ParseUSD(n.Value)
		switch {
		case n.Kind != yaml.ScalarNode || err != nil:
			d.Wrong(n, path, "an amount in USD, such as 2.50")
		case nano == 0 && !zero:
			d.Fault(n, "%s must be above 0; to send nothing, build with --offline", path)
		default:
			*to = nano
		}
	}
}
