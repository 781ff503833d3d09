package code

import (
	"errors"
	"go/ast"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// An embed is one pattern of a go:embed directive.
type embed struct {
	Dir     string `json:"dir"` // of the package, relative to the root
	Pattern string `json:"pattern"`
}

// A directive is a go:embed comment, which belongs to the next variable.
type directive struct {
	pos      token.Pos
	patterns []string
}

func embedDirectives(syntax *ast.File) []directive {
	var ds []directive
	for _, group := range syntax.Comments {
		for _, c := range group.List {
			if args, ok := strings.CutPrefix(c.Text, "//go:embed "); ok {
				ds = append(ds, directive{c.Pos(), splitPatterns(args)})
			}
		}
	}
	return ds
}

// splitPatterns splits at spaces; patterns may be quoted as Go strings are.
func splitPatterns(args string) []string {
	var patterns []string
	for args = strings.TrimSpace(args); args != ""; args = strings.TrimSpace(args) {
		word := strings.Fields(args)[0]
		if quoted, err := strconv.QuotedPrefix(args); err == nil {
			word = quoted
		}
		args = args[len(word):]
		if plain, err := strconv.Unquote(word); err == nil {
			word = plain
		}
		patterns = append(patterns, word)
	}
	return patterns
}

// claim returns the patterns of the directives before a variable at pos.
func (s *source) claim(dir string, pos token.Pos) []embed {
	var es []embed
	for len(s.embeds) > 0 && s.embeds[0].pos < pos {
		for _, pattern := range s.embeds[0].patterns {
			es = append(es, embed{dir, pattern})
		}
		s.embeds = s.embeds[1:]
	}
	return es
}

// withEmbedded is the hash of a declaration with the files it embeds.
func (x *Index) withEmbedded(d *decl) (string, error) {
	if len(d.embed) == 0 {
		return d.hash, nil
	}
	content, err := x.embedded(d.embed)
	if err != nil {
		return "", err
	}
	return hashTexts(d.hash, content), nil
}

// embedded digests the files that patterns embed, with their names.
func (x *Index) embedded(es []embed) (string, error) {
	var texts []string
	for _, e := range es {
		files, err := x.embeddedFiles(e)
		if err != nil {
			return "", err
		}
		texts = append(texts, e.Pattern)
		for _, file := range files {
			digest, err := x.opts.Digest(file)
			if err != nil {
				return "", err
			}
			texts = append(texts, file, digest)
		}
	}
	return hashTexts(texts...), nil
}

// embeddedFiles lists the files of a pattern, as go build does: of folders all
// that is not hidden, with the prefix all: that too.
func (x *Index) embeddedFiles(e embed) ([]string, error) {
	pattern, hidden := strings.CutPrefix(e.Pattern, "all:")
	dir := os.DirFS(x.root)
	matches, err := fs.Glob(dir, path.Join(escapeGlob(e.Dir), pattern))
	if err != nil {
		return nil, nil // the go command says so better
	}
	var files []string
	for _, m := range matches {
		err := fs.WalkDir(dir, m, func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case name != m && !hidden && (d.Name()[0] == '.' || d.Name()[0] == '_'):
				if d.IsDir() {
					return fs.SkipDir
				}
			case d.Type().IsRegular():
				files = append(files, name)
			}
			return nil
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}

// escapeGlob makes a path match itself only.
func escapeGlob(name string) string {
	return strings.NewReplacer("*", `\*`, "?", `\?`, "[", `\[`, `\`, `\\`).Replace(name)
}

// sourceFiles lists what decides which declarations there are: go.mod, go.sum
// and the Go files of the module that are not the engine's.
func (x *Index) sourceFiles() ([]string, error) {
	var files []string
	dir := os.DirFS(x.root)
	err := fs.WalkDir(dir, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && x.foreign(name):
			return fs.SkipDir
		case name == "go.mod", name == "go.sum":
			files = append(files, name)
		case d.Type().IsRegular() && isSource(d.Name()) && x.module.own(path.Join(x.module.path, path.Dir(name))):
			files = append(files, name)
		}
		return nil
	})
	return files, err
}

// foreign reports whether a folder holds no packages of the module.
func (x *Index) foreign(dir string) bool {
	if dir == "." {
		return false
	}
	base := path.Base(dir)
	if base[0] == '.' || base[0] == '_' || base == "testdata" || base == "vendor" {
		return true
	}
	return isModule(filepath.Join(x.root, filepath.FromSlash(dir)))
}
