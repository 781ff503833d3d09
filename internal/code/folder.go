package code

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A module that go.mod replaces by a folder is pinned by no line of go.sum. All
// that lies in the folder stands for its version.

// folder is where a replaced module lies, "" if it is not replaced by a folder,
// or is the engine.
func (m *module) folder(name string) string {
	if name == Engine {
		return ""
	}
	for _, from := range []string{name + " " + m.requires[name], name} {
		if to, ok := m.replaces[from]; ok {
			if strings.HasPrefix(to, "./") || strings.HasPrefix(to, "../") || filepath.IsAbs(to) {
				return to
			}
			return ""
		}
	}
	return ""
}

// folders are those of all required modules.
func (m *module) folders() (all []string) {
	for name := range m.requires {
		if dir := m.folder(name); dir != "" {
			all = append(all, dir)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// folderDigest names what lies in a folder, which may be outside the project.
// Hidden files and other modules within do not count.
func (x *Index) folderDigest(dir string) (string, error) {
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(x.root, filepath.FromSlash(dir))
	}
	var texts []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path != dir && d.Name()[0] == '.', path != dir && d.IsDir() && isModule(path):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !d.Type().IsRegular():
			return nil
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		digest, err := digestOf(path)
		texts = append(texts, filepath.ToSlash(rel), digest)
		return err
	})
	return hashTexts(texts...), err
}

func isModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}
