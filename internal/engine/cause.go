package engine

import (
	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/graph"
)

// cause says why a request is not in the cache, in the words of the target's
// reasons: it compares what is asked now with what the same record asked at
// the same place in the last build. p.mu is held.
func (p *planner) cause(name stepName, now cache.Fields) string {
	if p.last == nil {
		last, err := p.engine.project.lastSteps(p.target.Name)
		if err != nil || last == nil {
			last = map[stepName]cache.Ref{}
		}
		p.last = last
	}
	ref, known := p.last[name]
	if !known {
		return p.blame.because("new record", graph.TypeTarget, graph.TypeFile, graph.TypeDir, graph.TypeGlob, graph.TypeRemote, graph.TypePrompt, graph.TypeParam, graph.TypeCode)
	}
	entry, err := p.engine.store().Lookup(ref)
	if err != nil {
		return "the last answer is not in the cache any more"
	}
	return p.blame.compared(entry.Fields, now, "the last answer was cut off")
}
