package engine

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/dispatch"
	"github.com/identity-shaping/isf/graph"
)

// A Keep is the decision that answers stand although an input was edited since
// they were asked. It says for each request of that moment, as the edit made
// it, which older request's answer stands for it. So it is exact: a record that
// is new, or that anything else changes, asks another request and is not meant.
type Keep struct {
	Input   string            `json:"input"`
	Reason  string            `json:"reason"`
	Answers map[string]string `json:"answers"` // what is asked now → what was asked, as KEY:LIMIT
}

// A keptAnswer is an older answer and the decision by which it stands.
type keptAnswer struct {
	ref  cache.Ref
	keep *Keep
}

// kept is what holds after all decisions; a later one wins.
func (d decisions) kept() map[cache.Ref]keptAnswer {
	all := map[cache.Ref]keptAnswer{}
	for _, k := range d.keeps {
		for now, was := range k.Answers {
			ask, ok := parseRef(now)
			old, known := parseRef(was)
			if ok && known {
				all[ask] = keptAnswer{old, k}
			}
		}
	}
	return all
}

// counted lists the decisions that rows rest on, in their order.
func (d decisions) counted(records map[*Keep]int) (out []graph.Kept) {
	for _, k := range d.keeps {
		if n := records[k]; n > 0 {
			out = append(out, graph.Kept{Input: k.Input, Reason: k.Reason, Records: n})
		}
	}
	return out
}

// kept lists the decisions that a record rests on.
func (t Trace) kept() (out []*Keep) {
	for _, s := range t.Steps {
		if s.Kept != nil && !slices.Contains(out, s.Kept) {
			out = append(out, s.Kept)
		}
	}
	return out
}

func reasons(kept []*Keep) string {
	var all []string
	for _, k := range kept {
		all = append(all, k.Reason)
	}
	return strings.Join(all, "; ")
}

// keptStep is the step of a request for which an older answer stands, nil if
// there is none, or it is not in the cache any more: then the request is asked.
func (b *Build) keptStep(req *dispatch.Request, name stepName) *Step {
	if len(b.kept) == 0 {
		return nil
	}
	fields, err := req.Fields()
	if err != nil {
		return nil
	}
	k, ok := b.kept[cache.Ref{Key: fields.Key(), Limit: fields.Limit()}]
	if !ok {
		return nil
	}
	return b.standing(req, name, k)
}

// standing makes the step of an answer that was asked for by another request.
func (b *Build) standing(req *dispatch.Request, name stepName, k keptAnswer) *Step {
	entry, err := b.engine.store().Lookup(k.ref)
	if err != nil {
		return nil
	}
	b.tally.Total.Add(1)
	b.tally.Hits.Add(1)
	b.spending.add(name, req.Model, &dispatch.Reply{Entry: entry, Hit: true})
	if b.plan != nil {
		b.plan.hit(name, req)
	}
	b.uses.add(k.ref.Key)
	return &Step{stepName: name, Model: req.Model.Name, Ref: k.ref, Hit: true, Kept: k.keep, entry: entry}
}

// An adopter collects, in a replay, which answers of the last build stand where
// the cache has none.
type adopter struct {
	last map[stepName]cache.Ref
	keep *Keep

	mu   sync.Mutex
	left int // requests that have no older answer
}

func (a *adopter) adopt(b *Build, req *dispatch.Request, name stepName) *Step {
	if a == nil {
		return nil
	}
	old, known := a.last[name]
	fields, err := req.Fields()
	var step *Step
	if known && err == nil {
		step = b.standing(req, name, keptAnswer{old, a.keep})
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if step == nil {
		a.left++
		return nil
	}
	a.keep.Answers[refText(cache.Ref{Key: fields.Key(), Limit: fields.Limit()})] = refText(old)
	return step
}

func refText(r cache.Ref) string { return fmt.Sprintf("%s:%d", r.Key, r.Limit) }
