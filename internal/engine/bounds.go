package engine

import (
	"cmp"

	"github.com/identity-shaping/isf/dispatch"
	"github.com/identity-shaping/isf/internal/config"
)

// Names of budgets.
const (
	BoundBuild = "build"
	BoundDay   = "day"
)

// bounds are the budgets of one build: what was given for it, else what isf.yaml
// says, and that of the day.
func (p *Project) bounds(given dispatch.Spend) []dispatch.Bound {
	per := p.Config.Budget.PerBuild
	return []dispatch.Bound{{Name: BoundBuild, Limit: dispatch.Spend{
		CostNano: cmp.Or(given.CostNano, per.CostNano),
		Requests: cmp.Or(given.Requests, per.Requests),
		Tokens:   cmp.Or(given.Tokens, per.Tokens),
	}}, p.dayBound()}
}

// dayBound is the budget of the day, which all processes in this folder share.
func (p *Project) dayBound() dispatch.Bound {
	return dispatch.Bound{Name: BoundDay, Limit: limitOf(p.Config.Budget.PerDay), Total: p.ledger.spentToday}
}

func limitOf(s config.Spend) dispatch.Spend {
	return dispatch.Spend{CostNano: s.CostNano, Requests: s.Requests, Tokens: s.Tokens}
}
