package graph

import "slices"

// Direct returns what t itself needs, in the order of its inputs.
func (g *Graph) Direct(t *Target) []*Target { return g.needs[t] }

// Needs returns everything t needs, directly or not; what is needed first comes
// first. t is not among it.
func (g *Graph) Needs(t *Target) []*Target {
	all := g.closure([]*Target{t}, g.needs)
	return all[:len(all)-1]
}

// Users returns everything that needs t, directly or not; a user comes after
// what it needs. t is not among it.
func (g *Graph) Users(t *Target) []*Target {
	uses := make(map[*Target]bool)
	for _, u := range g.closure([]*Target{t}, g.users) {
		uses[u] = u != t
	}
	return slices.DeleteFunc(g.closure(g.targets, g.needs), func(u *Target) bool { return !uses[u] })
}

// Order returns ts and all they need as waves: what is in a wave needs only
// what is in waves before it, and is in the first wave it can be in.
func (g *Graph) Order(ts []*Target) [][]*Target {
	var waves [][]*Target
	wave := make(map[*Target]int)
	for _, t := range g.closure(ts, g.needs) {
		w := 0
		for _, n := range g.needs[t] {
			w = max(w, wave[n]+1)
		}
		wave[t] = w
		if w == len(waves) {
			waves = append(waves, nil)
		}
		waves[w] = append(waves[w], t)
	}
	return waves
}

// closure returns ts and all that edges lead to; a target comes after what its
// edges lead to.
func (g *Graph) closure(ts []*Target, edges map[*Target][]*Target) []*Target {
	var all []*Target
	done := make(map[*Target]bool)
	var visit func(*Target)
	visit = func(t *Target) {
		if done[t] {
			return
		}
		done[t] = true
		for _, n := range edges[t] {
			visit(n)
		}
		all = append(all, t)
	}
	for _, t := range ts {
		visit(t)
	}
	return all
}

// cycle returns the names of targets that need each other, the first again at
// the end; nil if there are none.
func (g *Graph) cycle() []string {
	const open, closed = 1, 2
	mark := make(map[*Target]int)
	var trail []string
	var visit func(*Target) []string
	visit = func(t *Target) []string {
		trail = append(trail, t.Name)
		switch mark[t] {
		case open:
			return loopOf(trail)
		case closed:
			trail = trail[:len(trail)-1]
			return nil
		}
		mark[t] = open
		for _, n := range g.needs[t] {
			if loop := visit(n); loop != nil {
				return loop
			}
		}
		mark[t] = closed
		trail = trail[:len(trail)-1]
		return nil
	}
	for _, t := range g.targets {
		if loop := visit(t); loop != nil {
			return loop
		}
	}
	return nil
}

// loopOf is the end of a trail from where its last name was first.
func loopOf(trail []string) []string {
	last := trail[len(trail)-1]
	for i, name := range trail {
		if name == last {
			return trail[i:]
		}
	}
	return trail
}
