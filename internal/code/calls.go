package code

import (
	"cmp"
	"go/ast"
	"slices"
)

// A Call is a place where reached code mentions a function of another package.
type Call struct {
	File string // relative to the root
	Line int
	Name string // as in the source: time.Now
	Path string // of the package
}

// Calls returns the places in functions that a type reaches where a name of
// one of these packages is mentioned that wanted accepts, in the order of
// files and lines.
func (x *Index) Calls(pkgPath, typeName string, wanted func(path, name string) bool) ([]Call, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	w, err := x.walked(pkgPath, typeName)
	if err != nil {
		return nil, err
	}
	var out []Call
	for d := range w.found {
		for _, f := range d.functions() {
			ast.Inspect(f, func(n ast.Node) bool {
				sel, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				pkg, ok := sel.X.(*ast.Ident)
				path, imported := "", false
				if ok {
					path, imported = d.src.imports[pkg.Name]
				}
				if imported && wanted(path, sel.Sel.Name) {
					out = append(out, Call{d.file, x.fset.Position(sel.Pos()).Line, pkg.Name + "." + sel.Sel.Name, path})
				}
				return true
			})
		}
	}
	slices.SortFunc(out, func(a, b Call) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Name, b.Name))
	})
	return slices.Compact(out), nil
}

// functions are the syntax of a declared function or method.
func (d *decl) functions() (out []*ast.FuncDecl) {
	for _, one := range d.src.syntax.Decls {
		f, ok := one.(*ast.FuncDecl)
		if !ok || f.Name.Name != d.ident {
			continue
		}
		receiver := ""
		if f.Recv != nil {
			receiver = receiverName(f.Recv)
		}
		if receiver == d.receiver {
			out = append(out, f)
		}
	}
	return out
}
