package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"path"
	"slices"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/config"
	"github.com/identity-shaping/isf/internal/recipes"
)

// preparedDir is where recipes put their output.
const preparedDir = dataDir + "/prepared"

const parquetExt = ".parquet"

// loadRecipes reads the project's recipes, which take from targets. One that
// is wrong is a target that says so, and keeps nothing else from working.
func (p *Project) loadRecipes(targets []*graph.Target) error {
	var known recipes.Pipelines
	for _, t := range targets {
		switch t.Kind {
		case graph.Dataset:
			known.Datasets = append(known.Datasets, t.Pipeline)
		case graph.Table:
			known.Tables = append(known.Tables, t.Pipeline)
		}
	}
	slices.Sort(known.Datasets) // `all` has this order, in whatever order they are registered
	found, err := recipes.Load(p.Files.FS(), dataDir, known)
	p.recipes = found
	return err
}

func recipeTargetName(recipe string) string { return path.Join(preparedDir, recipe) }

// Recipe returns the target of a recipe that a person named: by its name, its
// file or its target.
func (p *Project) Recipe(name string) (*graph.Target, error) {
	var known []string
	for _, f := range p.recipes {
		target := recipeTargetName(f.Name)
		if slices.Contains([]string{f.Name, f.Path, path.Base(f.Path), target, p.Graph.Target(target).Output}, path.Clean(name)) {
			return p.Graph.Target(target), nil
		}
		known = append(known, f.Name)
	}
	return nil, &unknownError{what: fmt.Sprintf("there is no recipe %q in %s", name, dataDir), name: name, known: known}
}

// Recipes returns the targets of all recipes, sorted by name.
func (p *Project) Recipes() []*graph.Target {
	var all []*graph.Target
	for _, f := range p.recipes {
		all = append(all, p.Graph.Target(recipeTargetName(f.Name)))
	}
	return all
}

// recipeOf is what was found of a target's recipe.
func (p *Project) recipeOf(t *graph.Target) recipes.Found {
	i := slices.IndexFunc(p.recipes, func(f recipes.Found) bool { return recipeTargetName(f.Name) == t.Name })
	return p.recipes[i]
}

// recipeTarget lists what a recipe is made from: each source once, in its
// order.
func recipeTarget(f recipes.Found) *graph.Target {
	name := recipeTargetName(f.Name)
	t := &graph.Target{Name: name, Kind: graph.Recipe, Output: name + ".jsonl"}
	t.Inputs = append(t.Inputs, graph.RecipeFile{Path: f.Path, Err: firstProblem(f.Err)}, graph.Param{Attr: "preparer", Value: recipes.Version})
	if f.Err != nil {
		return t
	}
	if f.Recipe.Parquet {
		t.Output = name + parquetExt
	}
	seen := map[[2]string]bool{}
	for _, s := range f.Recipe.Sources(outputOf) {
		if seen[[2]string{s.Kind, s.Name}] {
			continue
		}
		seen[[2]string{s.Kind, s.Name}] = true
		if s.Kind == recipes.FromPipeline {
			t.Inputs = append(t.Inputs, graph.Source{Attr: s.Name, Target: targetName(s.Name), Mixed: true})
		} else {
			t.Inputs = append(t.Inputs, graph.SampleFile{Attr: s.Name, Path: s.Path})
		}
	}
	return t
}

// firstProblem is short enough for a line of status.
func firstProblem(err error) error {
	problems, ok := errors.AsType[config.Problems](err)
	if !ok {
		return err
	}
	first := problems[0]
	first.Excerpt = ""
	if len(problems) == 1 {
		return first
	}
	return fmt.Errorf("%w (and %d more)", first, len(problems)-1)
}

func outputOf(pipeline string) string { return targetName(pipeline) + ".jsonl" }

// mixOf says in a manifest what a recipe took from where.
func mixOf(r *recipes.Recipe, rep recipes.Report, stale map[string]bool) *graph.Mix {
	m := &graph.Mix{
		Recipe: path.Base(r.Path), Mode: string(r.Mode), Seed: r.Seed, Settings: settingsOf(r),
		Categories: map[string]graph.MixCategory{}, Train: rep.Train, Validation: rep.Validation,
	}
	for i, c := range rep.Categories {
		if w := r.Categories[i].Weight; w != nil && r.Mode == recipes.Weighted {
			if m.Weights == nil {
				m.Weights = map[string]json.RawMessage{}
			}
			m.Weights[c.Name] = decimal(w)
		}
		out := graph.MixCategory{Used: c.Used, Available: c.Available, Pipelines: map[string]graph.MixSource{}, Files: map[string]graph.MixSource{}}
		for _, s := range c.Sources {
			to := out.Files
			if s.Kind == recipes.FromPipeline {
				to = out.Pipelines
			}
			to[s.Name] = graph.MixSource{Count: s.Usable, Stale: s.Kind == recipes.FromPipeline && stale[s.Name], Dropped: s.Dropped}
		}
		m.Categories[c.Name] = out
	}
	return m
}

// decimal is the number as JSON, exactly: weights are written in decimals.
func decimal(r *big.Rat) json.RawMessage {
	digits, _ := r.FloatPrec()
	return json.RawMessage(r.FloatString(digits))
}

// settingsOf is what a recipe asks for beyond the Python toolkit's keys.
func settingsOf(r *recipes.Recipe) json.RawMessage {
	type split struct {
		Train      json.RawMessage `json:"train"`
		Validation json.RawMessage `json:"validation"`
	}
	s := struct {
		Thinking     map[string]recipes.Thinking `json:"thinking"`
		Dedupe       recipes.Dedupe              `json:"dedupe,omitempty"`
		MaxPerSource int                         `json:"max_per_source,omitempty"`
		Split        *split                      `json:"split,omitempty"`
		Format       recipes.Format              `json:"format"`
		Render       recipes.Format              `json:"render,omitempty"`
		System       string                      `json:"system"`
	}{map[string]recipes.Thinking{}, r.Dedupe, r.MaxPerSource, nil, r.Format, r.Render, "include"}
	if r.Parquet {
		s.Format = recipes.FormatParquet
	}
	for _, c := range r.Categories {
		s.Thinking[c.Name] = c.Thinking
	}
	if r.Split != nil {
		s.Split = &split{decimal(r.Split.Train), decimal(r.Split.Validation)}
	}
	if r.DropSystem {
		s.System = "none"
	}
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // every field has a JSON form
	}
	return text
}
