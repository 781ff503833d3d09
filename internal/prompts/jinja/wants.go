package jinja

import "slices"

// special are names that a template has by itself.
var special = []string{"loop", "self", "super", "caller", "varargs", "kwargs"}

// Wants returns the variables that t reads and does not set, in the order of
// the text. A name that it sets anywhere is its own, so one that is given and
// set, as in {% set x = x or 1 %}, is not among them.
func (t *Template) Wants() []string {
	var names []string
	for _, n := range t.reads {
		if _, global := globals[n]; global || t.own[n] || slices.Contains(special, n) || slices.Contains(names, n) {
			continue
		}
		names = append(names, n)
	}
	return names
}

// sets notes that the template gives a name a value.
func (p *parser) sets(name string) string {
	if p.t.own == nil {
		p.t.own = map[string]bool{}
	}
	p.t.own[name] = true
	return name
}
