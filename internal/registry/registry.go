// Package registry knows the models of a project by name: plain models of
// isf.yaml, trained checkpoints, and the identity's variants in each version.
//
// The version dev is what the documents say now: its prompts are rendered in
// memory when the registry is loaded, whatever files lie on disk. The prompts of
// other versions are frozen files. Loading writes nothing, and fails only when
// the project's files cannot be read; a prompt that is missing or does not
// render is an error of the model that needs it, told when that model is used.
package registry

import (
	"fmt"
	"os"
	"strings"

	"github.com/identity-shaping/isf/internal/config"
	"github.com/identity-shaping/isf/internal/near"
)

// devVersion is the version that is rendered from the documents.
const devVersion = "dev"

// A Model is one entry of the registry.
type Model struct {
	Name         string
	Provider     string
	ID           string
	Temperature  *float64 // nil: not set
	SysPrompt    string   // "" when the model has none
	PromptTarget string   // the target that renders SysPrompt, "" unless it is a dev prompt
	PromptFile   string   // where SysPrompt is frozen, relative to the root; "" unless it is a version's
	Config       config.Model

	speaks bool  // it is the identity's: its prompt may be empty, but is never missing
	err    error // why the model cannot be used
}

// A Registry is the models of one project, in the order of registry.json.
type Registry struct {
	root   string
	cfg    *config.Config
	models []Model
	index  map[string]int
	absent map[string]error // names that would be models if a file were there
}

// Load finds the models of the project at root. It reads what is there and
// renders dev prompts in memory; it writes nothing.
func Load(root string, cfg *config.Config) (*Registry, error) {
	files, err := os.OpenRoot(root)
	if err != nil {
		return nil, fmt.Errorf("open the project: %w", err)
	}
	defer files.Close()
	r := &Registry{root: root, cfg: cfg, index: map[string]int{}, absent: map[string]error{}}
	for _, m := range cfg.Models {
		r.add(Model{Name: m.Name, Provider: m.Provider, ID: m.ID, Temperature: m.Temperature, SysPrompt: m.SysPrompt, Config: m})
	}
	if err := r.addCheckpoints(files); err != nil {
		return nil, err
	}
	if err := r.addVersions(files); err != nil {
		return nil, err
	}
	return r, nil
}

// add adds a model. Of two with one name the later counts, in the place of the
// first, as in the Python toolkit.
func (r *Registry) add(m Model) {
	if i, ok := r.index[m.Name]; ok {
		r.models[i] = m
		return
	}
	r.index[m.Name] = len(r.models)
	r.models = append(r.models, m)
}

// Models returns all models in order. Those whose prompt does not render have
// no SysPrompt.
func (r *Registry) Models() []Model { return r.models }

// Lookup returns the model with exactly this name. The error suggests a near
// name, or says why the model cannot be used.
func (r *Registry) Lookup(name string) (Model, error) {
	if i, ok := r.index[name]; ok {
		if err := r.models[i].err; err != nil {
			return Model{}, fmt.Errorf("model %s: %w", name, err)
		}
		return r.models[i], nil
	}
	if err := r.absent[name]; err != nil {
		return Model{}, fmt.Errorf("model %s: %w", name, err)
	}
	return Model{}, &UnknownError{Name: name, Known: r.names()}
}

// Find is Lookup that ignores letter case where the exact name is not known.
func (r *Registry) Find(name string) (Model, error) {
	if _, ok := r.index[name]; !ok && r.absent[name] == nil {
		for _, m := range r.models {
			if strings.EqualFold(m.Name, name) {
				return r.Lookup(m.Name)
			}
		}
	}
	return r.Lookup(name)
}

func (r *Registry) names() []string {
	names := make([]string, len(r.models))
	for i, m := range r.models {
		names[i] = m.Name
	}
	return names
}

// An UnknownError says that no model has a name.
type UnknownError struct {
	Name  string
	Known []string
}

func (e *UnknownError) Error() string {
	switch best := near.Best(e.Name, e.Known); {
	case best != "":
		return fmt.Sprintf("there is no model %q; did you mean %q?", e.Name, best)
	case len(e.Known) == 0:
		return fmt.Sprintf("there is no model %q; isf.yaml defines none", e.Name)
	}
	return fmt.Sprintf("there is no model %q; models are %s", e.Name, strings.Join(e.Known, ", "))
}
