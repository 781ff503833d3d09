package jinja

import (
	"maps"
	"slices"

	"github.com/identity-shaping/isf/internal/near"
)

func (p *parser) expression() expr {
	defer p.enter()()
	mark := len(p.unknown)
	e := p.or()
	for p.skipName("if") {
		c := &condExpr{test: p.or(), then: e}
		if p.skipName("else") {
			c.other = p.expression()
		}
		p.unknown = p.unknown[:mark] // only an error when it is reached
		e = c
	}
	return e
}

// tuple reads an expression, or several between commas.
func (p *parser) tuple(conditional bool) expr { return p.tupleUntil(conditional, "") }

func (p *parser) tupleUntil(conditional bool, until string) expr {
	e, ok := p.tupleParts(conditional, until)
	if !ok {
		p.fail(p.cur().line, "expected an expression, got '%s'", p.cur())
	}
	return e
}

// tupleParts reads what stands between commas; false if there is nothing.
func (p *parser) tupleParts(conditional bool, until string) (expr, bool) {
	var items []expr
	isTuple := false
	for !p.tupleEnds(until) {
		if conditional {
			items = append(items, p.expression())
		} else {
			items = append(items, p.or())
		}
		if !p.skipOp(",") {
			break
		}
		isTuple = true
	}
	if !isTuple && len(items) == 1 {
		return items[0], true
	}
	return &tupleExpr{items}, isTuple
}

func (p *parser) tupleEnds(until string) bool {
	switch p.cur().kind {
	case tVarEnd, tBlockEnd, tEOF:
		return true
	}
	return p.isOp(")") || until != "" && p.isName(until)
}

func (p *parser) or() expr {
	e := p.and()
	for p.skipName("or") {
		e = &logic{e, p.and(), true}
	}
	return e
}

func (p *parser) and() expr {
	e := p.not()
	for p.skipName("and") {
		e = &logic{e, p.not(), false}
	}
	return e
}

func (p *parser) not() expr {
	if p.skipName("not") {
		defer p.enter()()
		return &not{p.not()}
	}
	return p.compare()
}

func (p *parser) compare() expr {
	first := p.binary(0)
	c := &compare{first: first, line: p.cur().line}
	for {
		next := p.look()
		switch {
		case p.isOp("==", "!=", "<", ">", "<=", ">="):
			op := p.next().text
			c.rest = append(c.rest, operand{op, p.binary(0)})
		case p.skipName("in"):
			c.rest = append(c.rest, operand{"in", p.binary(0)})
		case p.isName("not") && next.kind == tName && next.text == "in":
			p.i += 2
			c.rest = append(c.rest, operand{"not in", p.binary(0)})
		case len(c.rest) == 0:
			return first
		default:
			return c
		}
	}
}

// levels are the binary operators from weak to strong; all bind to the left,
// ** too, unlike Python.
var levels = [][]string{{"+", "-"}, {"~"}, {"*", "/", "//", "%"}, {"**"}}

func (p *parser) binary(level int) expr {
	if level == len(levels) {
		return p.unary(true)
	}
	e := p.binary(level + 1)
	if level == 1 {
		return p.concat(e)
	}
	for p.isOp(levels[level]...) {
		t := p.next()
		e = &arithmetic{t.text, e, p.binary(level + 1), t.line}
	}
	return e
}

func (p *parser) concat(first expr) expr {
	parts := []expr{first}
	for p.skipOp("~") {
		parts = append(parts, p.binary(2))
	}
	if len(parts) == 1 {
		return first
	}
	return &concat{parts}
}

func (p *parser) unary(filters bool) expr {
	var e expr
	if t := p.cur(); p.isOp("-", "+") {
		defer p.enter()()
		p.i++
		e = &sign{t.text == "-", p.unary(false), t.line}
	} else {
		e = p.primary()
	}
	e = p.postfix(e)
	if filters {
		e = p.filtersAndTests(e)
	}
	return e
}

func (p *parser) primary() expr {
	t := p.next()
	switch t.kind {
	case tName:
		return p.name(t)
	case tNumber:
		return &constant{t.val}
	case tString:
		s := t.val.(string)
		for p.cur().kind == tString {
			s += p.next().val.(string)
		}
		return &constant{s}
	case tOp:
		switch t.text {
		case "(":
			e, _ := p.tupleParts(true, "")
			p.expectOp(")")
			return e
		case "[":
			return &listExpr{p.items("]")}
		case "{":
			return p.dict()
		}
	}
	p.fail(t.line, "unexpected '%s'", t)
	return nil
}

func (p *parser) name(t token) expr {
	switch t.text {
	case "true", "True":
		return &constant{true}
	case "false", "False":
		return &constant{false}
	case "none", "None":
		return &constant{nil}
	case "loop":
		p.loops++
	}
	p.t.reads = append(p.t.reads, t.text)
	return &name{t.text, t.line}
}

func (p *parser) items(end string) []expr {
	var items []expr
	for !p.isOp(end) {
		if len(items) > 0 {
			p.expectOp(",")
			if p.isOp(end) {
				break
			}
		}
		items = append(items, p.expression())
	}
	p.expectOp(end)
	return items
}

