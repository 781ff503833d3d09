package code

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// A module that go.mod or go.work puts a folder in the place of is pinned by no
// line of go.sum, and neither is one that lies in the vendor folder, where
// anybody can edit it. All that lies in the folder stands for its version.

// folder is where a module lies beside the project or in it, "" if it is where go
// keeps modules, or is the engine.
func (m *module) folder(name string) string {
	if name == Engine {
		return ""
	}
	if dir := m.uses[name]; dir != "" {
		return dir
	}
	if m.vendored {
		return path.Join("vendor", name)
	}
	for _, from := range []string{name + " " + m.requires[name], name} {
		if to, ok := m.replaces[from]; ok {
			if isFolder(to) {
				return to
			}
			return ""
		}
	}
	return ""
}

// isFolder says that a replacement is a folder and not a module.
func isFolder(to string) bool {
	return strings.HasPrefix(to, "./") || strings.HasPrefix(to, "../") || filepath.IsAbs(to)
}

// folders are those of all modules.
func (m *module) folders() (all []string) {
	for _, name := range m.modules() {
		if dir := m.folder(name); dir != "" {
			all = append(all, dir)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// pinned is what a module is, as far as it can be told from here.
func (x *Index) pinned(name string) (string, error) {
	if dir := x.module.folder(name); dir != "" {
		digest, err := x.folderDigest(dir)
		return hashTexts(digest), err
	}
	return hashTexts(x.module.pin(name)), nil
}

// folderDigest names what lies in a folder, which may be outside the project and
// need not be there: not all that go.mod requires is vendored. Hidden files and
// other modules within do not count.
func (x *Index) folderDigest(dir string) (string, error) {
	inside := filepath.IsLocal(filepath.FromSlash(dir))
	from := dir
	if !filepath.IsAbs(dir) {
		from = filepath.Join(x.root, filepath.FromSlash(dir))
	}
	var texts []string
	err := filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && name == from:
			return fs.SkipAll
		case err != nil:
			return err
		case name != from && d.Name()[0] == '.', name != from && d.IsDir() && isModule(name):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !d.Type().IsRegular():
			return nil
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		digest := digestOf
		if inside { // in the project, where what has not changed need not be read
			digest, name = x.opts.Digest, path.Join(dir, rel)
		}
		sum, err := digest(name)
		texts = append(texts, rel, sum)
		return err
	})
	return hashTexts(texts...), err
}

func isModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}
