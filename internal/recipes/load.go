package recipes

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
)

// A Found is a recipe's file, and the recipe or what is wrong with it.
type Found struct {
	Name   string
	Path   string
	Recipe *Recipe // nil if Err is set
	Err    error
}

// Load reads the recipes of a folder, *.yaml and *.yml, sorted by name. A
// recipe that is wrong does not keep others from being read.
func Load(project fs.FS, dir string, known Pipelines) ([]Found, error) {
	entries, err := fs.ReadDir(project, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []Found
	for _, e := range entries {
		if ext := path.Ext(e.Name()); e.IsDir() || ext != ".yaml" && ext != ".yml" || e.Name()[0] == '.' {
			continue
		}
		f := Found{Name: NameOf(e.Name()), Path: path.Join(dir, e.Name())}
		if i := slices.IndexFunc(all, func(g Found) bool { return g.Name == f.Name }); i >= 0 {
			return nil, fmt.Errorf("%s and %s are recipes of the same name; rename one of them", all[i].Path, f.Path)
		}
		if f.Name == "all" {
			return nil, fmt.Errorf("%s: a recipe cannot be named \"all\", which means every recipe; rename it", f.Path)
		}
		text, err := fs.ReadFile(project, f.Path)
		if err != nil {
			return nil, err
		}
		f.Recipe, f.Err = Read(f.Path, text, known)
		all = append(all, f)
	}
	return all, nil
}
