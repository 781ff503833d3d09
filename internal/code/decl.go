package code

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A decl is one declared name: its shape, and what it mentions.
type decl struct {
	name  string // pipelines.buildQuestion
	kind  token.Token
	file  string
	pos   token.Pos
	pkg   *pkg
	src   *source
	place int // among the declarations of the package
	hash  string
	embed []embed

	receiver string // name of the receiver's type, "" if it is no method
	ident    string // the name in the source

	mentions
	fields map[string]bool // of a struct type
}

// collect finds the declarations of a file.
func (p *pkg) collect(s *source) {
	for _, d := range s.syntax.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			p.function(s, d)
		case *ast.GenDecl:
			p.general(s, d)
		}
	}
}

func (p *pkg) function(s *source, f *ast.FuncDecl) {
	if f.Recv == nil {
		d := p.declare(s, token.FUNC, f.Name.Name, "", f)
		if f.Name.Name == "init" {
			p.unasked = append(p.unasked, d)
		} else {
			p.decls[d.ident] = d
		}
		return
	}
	if receiver := receiverName(f.Recv); receiver != "" {
		p.methods[receiver] = append(p.methods[receiver], p.declare(s, token.FUNC, f.Name.Name, receiver, f))
	}
}

func receiverName(recv *ast.FieldList) string {
	if len(recv.List) != 1 {
		return ""
	}
	return baseName(recv.List[0].Type)
}

// baseName is the T of T, *T and T[A], "" for types that are not a name of the
// package.
func baseName(t ast.Expr) string {
	for {
		switch u := t.(type) {
		case *ast.ParenExpr:
			t = u.X
		case *ast.StarExpr:
			t = u.X
		case *ast.IndexExpr:
			t = u.X
		case *ast.IndexListExpr:
			t = u.X
		case *ast.Ident:
			return u.Name
		default:
			return ""
		}
	}
}

// fieldNames are the fields of a struct type; nil for other types.
func fieldNames(t ast.Expr) map[string]bool {
	s, ok := t.(*ast.StructType)
	if !ok {
		return nil
	}
	names := make(map[string]bool)
	for _, f := range s.Fields.List {
		for _, n := range f.Names {
			names[n.Name] = true
		}
		if f.Names == nil {
			names[baseName(f.Type)] = true
		}
	}
	return names
}

func (p *pkg) general(s *source, g *ast.GenDecl) {
	var last *ast.ValueSpec // the last with values, which constants repeat
	for i, spec := range g.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			d := p.declare(s, token.TYPE, spec.Name.Name, "", spec)
			d.fields = fieldNames(spec.Type)
			p.decls[d.ident] = d
		case *ast.ValueSpec:
			if g.Tok == token.VAR {
				p.variables(s, spec)
				continue
			}
			if spec.Type != nil || len(spec.Values) > 0 {
				last = spec
			}
			p.constants(s, spec, last, i)
		}
	}
}

// constants declares the names of a spec. Their values may stand in an earlier
// one, and depend on their place only if iota is in them.
func (p *pkg) constants(s *source, spec, values *ast.ValueSpec, place int) {
	if values == nil {
		return // not Go
	}
	for i, name := range spec.Names {
		parts := []any{name, values.Type}
		if i < len(values.Values) {
			parts = append(parts, values.Values[i])
		}
		if anyMentions(values.Values, "iota") {
			parts = append(parts, place)
		}
		if d := p.declare(s, token.CONST, name.Name, "", parts...); name.Name != "_" {
			p.decls[name.Name] = d
		}
	}
}

func anyMentions(exprs []ast.Expr, name string) (found bool) {
	for _, e := range exprs {
		ast.Inspect(e, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			found = found || ok && id.Name == name
			return !found
		})
	}
	return found
}

// variables declares the names of a spec. Several with one value share it.
func (p *pkg) variables(s *source, spec *ast.ValueSpec) {
	embeds := s.claim(p.dir, spec.Pos())
	for i, name := range spec.Names {
		parts := []any{name, spec.Type}
		if len(spec.Values) == len(spec.Names) {
			parts = append(parts, spec.Values[i])
		} else {
			parts = append(parts, spec.Values, i)
		}
		d := p.declare(s, token.VAR, name.Name, "", parts...)
		d.embed = embeds
		if name.Name != "_" {
			p.decls[name.Name] = d
		}
		if slices.ContainsFunc(spec.Values, s.acts) {
			p.unasked = append(p.unasked, d)
		}
	}
}

// acts reports whether computing a value may do something beside: it calls a
// function that may, or receives.
func (s *source) acts(e ast.Expr) (found bool) {
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false // not called by being there
		case *ast.CallExpr:
			found = found || !s.quiet(n.Fun)
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		}
		return !found
	})
	return found
}

// quietPackages have functions that only compute.
var quietPackages = []string{"errors", "fmt", "regexp", "strconv", "strings"}

// quiet reports whether calling e only computes: it is a conversion, or a
// function known to do nothing beside.
func (s *source) quiet(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.StarExpr, *ast.ArrayType, *ast.MapType, *ast.ChanType, *ast.FuncType, *ast.InterfaceType:
		return true
	case *ast.Ident:
		return types.Universe.Lookup(e.Name) != nil // string(b), make(map[string]int)
	case *ast.SelectorExpr:
		x, ok := e.X.(*ast.Ident)
		return ok && slices.Contains(quietPackages, s.imports[x.Name])
	}
	return false
}

// declare describes a declaration made of parts: syntax, and numbers that matter.
func (p *pkg) declare(s *source, kind token.Token, ident, receiver string, parts ...any) *decl {
	d := &decl{
		kind: kind, file: s.file, pkg: p, src: s, ident: ident, receiver: receiver,
		mentions: newMentions(),
	}
	if first, is := parts[0].(ast.Node); is {
		d.pos = first.Pos()
	}
	d.name = strings.Join(slices.DeleteFunc([]string{p.label, receiver, ident}, func(s string) bool { return s == "" }), ".")
	h := newHasher()
	h.text(kind.String())
	for _, part := range parts {
		h.node(part)
		switch part := part.(type) {
		case ast.Node:
			d.look(part)
		case []ast.Expr:
			d.lookExprs(part)
		}
	}
	d.hashImports(h)
	d.hash = h.sum()
	d.place, p.count = p.count, p.count+1
	return d
}