func (p *parser) dict() expr {
	d := &dictExpr{line: p.cur().line}
	for !p.isOp("}") {
		if len(d.keys) > 0 {
			p.expectOp(",")
			if p.isOp("}") {
				break
			}
		}
		d.keys = append(d.keys, p.expression())
		p.expectOp(":")
		d.values = append(d.values, p.expression())
	}
	p.expectOp("}")
	return d
}

func (p *parser) postfix(e expr) expr {
	for {
		switch {
		case p.isOp("."), p.isOp("["):
			e = p.subscript(e)
		case p.isOp("("):
			e = p.call(e)
		default:
			return e
		}
	}
}

func (p *parser) filtersAndTests(e expr) expr {
	for {
		switch {
		case p.isOp("|"):
			e = p.filters(e)
		case p.isName("is"):
			e = p.test(e)
		case p.isOp("("):
			e = p.call(e)
		default:
			return e
		}
	}
}

func (p *parser) subscript(e expr) expr {
	t := p.next()
	if t.text == "." {
		a := p.next()
		switch v := a.val.(type) {
		case nil:
			if a.kind == tName {
				return &attr{e, a.text, a.line}
			}
		case int64:
			return &item{e, &constant{v}, a.line}
		}
		p.fail(a.line, "expected a name or a number after '.', got '%s'", a)
	}
	var args []expr
	for !p.isOp("]") {
		if len(args) > 0 {
			p.expectOp(",")
		}
		args = append(args, p.subscribed())
	}
	p.expectOp("]")
	if len(args) == 1 {
		return &item{e, args[0], t.line}
	}
	return &item{e, &tupleExpr{args}, t.line}
}

// subscribed reads an index or a slice.
func (p *parser) subscribed() expr {
	var parts [3]expr
	if !p.isOp(":") {
		e := p.expression()
		if !p.isOp(":") {
			return e
		}
		parts[0] = e
	}
	for i := 1; i < 3 && p.skipOp(":"); i++ {
		if !p.isOp(":", "]", ",") {
			parts[i] = p.expression()
		}
	}
	return &slice{parts}
}

func (p *parser) call(e expr) expr {
	line := p.cur().line
	return &callExpr{e, p.arguments(), line}
}

func (p *parser) arguments() arguments {
	var a arguments
	line := p.expectOp("(").line
	ensure := func(ok bool) {
		if !ok {
			p.fail(line, "invalid arguments of a call")
		}
	}
	for first := true; !p.isOp(")"); first = false {
		if !first {
			p.expectOp(",")
			if p.isOp(")") {
				break
			}
		}
		next := p.look()
		switch {
		case p.skipOp("*"):
			ensure(a.star == nil && a.starstar == nil)
			a.star = p.expression()
		case p.skipOp("**"):
			ensure(a.starstar == nil)
			a.starstar = p.expression()
		case p.cur().kind == tName && next.kind == tOp && next.text == "=":
			ensure(a.starstar == nil)
			name := p.next().text
			p.i++
			a.named = append(a.named, namedExpr{name, p.expression()})
		default:
			ensure(a.star == nil && a.starstar == nil && len(a.named) == 0)
			a.pos = append(a.pos, p.expression())
		}
	}
	p.expectOp(")")
	return a
}

// filters reads |name|name(…) after e; e is nil when the text of a block is filtered.
func (p *parser) filters(e expr) expr {
	for p.skipOp("|") {
		e = p.filter(e)
	}
	return e
}

func (p *parser) filter(e expr) expr {
	name, line := p.dotted()
	f := &filterExpr{of: e, name: name, line: line, def: filters[name]}
	if p.isOp("(") {
		f.args = p.arguments()
	}
	if f.def == nil {
		p.unknown = append(p.unknown, &Error{p.t.Name, line, "TemplateAssertionError", unknownName("filter", name, filters)})
	}
	return f
}

// dotted reads a.b.c.
func (p *parser) dotted() (string, int) {
	t := p.expectName()
	name := t.text
	for p.skipOp(".") {
		name += "." + p.expectName().text
	}
	return name, t.line
}

func (p *parser) test(e expr) expr {
	p.i++ // is
	negated := p.skipName("not")
	name, line := p.dotted()
	t := &testExpr{of: e, name: name, line: line, def: tests[name]}
	switch c := p.cur(); {
	case p.isOp("("):
		t.args = p.arguments()
	case p.isName("is"):
		p.fail(line, "tests cannot be chained with is")
	case c.kind == tName && !p.isName("else", "or", "and"), c.kind == tString, c.kind == tNumber, p.isOp("[", "{"):
		t.args.pos = []expr{p.postfix(p.primary())}
	}
	if t.def == nil {
		p.unknown = append(p.unknown, &Error{p.t.Name, line, "TemplateAssertionError", unknownName("test", name, tests)})
	}
	if negated {
		return &not{t}
	}
	return t
}

// unknownName says that there is no filter or test of a name.
func unknownName(what, name string, known map[string]*builtin) string {
	text := "no " + what + " named '" + name + "'"
	if best := near.Best(name, slices.Sorted(maps.Keys(known))); best != "" {
		text += "; did you mean '" + best + "'?"
	}
	return text
}
