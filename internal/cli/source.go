package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/config"
	"github.com/identity-shaping/isf/internal/engine"
)

// A source is a file of rows to look at: a target's output, or a file that
// somebody has before there is a target.
type source struct {
	name   string        // as a command takes it
	target *graph.Target // nil for a plain file
	path   string        // of the rows, on disk
	errors string        // of the error rows, "" if there are none
	failed string        // of the error rows of a run that did not count, "" if there are none
	notice string        // what to know before looking
}

// sources are what the arguments name, and the project they are in; nil outside
// of one, where only files can be named. An argument is taken for a file if no
// target has this name.
func (a *app) sources(args []string) (*workspace, []source, error) {
	w, err := a.open(nil)
	if _, none := errors.AsType[*config.NoProject](err); none && len(args) > 0 {
		found, missing := files(args)
		if missing == "" {
			return nil, found, nil
		}
		return nil, nil, fmt.Errorf("there is no file %s, and no project here whose target it could be (%w)", missing, err)
	}
	if err != nil {
		return nil, nil, err
	}
	found, err := w.sources(args)
	if err != nil {
		w.close()
		return nil, nil, err
	}
	return w, found, nil
}

// source is the only one that a name means.
func (a *app) source(name string) (*workspace, source, error) {
	w, found, err := a.sources([]string{name})
	if err != nil {
		return nil, source{}, err
	}
	if len(found) != 1 {
		w.close()
		return nil, source{}, engine.Usagef("%q names %d targets, and one can be looked at: %s …", name, len(found), found[0].name)
	}
	return w, found[0], nil
}

func files(args []string) (found []source, missing string) {
	for _, name := range args {
		if !isFile(name) {
			return nil, name
		}
		found = append(found, source{name: name, path: name})
	}
	return found, ""
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

func (w *workspace) sources(args []string) ([]source, error) {
	if len(args) == 0 {
		return w.built(), nil
	}
	var all []source
	for _, arg := range args {
		targets, err := w.Graph.Select([]string{arg})
		if err != nil && isFile(arg) {
			all = append(all, source{name: arg, path: arg})
			continue
		}
		if err != nil {
			return nil, engine.Usagef("%w", err)
		}
		for _, t := range targets {
			s, err := w.source(t)
			if err != nil && len(targets) > 1 {
				continue // of a group, what is there
			}
			if err != nil {
				return nil, err
			}
			all = append(all, s)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: nothing of it has rows yet; build it with `isf build %s`", strings.Join(args, " "), strings.Join(args, " "))
	}
	return all, nil
}

// built returns every target that has rows.
func (w *workspace) built() []source {
	var all []source
	for _, t := range w.Graph.Targets() {
		if s, err := w.source(t); err == nil {
			all = append(all, s)
		}
	}
	return all
}

// source finds a target's rows. Without a full output those of a build with -n
// do.
func (w *workspace) source(t *graph.Target) (source, error) {
	if t.Kind == graph.Prompt || t.Kind == graph.Registry || t.Kind == graph.Report {
		return source{}, engine.Usagef("%s is a %s and has no rows to look at", t.Name, t.Kind)
	}
	s := source{name: t.Name, target: t, path: w.onDisk(t.Output)}
	if t.Errors != "" {
		s.errors, s.failed = w.onDisk(t.Errors), w.onDisk(engine.FailedPath(t))
	}
	if isFile(s.path) {
		return s, nil
	}
	if partial := w.onDisk(engine.PartialPath(t.Output)); isFile(partial) {
		s.path, s.notice = partial, fmt.Sprintf("%s was built with -n only: this is its partial output", t.Name)
		return s, nil
	}
	return s, fmt.Errorf("%s has no rows yet: build it with `isf build %s`", t.Name, t.Name)
}

func (w *workspace) onDisk(name string) string {
	return filepath.Join(w.Root, filepath.FromSlash(name))
}

// Which rows of a source are meant.
type which int

const (
	outputRows which = iota
	errorRows        // records that failed in the build that made the output
	failedRows       // all of the last build that failed as a whole: of records that failed, then of those that did not
)

// file opens the source's rows.
func (s source) file(w which) (*os.File, error) {
	switch {
	case w == outputRows:
		return os.Open(s.path)
	case s.errors == "":
		return nil, engine.Usagef("%s is a file, and only targets have error rows", s.name)
	case w == failedRows:
		f, err := os.Open(s.failed)
		if !errors.Is(err, fs.ErrNotExist) {
			return f, err
		}
		if isFile(s.path) {
			return nil, fmt.Errorf("%s: no build of it has failed beside its output; --errors has the records that failed in its last build", s.name)
		}
	}
	f, err := os.Open(s.errors)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s has no error rows: no record failed in its last build", s.name)
	}
	return f, err
}

// wanted are all targets but those that nobody has asked for.
func (w *workspace) wanted() []*graph.Target {
	all, _ := w.Graph.Select([]string{graph.AllTargets}) // a group is always there
	return all
}
