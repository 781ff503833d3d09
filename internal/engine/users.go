package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strings"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/graph"
)

// EveryRun asks for all runs whose answers are still known.
const EveryRun = math.MaxInt

// Users tells which targets use an answer.
type Users struct {
	of     map[use]int // → groups
	groups [][]string  // sets of targets; the first is empty
	joined map[join]int
}

// A join is a group that another target enters.
type join struct {
	group  int
	target string
}

// Users reads what the last n runs of these targets used.
func (p *Project) Users(targets []string, n int) (*Users, error) {
	u := &Users{of: map[use]int{}, groups: [][]string{nil}, joined: map[join]int{}}
	for _, t := range targets {
		if err := p.readUses(t, n, func(one use) { u.add(one, t) }); err != nil {
			return nil, err
		}
	}
	return u, nil
}

func (u *Users) add(one use, target string) {
	g := u.of[one]
	if slices.Contains(u.groups[g], target) {
		return
	}
	j := join{g, target}
	id, ok := u.joined[j]
	if !ok {
		id = len(u.groups)
		u.joined[j] = id
		u.groups = append(u.groups, append(slices.Clip(u.groups[g]), target))
	}
	u.of[one] = id
}

// Of returns the targets that use an answer.
func (u *Users) Of(k cache.Key) []string { return u.groups[u.of[useOf(k)]] }

// Used lists the targets that are in use: those whose last runs are known, and
// that either still are targets or still have a manifest.
func (p *Project) Used() ([]string, error) {
	dirs, err := fs.ReadDir(p.Files.FS(), StateDir+"/used")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var targets []string
	for _, d := range dirs {
		if name := strings.ReplaceAll(d.Name(), "~", "/"); d.IsDir() && p.inUse(name) {
			targets = append(targets, name)
		}
	}
	return targets, nil
}

func (p *Project) inUse(target string) bool {
	target = strings.TrimSuffix(target, judgeSuffix)
	if p.Graph.Target(target) != nil {
		return true
	}
	_, err := p.Files.Stat(graph.ManifestPath(target + ".jsonl"))
	return err == nil
}

// KnownUses returns an error that names the first of the targets that has a
// manifest, but of whose runs it is not known here what they used.
func (p *Project) KnownUses(targets []*graph.Target) error {
	for _, t := range targets {
		if t.Pipeline == "" {
			continue
		}
		runs, err := p.runs(t.Name)
		if err != nil {
			return err
		}
		if _, err := p.Files.Stat(graph.ManifestPath(t.Output)); err == nil && !slices.ContainsFunc(runs, run.built) {
			return fmt.Errorf("it is not known which answers %s uses, because it was built elsewhere: `isf build %s --force --offline` finds out and sends nothing", t.Name, t.Name)
		}
	}
	return nil
}
