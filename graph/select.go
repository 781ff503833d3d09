package graph

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// Select returns the targets that patterns name, each once, in the order they
// are named; no pattern names none. A pattern is
//
//   - a name, its output's path, or the bare name of a pipeline;
//   - a glob over names or output paths, in which ** matches any folders;
//   - a group, without what is made on request: all, training/data/all (datasets), training/data/prepared/all (recipes);
//   - any of these with + before it, for what they need too, or after it, for
//     what needs them too.
func (g *Graph) Select(patterns []string) ([]*Target, error) {
	var chosen []*Target
	seen := make(map[*Target]bool)
	for _, p := range patterns {
		ts, err := g.selectOne(p)
		if err != nil {
			return nil, err
		}
		for _, t := range ts {
			if !seen[t] {
				seen[t] = true
				chosen = append(chosen, t)
			}
		}
	}
	return chosen, nil
}

func (g *Graph) selectOne(pattern string) ([]*Target, error) {
	rest, needs := strings.CutPrefix(pattern, "+")
	rest, users := strings.CutSuffix(rest, "+")
	ts, err := g.match(path.Clean(strings.ReplaceAll(rest, `\`, "/"))) // as shells of Windows complete it; no name has one
	if err != nil {
		return nil, err
	}
	var all []*Target
	if needs {
		all = g.closure(ts, g.needs)
	} else {
		all = slices.Clone(ts)
	}
	if users {
		for _, t := range ts {
			all = append(all, wanted(g.Users(t))...)
		}
	}
	return all, nil
}

// match finds the targets of a pattern without its plus signs.
func (g *Graph) match(pattern string) ([]*Target, error) {
	switch pattern {
	case AllTargets:
		return wanted(g.targets), nil
	case AllDatasets:
		return g.ofKind(Dataset), nil
	case AllRecipes:
		return g.ofKind(Recipe), nil
	}
	if isGlob(pattern) {
		return g.matchAll(pattern)
	}
	for _, is := range []func(*Target) bool{
		func(t *Target) bool { return t.Name == pattern },
		func(t *Target) bool { return path.Clean(t.Output) == pattern },
		func(t *Target) bool { return t.Pipeline == pattern },
		func(t *Target) bool { return t.Kind == Report && strings.HasSuffix(t.Name, "/"+pattern) },
	} {
		if i := slices.IndexFunc(g.targets, is); i >= 0 {
			return g.targets[i : i+1], nil
		}
	}
	return nil, fmt.Errorf("there is no target %q%s", pattern, suggest(pattern, g.selectable()))
}

func (g *Graph) matchAll(pattern string) ([]*Target, error) {
	if err := checkGlob(pattern); err != nil {
		return nil, err
	}
	var ts []*Target
	for _, t := range g.targets {
		named := matchGlob(pattern, t.Name) || matchGlob(pattern, path.Clean(t.Output))
		if named && (!t.OnRequest || strings.HasSuffix(pattern, "."+string(t.Kind))) {
			ts = append(ts, t)
		}
	}
	if ts == nil {
		return nil, fmt.Errorf("no target matches %q; targets are %s", pattern, list(g.names()))
	}
	return ts, nil
}

// wanted leaves out what nobody has asked for.
func wanted(ts []*Target) []*Target {
	return slices.DeleteFunc(slices.Clone(ts), func(t *Target) bool { return t.OnRequest })
}

func (g *Graph) ofKind(k Kind) []*Target {
	var ts []*Target
	for _, t := range g.targets {
		if t.Kind == k {
			ts = append(ts, t)
		}
	}
	return ts
}

// selectable are the words a person may have meant.
func (g *Graph) selectable() []string {
	known := append(g.names(), AllTargets, AllDatasets, AllRecipes)
	for _, t := range g.targets {
		known = append(known, t.Output)
		if t.Pipeline != "" {
			known = append(known, t.Pipeline)
		}
	}
	return known
}

// list names a few of many.
func list(names []string) string {
	const most = 10
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}
