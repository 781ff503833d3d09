package dispatch

import (
	"strings"

	"github.com/identity-shaping/isf/internal/price"
)

// PriceKnown is what the model's tokens cost, by what is known before it answers: the project's word,
// or the table's. Nobody bills the simulated model.
func (m *Model) PriceKnown() (price.Price, bool) {
	switch {
	case m.Price != nil:
		return *m.Price, true
	case m.row().Free:
		return price.Price{}, true
	}
	p, known := price.Listed(m.Provider, wireModel(m))
	if base, _, trained := strings.Cut(m.ID, "::"); !known && trained {
		return price.Listed(m.Provider, base) // what was trained costs what it was made from: base::renderer::tinker://…
	}
	return p, known
}

// cost is what an answer cost, in nano-USD: at the project's price, else what the reply says, else at
// the table's price. Without any of them it is unknown, and so it is where nobody counted tokens.
func (m *Model) cost(a *answer) (nano int64, known bool) {
	if m.Price == nil && a.costKnown {
		return a.cost, true
	}
	p, known := m.PriceKnown()
	if p == (price.Price{}) {
		return 0, known
	}
	if !known || !a.usage.Known {
		return 0, false
	}
	return p.Cost(a.usage.Prompt, a.usage.CachedPrompt, a.usage.Completion), true
}
