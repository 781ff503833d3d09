// Package scaffold writes the files that a project, a pipeline or a recipe
// begins with.
//
// What is written builds at once, on the simulated model, and its comments
// teach. Nothing that exists is overwritten: either all new files can be made,
// or none is.
package scaffold

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"go/format"
	"io/fs"
	"path"
	"strings"
	"text/template"
)

// The templates end in .tmpl, since a go.mod or a Go file would be taken for
// this module's own. Their actions stand in [[ ]], because prompts and system
// prompts have braces of their own.
//
//go:embed project parts
var templates embed.FS

const suffix = ".tmpl"

// A File is one to be written, its path relative to the project with slashes.
type File struct {
	Path string
	Text []byte
	Soft bool // one that is there already is as good, and is kept
}

// renamed are files that a template cannot have the name of: Go's embedding
// leaves dot files out.
var renamed = map[string]string{"gitignore": ".gitignore", "gitattributes": ".gitattributes", "env.example": ".env.example"}

// soft are the files that people, or the site that hosts them, make first.
var soft = map[string]bool{".gitignore": true, ".gitattributes": true, ".env.example": true, "README.md": true, "Makefile": true}

// Project returns the files of a new project.
func Project(o Options) ([]File, error) {
	data, err := o.data()
	if err != nil {
		return nil, err
	}
	var files []File
	err = fs.WalkDir(templates, "project", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		target := strings.TrimSuffix(strings.TrimPrefix(name, "project/"), suffix)
		if dotted, ok := renamed[target]; ok {
			target = dotted
		}
		text, err := render(name, data)
		files = append(files, File{target, text, soft[target]})
		return err
	})
	if err != nil {
		return nil, err
	}
	if data.Sums != nil {
		files = append(files, File{Path: "go.sum", Text: data.Sums})
	}
	return files, nil
}

// render fills a template in; Go files come out as gofmt wants them.
func render(name string, data any) ([]byte, error) {
	text, err := templates.ReadFile(name)
	if err != nil {
		return nil, err
	}
	t, err := template.New(name).Delims("[[", "]]").Funcs(functions).Option("missingkey=error").Parse(string(text))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		return nil, err
	}
	if path.Ext(strings.TrimSuffix(name, suffix)) != ".go" {
		return b.Bytes(), nil
	}
	out, err := format.Source(b.Bytes())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return out, nil
}

var functions = template.FuncMap{"quote": quote, "modpath": modPath}

// quote is a string in YAML, Go or JSON alike.
func quote(s string) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(s)
	return strings.TrimSpace(b.String()), err
}

// modPath is a folder as go.mod wants it, quoted if it holds spaces.
func modPath(dir string) (string, error) {
	if strings.ContainsAny(dir, " \t,()[]{}'\"`") || strings.Contains(dir, "//") {
		return quote(dir)
	}
	return dir, nil
}
