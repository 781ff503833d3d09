package code

import (
	"go/ast"
	"go/token"
	"slices"
)

// mentions are the names in a declaration that may stand for something outside
// of it. Scopes are not followed: a name counts although something within the
// declaration hides it.
type mentions struct {
	names     map[string]bool // identifiers, selected ones aside
	selectors map[selector]bool

	bound map[string]int    // how often a name is declared within
	typed map[string]string // receivers and parameters → the name of their type
}

// A selector is x.sel; x is "" unless it is an identifier.
type selector struct{ x, sel string }

func newMentions() mentions {
	return mentions{
		names: make(map[string]bool), selectors: make(map[selector]bool),
		bound: make(map[string]int), typed: make(map[string]string),
	}
}

// look notes what syntax mentions. Names that are being declared are no mentions.
func (m mentions) look(nodes ...ast.Node) {
	for _, n := range nodes {
		ast.Inspect(n, m.visit)
	}
}

// visit is for ast.Inspect: it reports whether to go on inside n.
func (m mentions) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.Ident:
		m.names[n.Name] = true
	case *ast.SelectorExpr:
		m.selector(n)
		return false
	case *ast.FuncDecl:
		if n.Recv != nil {
			m.look(n.Recv)
		}
		m.look(n.Type)
		if n.Body != nil {
			m.look(n.Body)
		}
		return false
	case *ast.Field:
		m.bind(n.Names...)
		for _, name := range n.Names {
			m.typed[name.Name] = baseName(n.Type)
		}
		m.look(n.Type)
		return false
	case *ast.AssignStmt:
		if n.Tok == token.DEFINE {
			m.bindExprs(n.Lhs...)
			m.lookExprs(n.Rhs)
			return false
		}
	case *ast.RangeStmt:
		if n.Tok == token.DEFINE {
			m.bindExprs(n.Key, n.Value)
			m.look(n.X, n.Body)
			return false
		}
	case *ast.ValueSpec:
		m.bind(n.Names...)
		m.lookType(n.Type)
		m.lookExprs(n.Values)
		return false
	case *ast.TypeSpec:
		m.bind(n.Name)
		if n.TypeParams != nil {
			m.look(n.TypeParams)
		}
		m.look(n.Type)
		return false
	}
	return true
}

func (m mentions) selector(s *ast.SelectorExpr) {
	if x, ok := s.X.(*ast.Ident); ok {
		m.selectors[selector{x.Name, s.Sel.Name}] = true
		m.names[x.Name] = true
		return
	}
	m.selectors[selector{"", s.Sel.Name}] = true
	m.look(s.X)
}

func (m mentions) lookType(t ast.Expr) {
	if t != nil {
		m.look(t)
	}
}

func (m mentions) lookExprs(exprs []ast.Expr) {
	for _, e := range exprs {
		m.look(e)
	}
}

func (m mentions) bind(names ...*ast.Ident) {
	for _, n := range names {
		m.bound[n.Name]++
	}
}

func (m mentions) bindExprs(exprs ...ast.Expr) {
	for _, e := range exprs {
		if id, ok := e.(*ast.Ident); ok {
			m.bind(id)
		}
	}
}

// hashImports writes which packages the names of imports stand for.
func (d *decl) hashImports(h hasher) {
	var used []string
	for name, target := range d.src.imports {
		if d.names[name] {
			used = append(used, name+" "+target)
		}
	}
	slices.Sort(used)
	for _, u := range used {
		h.text(u)
	}
}
