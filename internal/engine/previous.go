package engine

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/zeebo/blake3"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/graph"
)

// The output and the record table that a build replaced stay under
// .isf/previous, so that a person can see what the build changed. Losing them
// costs the comparison only.

func previousPath(name string) string {
	return path.Join(StateDir, "previous", flatten(name))
}

// keepPrevious gives the files that a build is about to replace a second name.
// A file system without hard links keeps no previous version.
func (e *Engine) keepPrevious(t *graph.Target) {
	files := e.project.Files
	if files.MkdirAll(path.Join(StateDir, "previous"), 0o700) != nil {
		return
	}
	for _, name := range []string{t.Output, tablePath(t.Name)} {
		_ = files.Remove(previousPath(name))
		_ = files.Link(name, previousPath(name))
	}
}

// A Change is one record that differs between the last two builds. Was is nil
// for one that was added, Now for one that was removed.
type Change struct {
	ID       string
	Was, Now []byte // rows
	Cause    string
}

// ErrNoPrevious says that there is nothing to compare with.
var ErrNoPrevious = errors.New("no earlier build is kept")

// Changes compares the target's rows with those of the build before: first
// what was removed, then what was added or changed, in the order of the rows.
func (p *Project) Changes(t *graph.Target) ([]Change, error) {
	was, err := p.indexRows(previousPath(t.Output))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s was built once: %w", t.Name, ErrNoPrevious)
	}
	if err != nil {
		return nil, err
	}
	now, err := p.indexRows(t.Output)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s has no rows: build it with `isf build %s`", t.Name, t.Name)
	}
	if err != nil {
		return nil, err
	}
	explain, err := p.explainer(t)
	if err != nil {
		return nil, err
	}
	defer explain.close()
	var out []Change
	for _, id := range was.order {
		if _, stays := now.rows[id]; !stays {
			out = append(out, Change{ID: id, Was: was.rows[id].text, Cause: "nothing makes this record any more"})
		}
	}
	for _, id := range now.order {
		before, known := was.rows[id]
		switch {
		case !known:
			out = append(out, Change{ID: id, Now: now.rows[id].text, Cause: "new record"})
		case before.sum != now.rows[id].sum:
			out = append(out, Change{ID: id, Was: before.text, Now: now.rows[id].text, Cause: explain.cause(id)})
		}
	}
	return out, nil
}

// Changed returns what tells of a row of the target, as it stands in the file,
// whether the build before had it with the same content.
func (p *Project) Changed(t *graph.Target) (func(line []byte) (bool, error), error) {
	was := map[string][16]byte{}
	err := p.eachRow(previousPath(t.Output), func(id string, line []byte) (err error) {
		was[id], err = contentSum(line)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s was built once: %w", t.Name, ErrNoPrevious)
	}
	if err != nil {
		return nil, err
	}
	return func(line []byte) (bool, error) {
		sum, err := contentSum(line)
		before, known := was[rowID(line)]
		return !known || sum != before, err
	}, nil
}

// contentSum is a digest of what contentOf returns.
func contentSum(line []byte) ([16]byte, error) {
	text, err := contentOf(line)
	sum := blake3.Sum256(text)
	return [16]byte(sum[:16]), err
}

// ChangeOf compares one record of the target with what it was in the build
// before. It is false where nothing differs, or nothing earlier is kept.
func (p *Project) ChangeOf(t *graph.Target, id string) (c Change, differs bool, err error) {
	was, err := p.findIn(previousPath(t.Output), id)
	if was == nil || err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return c, false, err
	}
	now, err := p.findIn(t.Output, id)
	if now == nil || err != nil {
		return c, false, err
	}
	c = Change{ID: id}
	if c.Was, err = contentOf(was); err != nil {
		return c, false, err
	}
	if c.Now, err = contentOf(now); err != nil || string(c.Was) == string(c.Now) {
		return c, false, err
	}
	explain, err := p.explainer(t)
	if err != nil {
		return c, false, err
	}
	defer explain.close()
	c.Cause = explain.cause(id)
	return c, true, nil
}

// A rowIndex is the rows of an output by id, without their provenance.
type rowIndex struct {
	order []string
	rows  map[string]indexed
}

type indexed struct {
	text []byte
	sum  string
}

func (p *Project) indexRows(name string) (*rowIndex, error) {
	x := &rowIndex{rows: map[string]indexed{}}
	err := p.eachRow(name, func(id string, line []byte) error {
		text, err := contentOf(line)
		if err != nil {
			return fmt.Errorf("row %q: %w", id, err)
		}
		sum := blake3.Sum256(text)
		x.order = append(x.order, id)
		x.rows[id] = indexed{text, hex.EncodeToString(sum[:16])}
		return nil
	})
	return x, err
}

// An explainer says why a record differs, from the requests it was made of.
type explainer struct {
	p        *Project
	store    *cache.Store
	was, now map[string][]stepRef
}

func (p *Project) explainer(t *graph.Target) (*explainer, error) {
	x := &explainer{p: p, was: map[string][]stepRef{}, now: map[string][]stepRef{}}
	for name, steps := range map[string]map[string][]stepRef{previousPath(tablePath(t.Name)): x.was, tablePath(t.Name): x.now} {
		if err := p.tableRows(name, func(r tableRow) { steps[r.ID] = r.refs() }); err != nil {
			return nil, err
		}
	}
	var err error
	x.store, err = cache.Open(path.Join(p.Root, StateDir), cache.Options{ReadOnly: true})
	return x, err
}

func (x *explainer) close() { _ = x.store.Close() }

// cause words the first step in which a record's two builds differ.
func (x *explainer) cause(id string) string {
	was, now := x.was[id], x.now[id]
	for i := range min(len(was), len(now)) {
		if was[i].Ref == now[i].Ref {
			continue
		}
		before, err := x.store.Lookup(was[i].Ref)
		after, aerr := x.store.Lookup(now[i].Ref)
		if err != nil || aerr != nil {
			return "another answer of step " + now[i].id()
		}
		tag, system := firstDifference(before.Fields, after.Fields)
		return fmt.Sprintf("step %s: %s", now[i].id(), differenceWords(tag, system))
	}
	if len(was) != len(now) {
		return "another number of steps"
	}
	return "the same answers, written differently by the code"
}

// differenceWords says what of a request has changed.
func differenceWords(tag cache.Tag, system bool) string {
	switch {
	case tag == 0:
		return "the same request, asked again"
	case system:
		return "the system prompt has changed"
	case tag == cache.TagOrigin:
		return "another model"
	case tag == cache.TagDraw, tag == cache.TagAttempt, tag == cache.TagReroll:
		return "another " + tag.Name()
	case tag >= cache.TagTools:
		return tag.Name() + " has changed"
	}
	return "what is asked has changed"
}
