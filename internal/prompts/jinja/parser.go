package jinja

import (
	"fmt"
	"strings"
)

// maxDepth bounds how deep expressions, statements, macros and includes may
// nest, so that a template that calls itself ends with an error. Python's
// own limit is near: about 1,000 frames.
const maxDepth = 500

// A parser turns tokens into statements. Its grammar follows Jinja2's parser,
// including what it accepts but does not document.
type parser struct {
	t       *Template
	tokens  []token
	i       int
	depth   int
	open    []string // names of the tags that are open
	loops   int      // how often the name loop was read so far
	unknown []*Error // filters and tests that do not exist and would surely be reached
}

func parse(env *Env, name, src string) *Template {
	t := &Template{Name: name, env: env, blocks: map[string]*block{}}
	p := &parser{t: t, tokens: lex(name, src)}
	t.body = p.subparse()
	if p.cur().kind != tEOF {
		p.unexpectedTag(p.cur())
	}
	if len(p.unknown) > 0 {
		panic(p.unknown[0])
	}
	return t
}

func (p *parser) cur() token { return p.tokens[p.i] }

func (p *parser) look() token { return p.tokens[min(p.i+1, len(p.tokens)-1)] }

func (p *parser) next() token {
	t := p.tokens[p.i]
	if t.kind != tEOF {
		p.i++
	}
	return t
}

func (p *parser) fail(line int, format string, args ...any) {
	panic(&Error{p.t.Name, line, "TemplateSyntaxError", fmt.Sprintf(format, args...)})
}

// refuse fails for what is good grammar and yet not allowed.
func (p *parser) refuse(line int, format string, args ...any) {
	panic(&Error{p.t.Name, line, "TemplateAssertionError", fmt.Sprintf(format, args...)})
}

func (p *parser) isOp(ops ...string) bool { return p.is(tOp, ops...) }

func (p *parser) isName(names ...string) bool { return p.is(tName, names...) }

func (p *parser) is(k kind, texts ...string) bool {
	t := p.cur()
	if t.kind != k {
		return false
	}
	for _, s := range texts {
		if t.text == s {
			return true
		}
	}
	return false
}

func (p *parser) skipOp(op string) bool {
	if p.isOp(op) {
		p.i++
		return true
	}
	return false
}

func (p *parser) skipName(name string) bool {
	if p.isName(name) {
		p.i++
		return true
	}
	return false
}

func (p *parser) expectOp(op string) token {
	if !p.isOp(op) {
		p.fail(p.cur().line, "expected '%s', got '%s'", op, p.cur())
	}
	return p.next()
}

func (p *parser) expectName() token {
	if p.cur().kind != tName {
		p.fail(p.cur().line, "expected a name, got '%s'", p.cur())
	}
	return p.next()
}

func (p *parser) expectWord(word string) {
	if !p.skipName(word) {
		p.fail(p.cur().line, "expected '%s', got '%s'", word, p.cur())
	}
}

func (p *parser) expectEnd(k kind) {
	if p.cur().kind != k {
		if p.cur().kind == tEOF {
			p.fail(p.cur().line, "the template ends inside a tag")
		}
		p.fail(p.cur().line, "expected %s, got '%s'", token{kind: k}, p.cur())
	}
	p.i++
}

// enter guards against nesting without end; call the result when leaving.
func (p *parser) enter() func() {
	p.depth++
	if p.depth > maxDepth {
		p.fail(p.cur().line, "nested too deeply")
	}
	return func() { p.depth-- }
}

// subparse reads statements up to a tag that begins with one of ends; the
// parser then stands on that tag's name.
func (p *parser) subparse(ends ...string) []stmt {
	defer p.enter()()
	var body []stmt
	for {
		t := p.cur()
		switch t.kind {
		case tEOF:
			return body
		case tData:
			body = append(body, data(t.text))
			p.i++
		case tVarBegin:
			p.i++
			body = append(body, &output{p.tuple(true), t.line})
			p.expectEnd(tVarEnd)
		case tBlockBegin:
			p.i++
			if p.isName(ends...) {
				return body
			}
			body = append(body, p.statement())
			p.expectEnd(tBlockEnd)
		default:
			p.fail(t.line, "unexpected '%s'", t)
		}
	}
}

// body reads the statements of an open tag, and the name of the tag that ends it.
func (p *parser) body(ends ...string) []stmt {
	p.skipOp(":")
	p.expectEnd(tBlockEnd)
	b := p.subparse(ends...)
	if p.cur().kind == tEOF {
		p.fail(p.cur().line, "the template ends where %s is due: '%s' is not closed",
			quotedOr(ends), p.open[len(p.open)-1])
	}
	return b
}

