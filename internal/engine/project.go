package engine

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/config"
	"github.com/identity-shaping/isf/internal/prompts"
	"github.com/identity-shaping/isf/internal/recipes"
	"github.com/identity-shaping/isf/internal/registry"
	"github.com/identity-shaping/isf/internal/sim"
)

// A Project is a folder with isf.yaml and the pipelines compiled for it.
type Project struct {
	Root      string
	Files     *os.Root
	Config    *config.Config
	Registry  *registry.Registry
	Pipelines []*Pipeline
	Graph     *graph.Graph

	recipes []recipes.Found
	prompts *prompts.Engine // nil where the project has no prompts folder
	codes   *codes
	pins    pins
	ledger  *ledger
	sim     http.Handler // answers provider "sim"; replaced in tests
}

// promptsDir holds the prompts of pipelines.
const promptsDir = "prompts"

// dataDir is where pipelines put their output.
const dataDir = "training/data"

// Open reads the project at root and makes the graph of its targets. sets are
// parameters given on the command line, as PIPELINE.NAME=VALUE or NAME=VALUE;
// overlays are files to lay over isf.yaml.
func Open(root string, pipelines []*Pipeline, sets []string, overlays ...string) (*Project, error) {
	files, err := os.OpenRoot(root)
	if err != nil {
		return nil, err
	}
	p := &Project{Root: root, Files: files, Pipelines: pipelines, ledger: newLedger(root, time.Now), sim: sim.New(sim.Options{})}
	if err := p.load(sets, overlays); err != nil {
		_ = files.Close()
		return nil, err
	}
	return p, nil
}

func (p *Project) load(sets, overlays []string) (err error) {
	if p.Config, err = config.Load(p.Root, overlays...); err != nil {
		return err
	}
	if p.Registry, err = registry.Load(p.Root, p.Config); err != nil {
		return err
	}
	if dir := filepath.Join(p.Root, promptsDir); isDir(dir) {
		if p.prompts, err = prompts.New(dir); err != nil {
			return err
		}
	}
	if err := p.bind(sets); err != nil {
		return err
	}
	p.codes = newCodes(p.Root)
	p.Graph, err = p.graph()
	return err
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// legalName is what a target's name may be. It becomes a path.
var legalName = regexp.MustCompile(`^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$`)

func (p *Project) bind(sets []string) error {
	seen := map[string]*Pipeline{} // by names as disks see them that make no difference between a and A
	for _, q := range p.Pipelines {
		if !legalName.MatchString(q.Name) || slices.Contains(strings.Split(q.Name, "/"), "..") {
			return fmt.Errorf("%s: pipeline name %q: use letters, digits, dots, dashes and underscores, with / between parts; .. is no part", p.place(q), q.Name)
		}
		switch other, taken := seen[strings.ToLower(q.Name)]; {
		case taken && other.Name == q.Name:
			return fmt.Errorf("%s: two pipelines are named %q, the other at %s: give one of them another name", p.place(q), q.Name, p.place(other))
		case taken:
			return fmt.Errorf("%s: pipelines %q and %q, at %s, differ only in the case of letters, and would write the same file on many disks: give one of them another name", p.place(q), q.Name, other.Name, p.place(other))
		}
		seen[strings.ToLower(q.Name)] = q
		if err := q.Bind(); err != nil {
			return fmt.Errorf("%s: %w", p.place(q), err)
		}
	}
	if err := p.configured(); err != nil {
		return err
	}
	if err := p.given(sets); err != nil {
		return err
	}
	return p.checkData()
}

// place is where a pipeline is registered.
func (p *Project) place(q *Pipeline) string {
	return fmt.Sprintf("%s:%d", relative(p.Root, q.File), q.Line)
}

// configured applies `pipelines:` of isf.yaml.
func (p *Project) configured() error {
	for name, params := range p.Config.Pipelines {
		for key, param := range params {
			where := param.Place + ": "
			q, err := p.Pipeline(name)
			if err != nil {
				if len(p.Pipelines) == 0 {
					continue // built without pipelines: nothing to check against
				}
				return fmt.Errorf("%s%w", where, err)
			}
			if err := q.Set(key, param.Value); err != nil {
				return fmt.Errorf("%s%w", where, err)
			}
		}
	}
	return nil
}

// given applies --set.
func (p *Project) given(sets []string) error {
	for _, s := range sets {
		key, value, found := strings.Cut(s, "=")
		if !found {
			return Usagef("--set %s: write NAME=VALUE or PIPELINE.NAME=VALUE", s)
		}
		pipelines := p.Pipelines
		if i := strings.LastIndex(key, "."); i >= 0 {
			q, err := p.Pipeline(key[:i])
			if err != nil {
				return Usagef("--set %s: %w", s, err)
			}
			pipelines, key = []*Pipeline{q}, key[i+1:]
		}
		if err := setOne(pipelines, key, value); err != nil {
			return Usagef("--set %s: %w", s, err)
		}
	}
	return nil
}

// setOne sets key in each of pipelines that has it, and there must be one.
func setOne(pipelines []*Pipeline, key, value string) error {
	unknown := &unknownError{what: fmt.Sprintf("no pipeline has a parameter %q", key), name: key}
	set := false
	for _, q := range pipelines {
		err := q.Set(key, rawJSON(value))
		if missing, ok := errors.AsType[*unknownError](err); ok {
			unknown.known = append(unknown.known, missing.known...)
			continue
		}
		if err != nil {
			return err
		}
		set = true
	}
	if !set {
		return unknown
	}
	return nil
}

// rawJSON passes text through json.Marshal as it is where it is JSON, and as
// a string where it is not.
func rawJSON(text string) any {
	var raw jsonText
	if raw.valid(text) {
		return jsonText(text)
	}
	return text
}

// Pipeline returns the pipeline of that name.
func (p *Project) Pipeline(name string) (*Pipeline, error) {
	var known []string
	for _, q := range p.Pipelines {
		if q.Name == name {
			return q, nil
		}
		known = append(known, q.Name)
	}
	return nil, &unknownError{what: fmt.Sprintf("there is no pipeline %q", name), name: name, known: known}
}

// Close lets go of the project's folder.
func (p *Project) Close() error {
	p.ledger.close()
	return p.Files.Close()
}

// Share is the folder of answers that others have published, "" if there is
// none.
func (p *Project) Share() string {
	dir := filepath.FromSlash(p.Config.Cache.Share)
	if dir == "" || filepath.IsAbs(dir) {
		return dir
	}
	return filepath.Join(p.Root, dir)
}
