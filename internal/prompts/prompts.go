// Package prompts renders the templates of a project: system prompts of the
// identity and the prompts of pipelines.
//
// A template is named by its path below one folder, with slashes. Nothing
// outside of that folder can be read, neither by .., nor by an absolute path,
// nor through a symbolic link that leads out. Includes resolve from the folder
// itself, never from the template that includes. The language is Jinja2's; see
// package jinja.
package prompts

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/identity-shaping/isf/internal/prompts/jinja"
)

// Version names the rendering. It changes when the same template and context
// may render to other bytes, so that what was rendered before is looked at anew.
const Version = "1"

// A Map is a mapping that templates see in its own order.
type Map = jinja.Dict

// NewMap returns an empty Map.
func NewMap() *Map { return jinja.NewDict() }

// An Engine renders the templates of one folder. Many goroutines may use it;
// each template is read and parsed once, so an Engine lives as long as one
// command, not as long as the folder stays the same.
type Engine struct {
	root *os.Root // nil: there is no such folder, and thus no templates
	dir  string
	env  *jinja.Env
}

// New returns an Engine for the templates in dir. A folder that is missing has
// no templates; that is an error of the first template asked for.
func New(dir string) (*Engine, error) {
	root, err := os.OpenRoot(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open the templates folder: %w", err)
	}
	if err != nil {
		root = nil
	}
	e := &Engine{root: root, dir: dir}
	e.env = jinja.New(e.load)
	return e, nil
}

// Close releases the folder. The Engine renders no further templates after it.
func (e *Engine) Close() error {
	if e.root == nil {
		return nil
	}
	return e.root.Close()
}

// Render renders the named template with the variables of ctx.
func (e *Engine) Render(name string, ctx map[string]any) (string, error) {
	t, err := e.env.Template(name)
	if err != nil {
		return "", err
	}
	return t.Render(ctx)
}

// RenderString renders a template that is not in a file. It may include those
// that are.
func (e *Engine) RenderString(src string, ctx map[string]any) (string, error) {
	t, err := e.env.Parse("<template>", src)
	if err != nil {
		return "", err
	}
	return t.Render(ctx)
}

// load reads a template's source.
func (e *Engine) load(name string) (string, error) {
	if !valid(name) {
		return "", fmt.Errorf("%q is not a path below %s: %w", name, e.dir, fs.ErrNotExist)
	}
	missing := fmt.Errorf("%s: %w in %s", name, fs.ErrNotExist, e.dir)
	if e.root == nil {
		return "", missing
	}
	text, err := e.root.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", missing
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	if !utf8.Valid(text) {
		return "", fmt.Errorf("%s: the file is not UTF-8 text", name)
	}
	return string(text), nil
}

// valid tells whether a name stays below the folder. Jinja2 refuses .. alike.
func valid(name string) bool {
	return name != "" && !strings.HasPrefix(name, "/") && !strings.ContainsAny(name, "\\\x00") &&
		!slices.Contains(strings.Split(name, "/"), "..")
}

// Files returns name and every template it may include, import or extend,
// directly or not: name first, the others sorted. Templates that are missing
// are listed too, because they would change the result by coming into being.
// Where a name is computed while rendering, all templates of the folder are
// listed.
func (e *Engine) Files(name string) ([]string, error) {
	seen := map[string]bool{name: true}
	open := false
	for queue := []string{name}; len(queue) > 0; queue = queue[1:] {
		t, err := e.env.Template(queue[0])
		if err != nil {
			if queue[0] == name || !errors.Is(err, fs.ErrNotExist) {
				return nil, err
			}
			continue
		}
		names, computed := t.References()
		open = open || computed
		for _, n := range names {
			if n = path.Clean(n); !seen[n] {
				seen[n] = true
				queue = append(queue, n)
			}
		}
	}
	if open {
		if err := e.addAll(seen); err != nil {
			return nil, err
		}
	}
	delete(seen, name)
	files := []string{}
	for f := range seen {
		files = append(files, f)
	}
	slices.Sort(files)
	return append([]string{name}, files...), nil
}

// Wants returns the variables that a template and those it may include read,
// its own first.
func (e *Engine) Wants(name string) ([]string, error) {
	files, err := e.Files(name)
	if err != nil {
		return nil, err
	}
	var wants []string
	for _, f := range files {
		t, err := e.env.Template(f)
		if errors.Is(err, fs.ErrNotExist) && f != name {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, w := range t.Wants() {
			if !slices.Contains(wants, w) {
				wants = append(wants, w)
			}
		}
	}
	return wants, nil
}

// addAll adds every file of the folder.
func (e *Engine) addAll(seen map[string]bool) error {
	return fs.WalkDir(e.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			seen[name] = true
		}
		return err
	})
}
