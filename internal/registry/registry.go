// Package registry knows the models of a project by name: plain models of
// isf.yaml, trained checkpoints, and the identity's variants in each version.
package registry

import (
	"errors"

	"github.com/identity-shaping/isf/internal/config"
)

// A Model is one entry of the registry.
type Model struct {
	Name         string
	Provider     string
	ID           string
	Temperature  *float64 // nil: not set
	SysPrompt    string   // "" when the model has none
	PromptTarget string   // the target that renders SysPrompt, "" unless it is a dev prompt
	Config       config.Model
}

// A Registry is the models of one project, in the order of registry.json.
type Registry struct{}

// Load finds the models of the project at root. It reads what is there and
// renders dev prompts in memory; it writes nothing.
func Load(root string, cfg *config.Config) (*Registry, error) {
	return nil, errors.New("not written yet")
}

// Models returns all models in order. Those whose prompt is missing have no SysPrompt.
func (r *Registry) Models() []Model { return nil }

// Lookup returns the model with exactly this name; the error suggests a near one,
// or says why the model cannot be used.
func (r *Registry) Lookup(name string) (Model, error) { return Model{}, nil }

// Find is Lookup that ignores letter case where the exact name is not known.
func (r *Registry) Find(name string) (Model, error) { return Model{}, nil }

// JSON returns the bytes of registry.json.
func (r *Registry) JSON() ([]byte, error) { return nil, nil }

// Variants returns the identity's variants in the order of isf.yaml.
func (r *Registry) Variants() []string { return nil }

// Inputs are what a dev prompt is made from.
type Inputs struct {
	Documents string         // folder of the identity documents, relative to the root
	Templates []string       // template files, relative to the root
	Context   map[string]any // what isf.yaml adds: project name and the variant's context
	Output    string         // path of the rendered prompt, relative to the root
}

// Inputs returns what the variant's dev prompt is made from.
func (r *Registry) Inputs(variant string) (Inputs, error) { return Inputs{}, nil }

// RenderDev renders the variant's dev prompt in memory.
func (r *Registry) RenderDev(variant string) (string, error) { return "", nil }

// Release freezes the dev prompts as version and makes it the release in
// isf.yaml, all or nothing. It returns the files it wrote, relative to the root.
func (r *Registry) Release(version string) ([]string, error) { return nil, nil }