// bodyTo is body with one possible end, which it skips.
func (p *parser) bodyTo(end string) []stmt {
	b := p.body(end)
	p.i++
	return b
}

func quotedOr(words []string) string {
	return "'" + strings.Join(words, "' or '") + "'"
}

func (p *parser) unexpectedTag(t token) {
	if len(p.open) > 0 {
		p.fail(t.line, "unknown tag '%s' inside '%s'", t, p.open[len(p.open)-1])
	}
	p.fail(t.line, "unknown tag '%s'", t)
}

// statement reads one tag with what belongs to it.
func (p *parser) statement() stmt {
	t := p.cur()
	if t.kind != tName {
		p.fail(t.line, "a tag begins with a name, got '%s'", t)
	}
	parse := map[string]func(int) stmt{
		"for": p.forLoop, "if": p.ifElse, "block": p.block, "extends": p.extends, "print": p.print,
		"macro": p.macro, "include": p.include, "from": p.from, "import": p.importAs, "set": p.set,
		"with": p.with, "autoescape": p.autoescape, "call": p.callBlock, "filter": p.filterBlock,
	}[t.text]
	if parse == nil {
		p.unexpectedTag(t)
	}
	p.i++
	p.open = append(p.open, t.text)
	s := parse(t.line)
	p.open = p.open[:len(p.open)-1]
	return s
}

func (p *parser) set(line int) stmt {
	target := p.targets(true, "")
	if p.skipOp("=") {
		return &assign{target, p.tuple(true), line}
	}
	filters := p.filters(nil)
	return &assignBlock{target, filters, p.bodyTo("endset"), line}
}

func (p *parser) forLoop(line int) stmt {
	f := &forLoop{target: p.targets(false, "in"), line: line}
	p.expectWord("in")
	f.over = p.tupleUntil(false, "recursive")
	if p.skipName("if") {
		f.test = p.expression()
	}
	f.recursive = p.skipName("recursive")
	before := p.loops
	f.body = p.body("endfor", "else")
	f.usesLoop = p.loops > before || f.recursive
	if p.next().text == "else" {
		f.other = p.bodyTo("endfor")
	}
	return f
}

func (p *parser) ifElse(int) stmt {
	n := &ifElse{}
	mark := len(p.unknown)
	for {
		line := p.cur().line
		test := p.tuple(false)
		b := p.body("elif", "else", "endif")
		n.branches = append(n.branches, branch{test, b, line})
		word := p.next().text
		if word == "elif" {
			continue
		}
		if word == "else" {
			n.other = p.bodyTo("endif")
		}
		p.unknown = p.unknown[:mark] // only an error when it is reached
		return n
	}
}

func (p *parser) with(int) stmt {
	n := &with{}
	for p.cur().kind != tBlockEnd {
		if len(n.targets) > 0 {
			p.expectOp(",")
		}
		n.targets = append(n.targets, p.targets(false, ""))
		p.expectOp("=")
		n.values = append(n.values, p.expression())
	}
	n.body = p.bodyTo("endwith")
	return n
}

func (p *parser) autoescape(int) stmt {
	on := p.expression()
	return &autoescape{on, p.bodyTo("endautoescape")}
}

func (p *parser) block(line int) stmt {
	b := &block{name: p.expectName().text, line: line, tmpl: p.t}
	b.scoped = p.skipName("scoped")
	b.required = p.skipName("required")
	if p.isOp("-") {
		p.fail(line, "block names contain no hyphens, use an underscore")
	}
	if p.t.blocks[b.name] != nil {
		p.refuse(line, "block '%s' is defined twice", b.name)
	}
	p.t.blocks[b.name] = b
	loops := p.loops
	b.body = p.bodyTo("endblock")
	p.loops = loops // a block does not see the loop around it
	p.skipName(b.name)
	return b
}

func (p *parser) extends(line int) stmt {
	if len(p.open) > 1 && p.open[len(p.open)-2] != "if" {
		p.refuse(line, "extends must not stand inside '%s'", p.open[len(p.open)-2])
	}
	return &extends{p.reference(), line}
}

// reference reads the name of a template to load.
func (p *parser) reference() expr {
	e := p.expression()
	p.t.refs = append(p.t.refs, e)
	return e
}

// context reads "with context" or "without context".
func (p *parser) context(otherwise bool) bool {
	if next := p.look(); p.isName("with", "without") && next.kind == tName && next.text == "context" {
		with := p.next().text == "with"
		p.i++
		return with
	}
	return otherwise
}

