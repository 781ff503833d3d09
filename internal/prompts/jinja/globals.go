package jinja

var globals = map[string]any{
	"range":     native(newRange),
	"dict":      native(func(r *render, a args) any { return r.newDict(a) }),
	"namespace": native(func(r *render, a args) any { return &namespace{r.newDict(a)} }),
	"cycler":    native(newCycler),
	"joiner":    native(newJoiner),
	"lipsum":    native(lipsum),
}

func newRange(r *render, a args) any {
	n := numbers{step: 1}
	switch len(a.pos) {
	case 1:
		n.stop = int64(r.integer(a.pos[0]))
	case 2, 3:
		n.start, n.stop = int64(r.integer(a.pos[0])), int64(r.integer(a.pos[1]))
		if len(a.pos) == 3 {
			n.step = int64(r.integer(a.pos[2]))
		}
	default:
		r.fail("TypeError", "range expected 1 to 3 arguments, got %d", len(a.pos))
	}
	if n.step == 0 {
		r.fail("ValueError", "range() arg 3 must not be zero")
	}
	if n.len() > maxRepeat/16 {
		r.fail("MemoryError", "the range is too long")
	}
	return n
}

func lipsum(r *render, _ args) any {
	r.fail("TemplateRuntimeError", "lipsum makes random text, which would render differently each time")
	return nil
}

// A cycler gives its items in turn.
type cycler struct {
	items []any
	at    int
}

func newCycler(r *render, a args) any {
	if len(a.pos) == 0 {
		r.fail("RuntimeError", "at least one item has to be provided")
	}
	return &cycler{items: a.pos}
}

func (c *cycler) attribute(name string) (any, bool) {
	switch name {
	case "current":
		return c.items[c.at], true
	case "next":
		return native(func(*render, args) any {
			v := c.items[c.at]
			c.at = (c.at + 1) % len(c.items)
			return v
		}), true
	case "reset":
		return native(func(*render, args) any { c.at = 0; return nil }), true
	}
	return nil, false
}

// newJoiner returns a function that gives "" at first and then the separator.
func newJoiner(r *render, a args) any {
	sep := (&builtin{name: "joiner", params: []param{{name: "sep", otherwise: ", "}}}).bind(r, a)[0]
	used := false
	return native(func(*render, args) any {
		if !used {
			used = true
			return ""
		}
		return sep
	})
}
