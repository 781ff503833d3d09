package code

import (
	"cmp"
	"go/ast"
	"go/token"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// A walk finds what a type reaches. It ends when nothing new is found.
type walk struct {
	index *Index
	root  *decl // the type
	todo  []*decl
	found map[*decl]bool
	pkgs  map[*pkg]bool // reached: what they do unasked counts

	known    map[*pkg]bool      // whatever is linked, reached or not
	methods  map[string][]*decl // all methods of known packages, by name
	library  map[string]int     // versions of the engine's functions that were reached
	provided map[string]bool    // modules of others that were reached
	embeds   []embed
}

func newWalk(x *Index, p *pkg) *walk {
	w := &walk{
		index: x,
		found: make(map[*decl]bool), pkgs: make(map[*pkg]bool),
		known: make(map[*pkg]bool), methods: make(map[string][]*decl),
		library: make(map[string]int), provided: make(map[string]bool),
	}
	w.know(p)
	return w
}

// know makes the methods of a package, and of all it imports, reachable.
func (w *walk) know(p *pkg) {
	if w.known[p] {
		return
	}
	w.known[p] = true
	for _, ms := range p.methods {
		for _, m := range ms {
			w.methods[m.ident] = append(w.methods[m.ident], m)
		}
	}
	for _, q := range p.own {
		w.know(q)
	}
}

// reachAll reaches a type with all its methods.
func (w *walk) reachAll(t *decl) {
	w.reach(t)
	w.reach(t.pkg.methods[t.ident]...)
}

func (w *walk) reach(ds ...*decl) {
	for _, d := range ds {
		if d != nil && !w.found[d] {
			w.found[d] = true
			w.todo = append(w.todo, d)
		}
	}
}

func (w *walk) run() {
	for len(w.todo) > 0 {
		d := w.todo[len(w.todo)-1]
		w.todo = w.todo[:len(w.todo)-1]
		w.enter(d.pkg)
		w.embeds = append(w.embeds, d.embed...)
		w.follow(d)
	}
}

// enter reaches a package: what it and its imports do unasked, and the modules
// they come from.
func (w *walk) enter(p *pkg) {
	if w.pkgs[p] {
		return
	}
	w.pkgs[p] = true
	w.reach(p.unasked...)
	for _, other := range p.others {
		if name, ok := w.index.module.provider(other); ok {
			w.provided[name] = true
		}
	}
	for _, q := range p.own {
		w.enter(q)
	}
}

// follow reaches what a declaration mentions.
func (w *walk) follow(d *decl) {
	for name := range d.names {
		w.reach(d.pkg.decls[name])
		for _, dot := range d.src.dots {
			w.member(dot, name)
		}
	}
	for s := range d.selectors {
		target, imported := d.src.imports[s.x]
		if imported {
			w.member(target, s.sel)
		}
		if (!imported || d.bound[s.x] > 0) && !w.direct(d, s) {
			w.reach(w.methods[s.sel]...)
			w.version("." + s.sel)
		}
	}
	if d.kind == token.TYPE {
		for _, m := range d.pkg.methods[d.ident] {
			if ast.IsExported(m.ident) { // libraries may call it, through interfaces of theirs
				w.reach(m)
			}
		}
	}
}

// direct reaches what x.sel is, where no types are needed to tell: x is a
// receiver or parameter, nothing else in the declaration has its name, and its
// type has a method or field sel of its own. Without it the methods of one
// pipeline would reach those of all others with the same names.
func (w *walk) direct(d *decl, s selector) bool {
	name := d.typed[s.x]
	t := d.pkg.decls[name]
	if t == nil || t.kind != token.TYPE || d.bound[s.x] != 1 || d.bound[name] > 0 {
		return false
	}
	for _, m := range d.pkg.methods[name] {
		if m.ident == s.sel {
			w.reach(m)
			return true
		}
	}
	return t.fields[s.sel]
}

// member reaches a name of another package.
func (w *walk) member(importPath, name string) {
	if importPath == Engine {
		w.version(name)
		return
	}
	if p := w.index.packages[importPath]; p != nil {
		w.reach(p.decls[name])
	}
}

func (w *walk) version(name string) {
	if v, ok := w.index.opts.Versions[name]; ok {
		w.library[name] = v
	}
}

// result names everything that was reached, sorted. Declarations that share a
// name (inits, and variables named _) share an entry, in the order they run.
func (w *walk) result() ([]Decl, error) {
	hashes := make(map[string][]string)
	for _, d := range w.inOrder() {
		hash, err := w.index.withEmbedded(d)
		if err != nil {
			return nil, err
		}
		hashes[d.name] = append(hashes[d.name], hash)
	}
	if err := w.others(hashes); err != nil {
		return nil, err
	}
	for name, v := range w.library {
		name = path.Base(Engine) + "." + strings.TrimPrefix(name, ".")
		hashes[name] = append(hashes[name], hashTexts("version", strconv.Itoa(v)))
	}
	decls := make([]Decl, 0, len(hashes))
	for _, name := range slices.Sorted(maps.Keys(hashes)) {
		d := Decl{name, hashes[name][0]}
		if len(hashes[name]) > 1 {
			d.Hash = hashTexts(hashes[name]...)
		}
		decls = append(decls, d)
	}
	return decls, nil
}

// others adds the modules of others. Which of them import which is not written
// in the project, so where one is reached, all that go.mod lists may be.
func (w *walk) others(hashes map[string][]string) error {
	var behind []string
	for _, name := range w.index.module.modules() {
		if len(w.provided) == 0 {
			return nil
		}
		pin, err := w.index.pinned(name)
		if err != nil {
			return err
		}
		if w.provided[name] {
			hashes["go.sum "+name] = []string{pin}
			continue
		}
		behind = append(behind, name, pin)
	}
	if len(behind) > 0 {
		hashes["go.sum of other modules"] = []string{hashTexts(behind...)}
	}
	return nil
}

// inOrder returns the declarations found: those of one name in the order of
// their package.
func (w *walk) inOrder() []*decl {
	return slices.SortedFunc(maps.Keys(w.found), func(a, b *decl) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.pkg.path, b.pkg.path), cmp.Compare(a.place, b.place))
	})
}
