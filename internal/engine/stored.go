package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"github.com/identity-shaping/isf/graph"
)

// stored makes targets of the manifests in training/data whose pipelines are not
// there: all of them, for an isf that knows none, because its own code does not
// compile or is not to be run; else those of the Python toolkit that have not
// been ported yet. Files, models and prompts are looked at as ever. Code and
// parameters are taken to be what the last build had. A manifest that cannot be
// read makes a target too, whose state says so, if there are rows beside it.
func (p *Project) stored(known []*graph.Target) []*graph.Target {
	have := map[string]bool{}
	for _, t := range known {
		have[t.Name] = true
	}
	type found struct {
		target *graph.Target
		parts  []graph.Part
	}
	var all []found
	// What cannot be walked is as good as not there.
	_ = fs.WalkDir(p.Files.FS(), dataDir, func(name string, d fs.DirEntry, err error) error {
		stem, isManifest := strings.CutSuffix(name, ".manifest.json")
		if err != nil || d.IsDir() || !isManifest || have[stem] || graph.CheckName(stem) != nil {
			return nil
		}
		t := &graph.Target{Name: stem, Output: stem + ".jsonl", Errors: stem + ".errors.jsonl"}
		m, err := graph.ReadManifest(filepath.Join(p.Root, filepath.FromSlash(name)))
		if err != nil {
			if _, err := p.Files.Stat(t.Output); err == nil && len(p.Pipelines) == 0 {
				t.Kind, t.Pipeline = graph.Dataset, strings.TrimPrefix(stem, dataDir+"/")
				all, have[stem] = append(all, found{t, nil}), true
			}
			return nil
		}
		if m.Pipeline == "" {
			return nil
		}
		if m.Format == 0 && m.Mix == nil {
			m.Kind = graph.Dataset // the Python toolkit makes nothing else
		} else if len(p.Pipelines) > 0 {
			return nil // its pipeline was taken out
		}
		if m.Kind != graph.Dataset && m.Kind != graph.Table {
			return nil
		}
		t.Kind, t.Pipeline = m.Kind, m.Pipeline
		all, have[stem] = append(all, found{t, m.Parts}), true
		return nil
	})
	var targets []*graph.Target
	for _, f := range all {
		for _, part := range f.parts {
			f.target.Inputs = append(f.target.Inputs, p.storedInput(part, have))
		}
		targets = append(targets, f.target)
	}
	return targets
}

// storedInput is the input that a part of a manifest describes.
func (p *Project) storedInput(part graph.Part, targets map[string]bool) graph.Input {
	if path.IsAbs(part.Ref) || filepath.IsAbs(part.Ref) {
		return asBuilt{p.codes, part} // of the machine that it was made on
	}
	switch part.Type {
	case graph.TypeFile:
		return graph.File{Attr: part.Attr, Path: part.Ref}
	case graph.TypeDir:
		return graph.Dir{Attr: part.Attr, Path: part.Ref}
	case graph.TypeGlob:
		return graph.Glob{Attr: part.Attr, Pattern: part.Ref}
	case graph.TypePrompt:
		return p.promptInput(part.Attr, part.Ref)
	case graph.TypeModel:
		m, err := p.Registry.Lookup(part.Ref)
		m.Name = part.Ref
		return modelInput(part.Attr, m, err)
	case graph.TypeTarget:
		if targets[part.Ref] {
			return graph.Source{Attr: part.Attr, Target: part.Ref}
		}
	}
	return asBuilt{p.codes, part}
}

// asBuilt is an input that is taken to be what it was.
type asBuilt struct {
	codes *codes
	part  graph.Part
}

// Part returns the stored part; of code that does not compile it says so.
func (h asBuilt) Part(*graph.Reader) (graph.Part, error) {
	if h.part.Type == graph.TypeCode && h.codes.broken != nil {
		return graph.Part{Type: graph.TypeCode, Attr: graph.TypeCode, Problem: brief(h.codes.broken).Error()}, nil
	}
	return h.part, nil
}

// byToolkit says that the Python toolkit made what there is of t.
func (p *Project) byToolkit(t *graph.Target) bool {
	m, err := graph.ReadManifest(filepath.Join(p.Root, filepath.FromSlash(graph.ManifestPath(t.Output))))
	return err == nil && m.Format == 0
}

var errNoCode = errors.New("this isf runs without the project's pipelines")

// runnable returns the pipeline that makes t, if it may run.
func (p *Project) runnable(t *graph.Target) (*Pipeline, error) {
	q, err := p.Pipeline(t.Pipeline)
	switch {
	case p.codes.broken != nil:
		return nil, p.codes.broken
	case err == nil:
		return q, nil
	case p.byToolkit(t):
		return nil, fmt.Errorf("pipeline '%s' is one of the Python toolkit: write it in Go to build it again, as docs/migrating.md shows; `isf train data prep` mixes what it made", t.Pipeline)
	case len(p.Pipelines) == 0:
		return nil, fmt.Errorf("%w: leave out --stock, or run it in a project that has its own cmd/isf", errNoCode)
	}
	return nil, err
}
