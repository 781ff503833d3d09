package code

import (
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/scanner"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A pkg is a package of the module, as built on this machine without its tests.
type pkg struct {
	path    string
	dir     string // relative to the root
	name    string
	label   string             // begins the names of its declarations
	decls   map[string]*decl   // of the package block
	methods map[string][]*decl // by the name of the receiver's type
	unasked []*decl            // what runs without being named
	count   int                // of declarations
	own     []*pkg             // packages of the module it imports
	others  []string           // import paths of other modules
}

// A missingError says that a package of the module is not there.
type missingError struct{ path string }

func (e *missingError) Error() string { return fmt.Sprintf("package %s is not in the module", e.path) }

// A source is one parsed file.
type source struct {
	file    string // relative to the root
	syntax  *ast.File
	imports map[string]string // name in this file → import path
	dots    []string          // paths of dot imports
	embeds  []directive       // not yet claimed by a variable, in order
}

// load parses a package and the packages of the module it imports.
func (x *Index) load(importPath string) (*pkg, error) {
	if p := x.packages[importPath]; p != nil {
		return p, nil
	}
	if !x.module.own(importPath) {
		return nil, &missingError{importPath}
	}
	p := &pkg{path: importPath, dir: x.module.dir(importPath), decls: make(map[string]*decl), methods: make(map[string][]*decl)}
	p.label = p.dir
	if p.dir == "." {
		p.label = path.Base(importPath)
	}
	sources, err := x.parse(p)
	if err != nil {
		return nil, err
	}
	x.packages[importPath] = p // before its imports, so that a circle ends
	if err := x.resolve(p, sources); err != nil {
		delete(x.packages, importPath)
		return nil, err
	}
	for _, s := range sources {
		p.collect(s)
	}
	return p, nil
}

// parse reads the files of a package that this machine would build.
func (x *Index) parse(p *pkg) ([]*source, error) {
	dir := filepath.Join(x.root, filepath.FromSlash(p.dir))
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var sources []*source
	for _, e := range entries {
		name := e.Name()
		if !isSource(name) {
			continue
		}
		file := path.Join(p.dir, name)
		if match, err := build.Default.MatchFile(dir, name); err != nil {
			return nil, &Broken{file, 1, err.Error()}
		} else if !match {
			continue
		}
		syntax, err := x.parseFile(file)
		if err != nil {
			return nil, err
		}
		p.name = syntax.Name.Name
		sources = append(sources, &source{file: file, syntax: syntax, imports: make(map[string]string), embeds: embedDirectives(syntax)})
	}
	if len(sources) == 0 {
		return nil, &missingError{p.path}
	}
	return sources, nil
}

func isSource(name string) bool {
	return strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") &&
		!strings.HasPrefix(name, ".") && !strings.HasPrefix(name, "_")
}

func (x *Index) parseFile(file string) (*ast.File, error) {
	text, err := os.ReadFile(filepath.Join(x.root, filepath.FromSlash(file)))
	if err != nil {
		return nil, err
	}
	syntax, err := parser.ParseFile(x.fset, file, text, parser.ParseComments|parser.SkipObjectResolution)
	var list scanner.ErrorList
	if errors.As(err, &list) && len(list) > 0 {
		return nil, &Broken{file, list[0].Pos.Line, list[0].Msg}
	}
	return syntax, err
}

// resolve fills in what the names of imports mean.
func (x *Index) resolve(p *pkg, sources []*source) error {
	for _, s := range sources {
		for _, spec := range s.syntax.Imports {
			target, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				continue // the parser has refused it
			}
			name, err := x.meet(p, target)
			if errors.As(err, new(*missingError)) {
				return &Broken{s.file, x.fset.Position(spec.Pos()).Line, err.Error()}
			}
			if err != nil {
				return err
			}
			if spec.Name != nil {
				name = spec.Name.Name
			}
			if name == "." {
				s.dots = append(s.dots, target)
			}
			s.imports[name] = target
		}
	}
	return nil
}

// meet notes that p imports target, and returns the name of that package.
func (x *Index) meet(p *pkg, target string) (name string, err error) {
	if !x.module.own(target) {
		if !slices.Contains(p.others, target) {
			p.others = append(p.others, target)
		}
		return guessName(target), nil
	}
	q, err := x.load(target)
	if err != nil {
		return "", err
	}
	if !slices.Contains(p.own, q) {
		p.own = append(p.own, q)
	}
	return q.name, nil
}

var versionSuffix = regexp.MustCompile(`^v[0-9]+$`)

// guessName is the name a package most likely has. A wrong guess makes its
// functions look like methods, which reaches too much, never too little.
func guessName(importPath string) string {
	base := path.Base(importPath)
	if versionSuffix.MatchString(base) && path.Dir(importPath) != "." {
		base = path.Base(path.Dir(importPath))
	}
	if i := strings.LastIndex(base, ".v"); i > 0 { // gopkg.in/yaml.v3
		base = base[:i]
	}
	return base
}