func (p *parser) include(line int) stmt {
	n := &include{name: p.reference(), line: line}
	if next := p.look(); p.isName("ignore") && next.kind == tName && next.text == "missing" {
		n.ignoreMissing = true
		p.i += 2
	}
	n.context = p.context(true)
	return n
}

func (p *parser) importAs(line int) stmt {
	n := &importAs{name: p.reference(), line: line}
	p.expectWord("as")
	n.as = p.sets(p.expectName().text)
	n.context = p.context(false)
	return n
}

func (p *parser) from(line int) stmt {
	n := &fromImport{name: p.reference(), line: line}
	p.expectWord("import")
	for {
		if p.isName("with", "without") && p.look().text == "context" {
			n.context = p.context(false)
			return n
		}
		name := p.expectName().text
		if strings.HasPrefix(name, "_") {
			p.refuse(line, "names that begin with an underscore cannot be imported")
		}
		as := name
		if p.skipName("as") {
			as = p.expectName().text
		}
		n.names = append(n.names, [2]string{name, p.sets(as)})
		if p.isName("with", "without") && p.look().text == "context" {
			n.context = p.context(false)
			return n
		}
		if !p.skipOp(",") {
			return n
		}
		if p.cur().kind == tBlockEnd {
			p.fail(line, "expected a name, got '%s'", p.cur())
		}
	}
}

// signature reads the parameters of a macro or of a call block.
func (p *parser) signature() []parameter {
	var ps []parameter
	p.expectOp("(")
	for !p.isOp(")") {
		if len(ps) > 0 {
			p.expectOp(",")
		}
		q := parameter{name: p.sets(p.expectName().text)}
		if p.skipOp("=") {
			q.otherwise = p.expression()
		} else if len(ps) > 0 && ps[len(ps)-1].otherwise != nil {
			p.fail(p.cur().line, "a parameter without a default follows one with a default")
		}
		ps = append(ps, q)
	}
	p.expectOp(")")
	return ps
}

func (p *parser) macro(line int) stmt {
	name := p.sets(p.expectName().text)
	return &macroDef{p.function(name, p.signature(), "endmacro", line)}
}

// function reads the body of a macro, and notes which special names it reads.
func (p *parser) function(name string, params []parameter, end string, line int) *function {
	f := &function{name: name, params: params, line: line, tmpl: p.t}
	from := p.i
	f.body = p.bodyTo(end)
	for _, t := range p.tokens[from:p.i] {
		if t.kind == tName {
			f.caller = f.caller || t.text == "caller"
			f.varargs = f.varargs || t.text == "varargs"
			f.kwargs = f.kwargs || t.text == "kwargs"
		}
	}
	return f
}

func (p *parser) callBlock(line int) stmt {
	var params []parameter
	if p.isOp("(") {
		params = p.signature()
	}
	c, ok := p.expression().(*callExpr)
	if !ok {
		p.fail(line, "expected a call")
	}
	return &callBlock{c, p.function("caller", params, "endcall", line), line}
}

func (p *parser) filterBlock(line int) stmt {
	first := p.filter(nil)
	return &filterBlock{p.filters(first), p.bodyTo("endfilter"), line}
}

func (p *parser) print(line int) stmt {
	n := &printAll{}
	for p.cur().kind != tBlockEnd {
		if len(n.parts) > 0 {
			p.expectOp(",")
		}
		n.parts = append(n.parts, output{p.expression(), line})
	}
	return n
}

// targets reads what may stand left of an assignment: names and tuples of
// names, and with namespaces also ns.attribute.
func (p *parser) targets(namespaces bool, until string) target {
	var list []target
	for {
		if len(list) > 0 && (p.isOp("=") || p.cur().kind == tBlockEnd || until != "" && p.isName(until)) {
			return target{list: list}
		}
		list = append(list, p.target(namespaces))
		if !p.skipOp(",") {
			if len(list) == 1 && !p.afterComma() {
				return list[0]
			}
			return target{list: list}
		}
	}
}

// afterComma tells whether the token before the current one was a comma.
func (p *parser) afterComma() bool {
	t := p.tokens[p.i-1]
	return t.kind == tOp && t.text == ","
}

func (p *parser) target(namespaces bool) target {
	if p.skipOp("(") {
		t := p.targets(namespaces, "")
		p.expectOp(")")
		return t
	}
	t := p.expectName()
	switch t.text {
	case "true", "false", "none", "True", "False", "None":
		p.fail(t.line, "can't assign to '%s'", t.text)
	}
	if namespaces && p.skipOp(".") {
		return target{name: t.text, attr: p.expectName().text}
	}
	return target{name: p.sets(t.text)}
}
