package jinja

type forLoop struct {
	target      target
	over, test  expr
	body, other []stmt
	recursive   bool
	usesLoop    bool // the body reads loop
	line        int
}

// A loop is the variable loop inside of for.
type loop struct {
	of      *forLoop
	items   []any
	at      int
	depth   int
	changed *Tuple // what changed() was last asked about
	outer   *scope
	r       *render
}

func (f *forLoop) exec(r *render) {
	r.line = f.line
	f.run(r, f.over.eval(r), 0, r.scope)
}

// run goes through v in scopes inside outer. Each turn has its own scope.
func (f *forLoop) run(r *render, v any, depth int, outer *scope) {
	defer r.deeper()()
	l := &loop{of: f, items: f.selected(r, r.items(v), outer), depth: depth, outer: outer, r: r}
	before := r.scope
	for i := range l.items {
		l.at = i
		r.scope = &scope{around: outer}
		if f.usesLoop {
			r.scope.set("loop", l)
		}
		r.line = f.line
		r.assign(f.target, l.items[i])
		r.run(f.body)
	}
	r.scope = before
	if len(l.items) == 0 && f.other != nil {
		r.scope = &scope{around: outer}
		r.run(f.other)
		r.scope = before
	}
}

// selected returns the items that pass the loop's own if.
func (f *forLoop) selected(r *render, items []any, outer *scope) []any {
	if f.test == nil {
		return items
	}
	var kept []any
	before := r.scope
	for _, item := range items {
		r.scope = &scope{around: outer}
		r.assign(f.target, item)
		if truth(f.test.eval(r)) {
			kept = append(kept, item)
		}
	}
	r.scope = before
	return kept
}

// attribute returns what templates ask of loop.
func (l *loop) attribute(name string) (any, bool) {
	n := len(l.items)
	switch name {
	case "index":
		return int64(l.at + 1), true
	case "index0":
		return int64(l.at), true
	case "revindex":
		return int64(n - l.at), true
	case "revindex0":
		return int64(n - l.at - 1), true
	case "first":
		return l.at == 0, true
	case "last":
		return l.at == n-1, true
	case "length":
		return int64(n), true
	case "depth":
		return int64(l.depth + 1), true
	case "depth0":
		return int64(l.depth), true
	case "previtem":
		return l.neighbour(l.at-1, "there is no previous item"), true
	case "nextitem":
		return l.neighbour(l.at+1, "there is no next item"), true
	case "cycle":
		return native(l.cycle), true
	case "changed":
		return native(l.changedTo), true
	}
	return nil, false
}

func (l *loop) neighbour(i int, hint string) any {
	if i < 0 || i >= len(l.items) {
		return &Undefined{hint: hint}
	}
	return l.items[i]
}

func (l *loop) cycle(r *render, a args) any {
	if len(a.pos) == 0 {
		r.fail("TypeError", "no items for cycling given")
	}
	return a.pos[l.at%len(a.pos)]
}

func (l *loop) changedTo(_ *render, a args) any {
	now := &Tuple{Items: a.pos}
	changed := l.changed == nil || !equal(l.changed, now)
	l.changed = now
	return changed
}

// call is loop(items) in a recursive loop: the text of the loop over items.
func (l *loop) call(r *render, a args) any {
	if !l.of.recursive {
		r.fail("TypeError", "the loop must have the 'recursive' marker to be called recursively")
	}
	if len(a.pos) != 1 {
		r.fail("TypeError", "loop takes one argument: what to go through")
	}
	text := r.capture(func() { l.of.run(r, a.pos[0], l.depth+1, l.outer) })
	return r.marked(text)
}
