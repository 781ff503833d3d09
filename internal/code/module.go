package code

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A module is what go.mod and go.sum say.
type module struct {
	path     string
	requires map[string]string // module → version
	replaces map[string]string // module, or module and version → its replacement
	sums     map[string]string // "module version" → hash
	uses     map[string]string // module that go.work puts in its place → its folder
	vendored bool              // modules of others lie in the vendor folder
}

func readModule(root string) (*module, error) {
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no go.mod in %s: pipelines are packages of a Go module there", root)
	}
	if err != nil {
		return nil, err
	}
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	m := newModule()
	m.readMod(string(mod))
	m.readSum(string(sum))
	if m.path == "" {
		return nil, &Broken{"go.mod", 1, "go.mod names no module"}
	}
	if work := workFile(root); work != "" {
		return m, m.readWork(work)
	}
	_, err = os.Stat(filepath.Join(root, "vendor", "modules.txt"))
	m.vendored = err == nil
	return m, nil
}

func newModule() *module {
	return &module{requires: make(map[string]string), replaces: make(map[string]string), sums: make(map[string]string), uses: make(map[string]string)}
}

// workFile is the go.work that a build in dir uses, "" if there is none.
func workFile(dir string) string {
	if env := os.Getenv("GOWORK"); env == "off" {
		return ""
	} else if env != "" {
		return env
	}
	dir, err := filepath.Abs(dir)
	for err == nil {
		file := filepath.Join(dir, "go.work")
		if _, err := os.Stat(file); err == nil {
			return file
		}
		if parent := filepath.Dir(dir); parent != dir {
			dir = parent
			continue
		}
		break
	}
	return ""
}

// readWork takes in the folders that stand for modules, and what is replaced in
// the whole workspace. What cannot be read is for the go command to refuse.
func (m *module) readWork(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	work := newModule()
	work.readMod(string(text))
	below := func(dir string) string {
		if filepath.IsAbs(dir) {
			return dir
		}
		return filepath.Join(filepath.Dir(file), filepath.FromSlash(dir))
	}
	for from, to := range work.replaces {
		if isFolder(to) {
			to = below(to)
		}
		m.replaces[from] = to
	}
	for dir := range work.uses {
		dir = below(dir)
		mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err != nil {
			continue
		}
		used := newModule()
		used.readMod(string(mod))
		if used.path != "" && used.path != m.path {
			m.uses[used.path] = dir
		}
	}
	return nil
}

// readMod understands what it must of a go.mod; the go command refuses a wrong one.
func (m *module) readMod(text string) {
	block := ""
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "//")
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case words[0] == ")":
			block = ""
		case len(words) == 2 && words[1] == "(":
			block = words[0]
		case block != "":
			m.directive(block, words)
		default:
			m.directive(words[0], words[1:])
		}
	}
}

func (m *module) directive(verb string, words []string) {
	for i, w := range words {
		if s, err := strconv.Unquote(w); err == nil {
			words[i] = s
		}
	}
	switch {
	case verb == "module" && len(words) == 1:
		m.path = words[0]
	case verb == "require" && len(words) == 2:
		m.requires[words[0]] = words[1]
	case verb == "use" && len(words) == 1:
		m.uses[words[0]] = ""
	case verb == "replace":
		if from, to, ok := strings.Cut(strings.Join(words, " "), " => "); ok {
			m.replaces[from] = to
		}
	}
}

func (m *module) readSum(text string) {
	for line := range strings.Lines(text) {
		if w := strings.Fields(line); len(w) == 3 {
			m.sums[w[0]+" "+w[1]] = w[2]
		}
	}
}

// own reports whether an import path is project code: in the module, and not
// part of the engine.
func (m *module) own(importPath string) bool {
	return (importPath == m.path || strings.HasPrefix(importPath, m.path+"/")) && !engine(importPath)
}

// engine reports whether an import path is part of the engine. Its example
// project and commands are not.
func engine(importPath string) bool {
	rest, in := strings.CutPrefix(importPath, Engine)
	if !in {
		return false
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(rest, "/"), "/")
	switch first {
	case "graph", "cache", "dispatch", "internal":
		return strings.HasPrefix(rest, "/")
	}
	return rest == ""
}

// dir is the folder of a package of the module, relative to the root.
func (m *module) dir(importPath string) string {
	return path.Clean(strings.TrimPrefix(strings.TrimPrefix(importPath, m.path), "/"))
}

// provider returns the module that an import path of others comes from. ok is
// false for the standard library and for the engine.
func (m *module) provider(importPath string) (name string, ok bool) {
	for name = importPath; m.requires[name] == "" && m.uses[name] == ""; name = path.Dir(name) {
		if name == "." || name == "/" {
			return "", false
		}
	}
	return name, name != Engine
}

// pin is the version of a module and its line in go.sum.
func (m *module) pin(name string) string {
	version := name + " " + m.requires[name]
	for _, from := range []string{version, name} {
		if to, replaced := m.replaces[from]; replaced {
			version = to
			break
		}
	}
	return version + " " + m.sums[version]
}

// modules are all modules of others, sorted.
func (m *module) modules() []string {
	all := slices.Collect(maps.Keys(m.uses))
	for name := range m.requires {
		all = append(all, name)
	}
	all = slices.DeleteFunc(all, func(name string) bool { return name == Engine })
	slices.Sort(all)
	return slices.Compact(all)
}
