// Package code digests what a pipeline's code does, as far as syntax tells.
//
// A pipeline is a type in the project's own module. Its digest covers the
// declarations the type reaches there: by name, by selector (which reaches
// every method of that name, as no type is checked), through the exported
// methods of types (which libraries may call), and through what runs unasked in
// reached packages: their inits, and variables whose initial value calls
// something. Embedded files count by content, modules of others by their go.sum
// line or their files, the engine's functions by a version.
//
// What always holds: comments and layout do not count, nor in which file or
// order declarations stand. What is reached is never too little; it may be too
// much, which costs a replay from the cache and nothing else.
package code

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// Engine is the import path of the engine's root package. Nothing in the
// engine counts, except by Options.Versions.
const Engine = "github.com/identity-shaping/isf"

// Code is what a type reaches.
type Code struct {
	Hash  string `json:"hash"` // 16 hex digits
	File  string `json:"file"` // where the type is declared, relative to the root, with slashes
	Decls []Decl `json:"decls"`
}

// A Decl is one thing reached: a declaration, or a module of others.
type Decl struct {
	Name string `json:"name"` // pipelines.buildQuestion
	Hash string `json:"hash"`
}

// Options are what digests depend on beside the sources.
type Options struct {
	// Versions of the engine's functions that shape requests, by name in its
	// root package; a name like ".Tag" is a method's.
	Versions map[string]int

	// Digest names the bytes of a file, by its path relative to the root; nil
	// reads it.
	Digest func(path string) (string, error)
}

// Broken says that the sources cannot be understood.
type Broken struct {
	File    string // relative to the root
	Line    int
	Message string
}

func (b *Broken) Error() string { return fmt.Sprintf("%s:%d: %s", b.File, b.Line, b.Message) }

// An Index finds declarations in the module as it was when they were first
// asked for. Packages are parsed when they are needed. It may be used by many
// goroutines, one at a time.
type Index struct {
	root   string
	opts   Options
	module *module
	fset   *token.FileSet

	mu       sync.Mutex
	packages map[string]*pkg // by import path; nil while it is being read
	sources  string          // "" until asked for
}

// Load opens the module at root. It reads go.mod and go.sum only.
func Load(root string, o Options) (*Index, error) {
	m, err := readModule(root)
	if err != nil {
		return nil, err
	}
	x := &Index{root: root, opts: o, module: m, fset: token.NewFileSet(), packages: make(map[string]*pkg)}
	if o.Digest == nil {
		x.opts.Digest = x.digestFile
	}
	return x, nil
}

// Of returns what a type of the module reaches. pkgPath is as reflection tells
// it: "main" stands for cmd/isf. The error is a *Broken if sources cannot be
// understood.
func (x *Index) Of(pkgPath, typeName string) (Code, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	code, _, err := x.of(pkgPath, typeName)
	return code, err
}

// walked finds what a type reaches.
func (x *Index) walked(pkgPath, typeName string) (*walk, error) {
	doorway := x.module.path + "/cmd/isf"
	if pkgPath == "main" {
		pkgPath = doorway
	}
	p, err := x.load(pkgPath)
	if err != nil {
		return nil, err
	}
	name, _, _ := strings.Cut(typeName, "[") // type arguments
	root := p.decls[name]
	if root == nil || root.kind != token.TYPE {
		return nil, fmt.Errorf("package %s declares no type %s", pkgPath, name)
	}
	w := newWalk(x, p)
	w.root = root
	if d, err := x.load(doorway); err == nil {
		w.know(d) // what it links may be called through interfaces
	} else if !errors.As(err, new(*missingError)) {
		return nil, err
	}
	w.reachAll(root)
	w.run()
	return w, nil
}

// of also returns the patterns of the embedded files that were reached.
func (x *Index) of(pkgPath, typeName string) (Code, []embed, error) {
	w, err := x.walked(pkgPath, typeName)
	if err != nil {
		return Code{}, nil, err
	}
	decls, err := w.result()
	if err != nil {
		return Code{}, nil, err
	}
	return Code{Hash: hashDecls(decls), File: w.root.file, Decls: decls}, w.embeds, nil
}

func hashDecls(decls []Decl) string {
	texts := []string{"isf code 1"}
	for _, d := range decls {
		texts = append(texts, d.Name, d.Hash)
	}
	return hashTexts(texts...)
}

func (x *Index) digestFile(path string) (string, error) {
	return digestOf(filepath.Join(x.root, filepath.FromSlash(path)))
}

func digestOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
