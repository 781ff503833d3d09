package launch

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A walk collects the digests of source files by path.
type walk struct {
	cache  *statCache
	seen   map[string]string
	linked map[string]bool // folders behind links that were walked, so that a circle ends
}

// module adds the sources of the module in dir. It goes wherever Go can import
// from: not into hidden folders or modules inside, but into testdata, and through
// links, which Go follows when a package is named.
func (w *walk) module(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != dir && (skipped(d.Name()) || isModule(path)):
			return fs.SkipDir
		case d.Type()&fs.ModeSymlink != 0 && !skipped(d.Name()):
			return w.link(path)
		case !d.Type().IsRegular() || !isSource(d.Name()):
			return nil
		}
		return w.file(path, d)
	})
}

// link adds what a link in a module leads to. One that leads nowhere is not for
// Go, either.
func (w *walk) link(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return nil
	}
	if !info.IsDir() {
		if info.Mode().IsRegular() && isSource(filepath.Base(path)) {
			return w.file(path, nil)
		}
		return nil
	}
	to, err := filepath.EvalSymlinks(path)
	if err != nil || w.linked[to] || isModule(to) {
		return nil
	}
	w.linked[to] = true
	return w.module(to)
}

// skipped reports whether a folder is none to import from. Of node_modules that
// is no rule of Go, but nobody's packages are there, and very many files.
func skipped(name string) bool { return name[0] == '.' || name == "node_modules" }

func isModule(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, "go.mod"))
	return err == nil
}

// isSource reports whether Go would compile a file of this name.
func isSource(name string) bool {
	switch filepath.Ext(name) {
	case ".go":
		return !strings.HasSuffix(name, "_test.go")
	case ".s", ".S", ".sx", ".c", ".h", ".hh", ".cc", ".cpp", ".hpp", ".cxx", ".hxx", ".m", ".f", ".F", ".for", ".f90", ".swig", ".swigcxx", ".syso":
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
