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
// Digests of all rows are in memory, and the texts of those that differ.
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
		if _, stays := now.sums[id]; !stays {
			out = append(out, Change{ID: id, Cause: explain.removed()})
		}
	}
	for _, id := range now.order {
		before, known := was.sums[id]
		switch {
		case !known:
			out = append(out, Change{ID: id, Cause: "new record"})
		case before != now.sums[id]:
			out = append(out, Change{ID: id, Cause: explain.cause(id)})
		}
	}
	return out, p.readChanges(t, out)
}

// readChanges adds the rows to changes.
func (p *Project) readChanges(t *graph.Target, changes []Change) error {
	at := map[string]*Change{}
	for i := range changes {
		at[changes[i].ID] = &changes[i]
	}
	err := p.eachNamed(previousPath(t.Output), func(id string, text []byte) {
		if c := at[id]; c != nil {
			c.Was = text
		}
	})
	if err != nil {
		return err
	}
	return p.eachNamed(t.Output, func(id string, text []byte) {
		if c := at[id]; c != nil {
			c.Now = text
		}
	})
}

// Changed returns what tells of a row of the target, as it stands in the file,
// whether the build before had it with the same content.
func (p *Project) Changed(t *graph.Target) (func(line []byte) (bool, error), error) {
	was := map[sum16]bool{}
	err := p.eachLine(previousPath(t.Output), func(_ string, line []byte) error {
		if sum, err := contentSum(line); err == nil {
			was[sum] = true
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s was built once: %w", t.Name, ErrNoPrevious)
	}
	if err != nil {
		return nil, err
	}
	return func(line []byte) (bool, error) {
		sum, err := contentSum(line)
		return !was[sum], err
	}, nil
}

type sum16 [16]byte

// contentSum is a digest of what contentOf returns.
func contentSum(line []byte) (sum16, error) {
	text, err := contentOf(line)
	return sumOf(text), err
}

func sumOf(text []byte) sum16 {
	sum := blake3.Sum256(text)
	return sum16(sum[:16])
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

// A rowIndex is the rows of an output by name, as digests of their content.
type rowIndex struct {
	order []string
	sums  map[string]sum16
}

func (p *Project) indexRows(name string) (*rowIndex, error) {
	x := &rowIndex{sums: map[string]sum16{}}
	err := p.eachNamed(name, func(id string, text []byte) {
		x.order = append(x.order, id)
		x.sums[id] = sumOf(text)
	})
	return x, err
}

// eachNamed calls take with the content of each row and its name. That is its
// id; of several rows with one id, which a recipe may mix, the second is called
// "id (2)". A row of a format without ids is named by its content.
func (p *Project) eachNamed(name string, take func(id string, content []byte)) error {
	seen := map[string]int{}
	return p.eachLine(name, func(id string, line []byte) error {
		text, err := contentOf(line)
		if err != nil {
			return nil // a person wrote it, and it is no row
		}
		if id == "" {
			sum := sumOf(text)
			id = hex.EncodeToString(sum[:6])
		}
		if seen[id]++; seen[id] > 1 {
			id = fmt.Sprintf("%s (%d)", id, seen[id])
		}
		take(id, text)
		return nil
	})
}

// An explainer says why a record differs, from the requests it was made of.
type explainer struct {
	p        *Project
	mixed    bool // the rows are a recipe's, which are made elsewhere
	store    *cache.Store
	was, now map[string][]stepRef
}

func (p *Project) explainer(t *graph.Target) (*explainer, error) {
	x := &explainer{p: p, mixed: t.Kind == graph.Recipe, was: map[string][]stepRef{}, now: map[string][]stepRef{}}
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

// removed words why a record is not there any more.
func (x *explainer) removed() string {
	if x.mixed {
		return "the recipe does not take it any more"
	}
	return "nothing makes this record any more"
}

// cause words the first step in which a record's two builds differ.
func (x *explainer) cause(id string) string {
	if x.mixed {
		return "its source has another text, or the recipe takes it in another form"
	}
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
