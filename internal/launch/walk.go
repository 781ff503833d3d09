package launch

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A walk collects the digests of source files by path.
type walk struct {
	cache *statCache
	seen  map[string]string
}

// module adds the sources of the module in dir. It goes where Go would go: not
// into hidden folders, testdata or modules inside. Of the project, training
// holds outputs only.
func (w *walk) module(dir, training string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != dir && (path == training || skipped(d.Name()) || isModule(path)):
			return fs.SkipDir
		case d.IsDir() || !d.Type().IsRegular() || !isSource(d.Name()):
			return nil
		}
		return w.file(path, d)
	})
}

func skipped(name string) bool {
	return name[0] == '.' || name[0] == '_' || name == "testdata" || name == "node_modules"
}

func isModule(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, "go.mod"))
	return err == nil
}

// isSource reports whether Go would compile a file of this name.
func isSource(name string) bool {
	switch filepath.Ext(name) {
	case ".go":
		return !strings.HasSuffix(name, "_test.go")
	case ".s", ".c", ".h", ".cc", ".cpp", ".hpp", ".cxx", ".m", ".syso":
		return true
	}
	return false
}

// file adds one file and what it embeds. d may be nil.
func (w *walk) file(path string, d fs.DirEntry) error {
	if _, ok := w.seen[path]; ok {
		return nil
	}
	var info fs.FileInfo
	var err error
	if d != nil && d.Type().IsRegular() {
		info, err = d.Info()
	} else {
		info, err = os.Stat(path)
	}
	if err != nil {
		return err
	}
	f, err := w.cache.look(path, info)
	if err != nil {
		return err
	}
	w.seen[path] = f.Digest
	for _, pattern := range f.Embeds {
		if err := w.embed(filepath.Dir(path), pattern); err != nil {
			return err
		}
	}
	return nil
}

// embed adds the files that a //go:embed pattern in dir means. A pattern that
// means none adds none: the compiler will say so.
func (w *walk) embed(dir, pattern string) error {
	pattern, all := strings.CutPrefix(pattern, "all:")
	matches, err := filepath.Glob(filepath.Join(dir, filepath.FromSlash(pattern)))
	if err != nil {
		return nil
	}
	for _, m := range matches {
		err := filepath.WalkDir(m, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if hidden := d.Name()[0] == '.' || d.Name()[0] == '_'; path != m && hidden && !all {
				if d.IsDir() {
					return fs.SkipDir
				}
				return nil
			}
			if !d.Type().IsRegular() {
				return nil
			}
			return w.file(path, d)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// embeds lists the patterns of a Go file's //go:embed lines.
func embeds(src []byte) []string {
	var out []string
	for line := range strings.Lines(string(src)) {
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), "//go:embed")
		if !ok || rest == "" || (rest[0] != ' ' && rest[0] != '\t') {
			continue
		}
		for rest = strings.TrimSpace(rest); rest != ""; rest = strings.TrimSpace(rest) {
			var pattern string
			if q := rest[0]; q == '"' || q == '`' {
				pattern, rest, _ = strings.Cut(rest[1:], string(q))
			} else if i := strings.IndexAny(rest, " \t"); i >= 0 {
				pattern, rest = rest[:i], rest[i:]
			} else {
				pattern, rest = rest, ""
			}
			out = append(out, pattern)
		}
	}
	return out
}
