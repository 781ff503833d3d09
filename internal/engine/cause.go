package engine

import (
	"slices"

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
		return p.because("new record", graph.TypeTarget, graph.TypeFile, graph.TypePrompt, graph.TypeParam, graph.TypeCode)
	}
	entry, err := p.engine.store().Lookup(ref)
	if err != nil {
		return "the last answer is not in the cache any more"
	}
	return p.compared(entry.Fields, now)
}

// compared words the first difference between two requests that explains the
// most.
func (p *planner) compared(was, now cache.Fields) string {
	switch tag, system := firstDifference(was, now); {
	case tag == cache.TagOrigin:
		return p.because("another model", graph.TypeModel)
	case system:
		return p.because("another system prompt", graph.TypeModel)
	case tag >= cache.TagTools && tag < cache.TagDraw:
		return p.because("another "+tag.Name(), graph.TypeModel, graph.TypeParam, graph.TypeCode)
	case tag == 0:
		return "the last answer was cut off"
	}
	return p.because("what is asked has changed", graph.TypePrompt, graph.TypeTarget, graph.TypeFile, graph.TypeParam, graph.TypeCode)
}

// firstDifference returns the first field, in the order of the tags' weight,
// in which two requests differ, and whether it is the system prompt.
func firstDifference(was, now cache.Fields) (tag cache.Tag, system bool) {
	role := ""
	for i := range max(len(was), len(now)) {
		if i >= len(was) || i >= len(now) {
			return cache.TagRole, false
		}
		if now[i].Tag == cache.TagRole {
			role = now[i].Str()
		}
		if now[i].Tag.Class() == cache.Text && was[i] != now[i] {
			return now[i].Tag, role == "system" && now[i].Tag <= cache.TagReasoning
		}
	}
	return 0, false
}

// because returns the target's own reason of the first of these types that it
// has, else the given words.
func (p *planner) because(otherwise string, types ...string) string {
	for _, t := range types {
		i := slices.IndexFunc(p.reasons, func(r graph.Reason) bool { return r.Type == t })
		if i >= 0 {
			return reasonText(p.reasons[i])
		}
	}
	for _, r := range p.reasons {
		if r.Type == "" { // never run, output missing
			return reasonText(r)
		}
	}
	return otherwise
}

// reasonText is a reason with the place it points at; of a chain, where it
// began.
func reasonText(r graph.Reason) string {
	if n := len(r.Cause); n > 0 {
		return r.Cause[n-1]
	}
	if r.Detail != "" {
		return r.Text + ": " + r.Detail
	}
	return r.Text
}
