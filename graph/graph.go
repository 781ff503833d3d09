// Package graph knows what a project's targets are made from, and which of
// them are current.
//
// A Target is a named thing a build makes; an Input is something it is made
// from: files, a model, a parameter, code, or another target. A Part describes
// an input at one moment. A Manifest lies beside each output and holds the
// Parts it was made from; it alone decides what is current, so a fresh clone
// whose bytes match is current.
//
// What always holds: the digest of a target's inputs is a hash over its Parts,
// and Diff explains with the same Parts, so an explanation can never disagree
// with the state. A file is believed unread only while the file system says it
// is the file that was hashed. Nothing here writes, except WriteFile, Pending, Sweep
// and Reader.Save; and losing what Save wrote costs time only.
//
// The package knows no network, no store of answers and no configuration.
package graph

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// A Kind says what sort of thing a target is.
type Kind string

const (
	Prompt   Kind = "prompt"   // a rendered system prompt
	Registry Kind = "registry" // the list of models
	Dataset  Kind = "dataset"  // samples to train on
	Table    Kind = "table"    // rows for other pipelines
	Recipe   Kind = "recipe"   // a mix of datasets, prepared for training
	Report   Kind = "report"   // what a reader would mind in the rows of another target
)

// Noun is what the records of such a target are called.
func (k Kind) Noun() string {
	switch k {
	case Dataset, Recipe:
		return "sample"
	case Prompt:
		return "prompt"
	case Registry:
		return "file"
	case Report:
		return "finding"
	}
	return "row"
}

// A Target is a named thing a build makes. New completes its Inputs; after that
// it does not change.
type Target struct {
	Name     string // training/data/facts
	Kind     Kind
	Output   string // path relative to the root, with slashes
	Pipeline string // bare name, "" if no pipeline makes it
	Inputs   []Input
	Errors   string // path of the errors file, "" if none

	OnRequest bool // nobody has asked for it yet, so no group of targets includes it
}

// An Input is something a target is made from.
type Input interface {
	// Part describes the input as it is now. An error means that nothing can
	// be said (an unreadable file, a path outside the root); what is merely
	// missing or broken is a Part that says so.
	Part(r *Reader) (Part, error)
}

// A Graph is a checked set of targets: names are legal and unique, every
// source exists, and nothing needs itself. It may be used by many goroutines.
type Graph struct {
	targets []*Target
	byName  map[string]*Target
	needs   map[*Target][]*Target
	users   map[*Target][]*Target
}

// New checks targets and what they need of each other.
func New(targets []*Target) (*Graph, error) {
	g := &Graph{
		targets: targets,
		byName:  make(map[string]*Target, len(targets)),
		needs:   make(map[*Target][]*Target, len(targets)),
		users:   make(map[*Target][]*Target, len(targets)),
	}
	if err := g.register(); err != nil {
		return nil, err
	}
	for _, t := range targets {
		if err := g.connect(t); err != nil {
			return nil, err
		}
	}
	if loop := g.cycle(); loop != nil {
		return nil, fmt.Errorf("targets need each other in a circle: %s", strings.Join(loop, " → "))
	}
	return g, nil
}

// register fills byName with legal, distinct targets.
func (g *Graph) register() error {
	outputs := make(map[string]string) // manifest path → target
	for _, t := range g.targets {
		if err := CheckName(t.Name); err != nil {
			return err
		}
		if g.byName[t.Name] != nil {
			return fmt.Errorf("two targets are named %q; give one of them another name", t.Name)
		}
		if !filepath.IsLocal(filepath.FromSlash(t.Output)) {
			return fmt.Errorf("output %q of %s is not inside the project", t.Output, t.Name)
		}
		// Outputs that differ in their extension would share a manifest.
		m := ManifestPath(t.Output)
		if other := outputs[m]; other != "" {
			return fmt.Errorf("%s and %s both write %s", other, t.Name, m)
		}
		outputs[m] = t.Name
		g.byName[t.Name] = t
	}
	return nil
}

// connect finds what t needs, and tells inputs where the manifests lie that
// they look into.
func (g *Graph) connect(t *Target) error {
	inputs := slices.Clone(t.Inputs)
	for i, in := range inputs {
		if in, ok := in.(Remote); ok {
			in.manifest = ManifestPath(t.Output)
			inputs[i] = in
		}
		name := needed(in)
		if name == "" {
			continue
		}
		n := g.byName[name]
		if n == nil {
			return fmt.Errorf("%s needs target %q, which does not exist%s", t.Name, name, suggest(name, g.names()))
		}
		if in, ok := in.(Source); ok {
			in.output = n.Output
			inputs[i] = in
		}
		if !slices.Contains(g.needs[t], n) {
			g.needs[t] = append(g.needs[t], n)
			g.users[n] = append(g.users[n], t)
		}
	}
	t.Inputs = inputs
	return nil
}

// needed is the target that must be made before an input is what it says, "" if
// there is none.
func needed(in Input) string {
	switch in := in.(type) {
	case Source:
		return in.Target
	case Model:
		return in.Prompt
	}
	return ""
}

// Targets returns all targets, in the order given to New.
func (g *Graph) Targets() []*Target { return g.targets }

// Target returns the target of that name, nil if there is none.
func (g *Graph) Target(name string) *Target { return g.byName[name] }

func (g *Graph) names() []string {
	names := make([]string, len(g.targets))
	for i, t := range g.targets {
		names[i] = t.Name
	}
	return names
}
