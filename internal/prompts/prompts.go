// Package prompts renders the templates of a project: system prompts of the
// identity and the prompts of pipelines.
package prompts

import "errors"

// Version names the rendering. It changes when the same template and context
// may render to other bytes, so that what was rendered before is looked at anew.
const Version = "1"

// An Engine renders the templates of one folder. It may be used by many
// goroutines; each template is read and parsed once.
type Engine struct{}

// New returns an Engine for the templates in dir. Nothing outside dir can be read.
func New(dir string) (*Engine, error) { return &Engine{}, nil }

// Render renders the named template; name is relative to the folder.
func (e *Engine) Render(name string, ctx map[string]any) (string, error) {
	return "", errors.New("not written yet")
}

// RenderString renders a template that is not in a file.
func (e *Engine) RenderString(src string, ctx map[string]any) (string, error) {
	return "", errors.New("not written yet")
}

// Files returns name and every template it may include, import or extend,
// directly or not, relative to the folder, sorted after name.
func (e *Engine) Files(name string) ([]string, error) { return []string{name}, nil }

// FromJSON returns what templates see of v: its JSON fields. Mappings keep
// the order of the JSON text.
func FromJSON(v any) (map[string]any, error) { return nil, errors.New("not written yet") }
