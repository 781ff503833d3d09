package jinja

import "slices"

// A block is a named part of a template that templates extending it may replace.
type block struct {
	name             string
	scoped, required bool
	body             []stmt
	tmpl             *Template
	line             int
}

type extends struct {
	name expr
	line int
}

func (e *extends) exec(r *render) {
	r.line = e.line
	if r.ctx.parent != nil {
		r.fail("TemplateRuntimeError", "extended multiple times")
	}
	r.ctx.parent = r.require(e.name)
	r.ctx.quiet = true
}

// require returns the template that e names; it must exist.
func (r *render) require(e expr) *Template {
	names := r.templateNames(e.eval(r))
	t := r.loadTemplate(names)
	if t == nil {
		r.fail("TemplateNotFound", "no template %s", quotedOr(names))
	}
	return t
}

// templateNames returns the names v stands for: one, or several to try.
func (r *render) templateNames(v any) []string {
	if name, ok := text(v); ok {
		return []string{name}
	}
	r.defined(v)
	var names []string
	for _, item := range r.items(v) {
		r.defined(item)
		names = append(names, str(item))
	}
	return names
}

// exec writes the most derived block of the name.
func (b *block) exec(r *render) {
	if r.ctx.quiet && r.scope == r.ctx.top {
		return // the parent decides where it goes
	}
	stack := r.ctx.blocks[b.name]
	if b.required && len(stack) <= 1 {
		r.line = b.line
		r.fail("TemplateRuntimeError", "Required block '%s' not found", b.name)
	}
	around := r.ctx.top
	if b.scoped {
		around = r.scope
	}
	r.runBlock(stack, 0, around)
}

// runBlock writes stack[i] in a scope inside around.
func (r *render) runBlock(stack []*block, i int, around *scope) {
	defer r.deeper()()
	tmpl, line, outer, escape := r.tmpl, r.line, r.scope, r.autoescape
	b := stack[i]
	r.autoescape = false
	r.tmpl = b.tmpl
	r.scope = &scope{around: around}
	r.scope.set("super", &blockRef{r.ctx, stack, i + 1, around})
	r.run(b.body)
	r.tmpl, r.line, r.scope, r.autoescape = tmpl, line, outer, escape
}

// A blockRef is super, or self.name: a block that can be called.
type blockRef struct {
	ctx    *context
	stack  []*block
	at     int
	around *scope
}

func (b *blockRef) missing() *Undefined {
	return &Undefined{hint: "there is no parent block called " + quote(b.stack[0].name) + "."}
}

func (b *blockRef) call(r *render, _ args) any {
	if b.at >= len(b.stack) {
		r.defined(b.missing())
	}
	ctx := r.ctx
	r.ctx = b.ctx
	text := r.capture(func() { r.runBlock(b.stack, b.at, b.around) })
	r.ctx = ctx
	return r.marked(text)
}

func (b *blockRef) attribute(r *render, name string) (any, bool) {
	if b.at >= len(b.stack) {
		r.defined(b.missing())
	}
	switch name {
	case "super":
		return &blockRef{b.ctx, b.stack, b.at + 1, b.around}, true
	case "name":
		return b.stack[b.at].name, true
	}
	return nil, false
}

// A selfRef is the variable self: the blocks of the template by name.
type selfRef struct {
	r   *render
	ctx *context
}

func (s *selfRef) attribute(name string) (any, bool) {
	stack := s.ctx.blocks[name]
	if len(stack) == 0 {
		return nil, false
	}
	return &blockRef{s.ctx, slices.Clone(stack), 0, s.ctx.top}, true
}
