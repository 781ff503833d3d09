package dispatch

import (
	"math"
	"strconv"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/internal/jsontext"
)

// count reads the usage, and the cost where the provider says it. Names differ: DeepSeek's and
// Moonshot's for cached tokens stand beside OpenAI's; the cost is OpenRouter's, in USD. An answer is
// an answer even where its usage makes no sense.
func (a *answer) count(raw string) {
	if isNull(raw) {
		return
	}
	p := jsontext.NewScanner(raw)
	u := cache.Usage{Known: true}
	sound := true
	number := func(into *int64) {
		raw := p.Skip()
		n, err := strconv.ParseInt(raw, 10, 64)
		sound = sound && (err == nil || isNull(raw))
		*into = max(*into, n)
	}
	cost := ""
	p.Object(func(name string) {
		switch name {
		case "prompt_tokens":
			number(&u.Prompt)
		case "completion_tokens":
			number(&u.Completion)
		case "prompt_cache_hit_tokens", "cached_tokens":
			number(&u.CachedPrompt)
		case "prompt_tokens_details":
			p.Object(func(name string) { only(p, name, "cached_tokens", &u.CachedPrompt) })
		case "completion_tokens_details":
			p.Object(func(name string) { only(p, name, "reasoning_tokens", &u.Reasoning) })
		case "cost":
			cost = p.Skip()
		default:
			p.Skip()
		}
	})
	if sound {
		a.usage = u
	}
	a.cost, a.costKnown = nanoUSD(cost)
}

// only reads the number called want, where there is one, and skips everything else.
func only(p *jsontext.Scanner, name, want string, into *int64) {
	n, err := strconv.ParseInt(p.Skip(), 10, 64)
	if name == want && err == nil {
		*into = max(*into, n)
	}
}

// nanoUSD reads an amount. Below a million dollars a float is exact to less than a nano-dollar.
func nanoUSD(usd string) (int64, bool) {
	x, err := strconv.ParseFloat(usd, 64)
	if err != nil || !(x >= 0 && x < 1e6) {
		return 0, false
	}
	return int64(math.Round(x * 1e9)), true
}
