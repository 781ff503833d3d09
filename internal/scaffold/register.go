package scaffold

import (
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// A pkg is what matters of the package that a pipeline is added to.
type pkg struct {
	name     string            // of the package
	declared map[string]string // top-level names, with the file that declares them

	listing string // the file with All, "" if there is none of the usual form
	text    []byte // of listing
	isf     string // what that file calls isf
	end     int    // where the list's closing brace is
	comma   bool   // the last element of the list needs a comma
}

func readPackage(dir string) (*pkg, error) {
	p := &pkg{name: pipelinesDir, declared: map[string]string{}}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("this project has no %s folder; `isf init` makes one with the rest", pipelinesDir)
	}
	for _, file := range files {
		if err := p.read(file); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *pkg) read(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, path.Join(pipelinesDir, filepath.Base(file)), text, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	base := filepath.Base(file)
	if !strings.HasSuffix(base, "_test.go") {
		p.name = f.Name.Name
	}
	for _, d := range f.Decls {
		for _, name := range names(d) {
			p.declared[name] = path.Join(pipelinesDir, base)
		}
		if list, isf := listOf(d); list != nil {
			p.listing, p.text, p.isf = base, text, isf
			p.end = fset.Position(list.Rbrace).Offset
			if n := len(list.Elts); n > 0 {
				p.comma = !strings.Contains(string(text[fset.Position(list.Elts[n-1].End()).Offset:p.end]), ",")
			}
		}
	}
	return nil
}

// names are the top-level names of a declaration.
func names(d ast.Decl) []string {
	var out []string
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			out = append(out, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				out = append(out, s.Name.Name)
			case *ast.ValueSpec:
				for _, n := range s.Names {
					out = append(out, n.Name)
				}
			}
		}
	}
	return out
}

// listOf finds the list in `func All() []isf.Pipeline { return []isf.Pipeline{…} }`.
func listOf(d ast.Decl) (list *ast.CompositeLit, isf string) {
	f, ok := d.(*ast.FuncDecl)
	if !ok || f.Recv != nil || f.Name.Name != "All" || f.Body == nil || len(f.Body.List) == 0 {
		return nil, ""
	}
	ret, ok := f.Body.List[len(f.Body.List)-1].(*ast.ReturnStmt)
	if !ok || len(ret.Results) != 1 {
		return nil, ""
	}
	lit, ok := ret.Results[0].(*ast.CompositeLit)
	if !ok {
		return nil, ""
	}
	array, ok := lit.Type.(*ast.ArrayType)
	if !ok {
		return nil, ""
	}
	elem, ok := array.Elt.(*ast.SelectorExpr)
	if !ok || elem.Sel.Name != "Pipeline" {
		return nil, ""
	}
	pkg, ok := elem.X.(*ast.Ident)
	if !ok {
		return nil, ""
	}
	return lit, pkg.Name
}

// insert adds a line at the end of the list.
func (p *pkg) insert(line string) ([]byte, error) {
	before := strings.TrimRight(string(p.text[:p.end]), " \t\n")
	if p.comma {
		before += ","
	}
	return format.Source([]byte(before + "\n" + line + "\n" + string(p.text[p.end:])))
}
