package engine

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/graph"
)

// A Change is one record that differs between two editions of a target. Was is
// nil for one that was added, Now for one that was removed.
type Change struct {
	ID       string
	Was, Now []byte // rows, without provenance
	Cause    string // which of the record's inputs has changed

	pinned bool   // a person wrote Now
	sum    string // of Now, as record tables know rows
}

// What may have become of a row. One that failed or was skipped has no Now.
const (
	RowSame    = "same"
	RowChanged = "changed"
	RowAdded   = "added"
	RowRemoved = "removed"
	RowFailed  = "failed"
	RowSkipped = "skipped"
)

// Kind is RowAdded, RowRemoved or RowChanged.
func (c Change) Kind() string {
	switch {
	case c.Was == nil:
		return RowAdded
	case c.Now == nil:
		return RowRemoved
	}
	return RowChanged
}

// A Diff is what differs between a target's output and an earlier edition
// of it.
type Diff struct {
	Was, Now Edition
	Changes  []Change // first what was removed, then what was added or changed, in the order of the rows
}

// Changes compares a target's output with what it was after an earlier build;
// see Edition for what against may be. Digests of all rows are in memory, and the
// texts of those that differ.
func (p *Project) Changes(t *graph.Target, against string) (c Diff, err error) {
	if c.Was, c.Now, err = p.Edition(t, against); err != nil {
		return c, err
	}
	was, err := p.indexRows(c.Was.rows)
	if err != nil {
		return c, err
	}
	now, err := p.indexRows(t.Output)
	if errors.Is(err, fs.ErrNotExist) {
		return c, fmt.Errorf("%s has no rows: build it with `isf build %s`", t.Name, t.Name)
	}
	if err != nil {
		return c, err
	}
	c.Changes = differing(was, now)
	if err := p.fill(c.Was.rows, c.Changes, (*Change).setWas); err != nil {
		return c, err
	}
	if err := p.fill(t.Output, c.Changes, (*Change).setNow); err != nil {
		return c, err
	}
	return c, p.explain(t, &c)
}

// differing lists the records that differ, without their texts.
func differing(was, now *rowIndex) (out []Change) {
	for _, id := range was.order {
		if _, stays := now.sums[id]; !stays {
			out = append(out, Change{ID: id})
		}
	}
	for _, id := range now.order {
		if before, known := was.sums[id]; !known || before != now.sums[id] {
			out = append(out, Change{ID: id})
		}
	}
	return out
}

// A rowIndex is the rows of an output by name, as digests of their content.
type rowIndex struct {
	order []string
	sums  map[string]sum16
}

func (p *Project) indexRows(name string) (*rowIndex, error) {
	x := &rowIndex{sums: map[string]sum16{}}
	err := p.eachNamed(name, func(id string, line, text []byte) {
		x.order = append(x.order, id)
		x.sums[id] = sumOf(text)
	})
	return x, err
}

// eachNamed calls take with each row, its content and its name. That is its id;
// of several rows with one id, which a recipe may mix, the second is called
// "id (2)". A row of a format without ids is named by its content.
func (p *Project) eachNamed(name string, take func(id string, line, content []byte)) error {
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
		take(id, line, text)
		return nil
	})
}

// fill reads what an output says of each change.
func (p *Project) fill(name string, changes []Change, set func(c *Change, line, content []byte)) error {
	at := make(map[string]*Change, len(changes))
	for i := range changes {
		at[changes[i].ID] = &changes[i]
	}
	return p.eachNamed(name, func(id string, line, text []byte) {
		if c := at[id]; c != nil {
			set(c, line, text)
		}
	})
}

func (c *Change) setWas(_, content []byte) { c.Was = content }

func (c *Change) setNow(line, content []byte) {
	c.Now, c.pinned = content, bytes.HasSuffix(line, []byte(`"pinned":true}`))
	if c.Was == nil {
		return // only of a row that was there before it is asked whether somebody edited it
	}
	if _, sum, err := pinnable(line); err == nil {
		c.sum = hex.EncodeToString(sum[:8])
	}
}

// Changed returns what tells of a row of the target, as it stands in the file,
// whether the build before had it with the same content.
func (p *Project) Changed(t *graph.Target) (func(line []byte) (bool, error), error) {
	e, _, err := p.Edition(t, "")
	if err != nil {
		return nil, err
	}
	was := map[sum16]bool{}
	err = p.eachLine(e.rows, func(_ string, line []byte) error {
		if sum, err := contentSum(line); err == nil {
			was[sum] = true
		}
		return nil
	})
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
	sum := cache.DigestOf(text)
	return sum16(sum[:16])
}

// ChangeOf compares one record of the target with what it was in the build
// before. It is false where nothing differs, or nothing earlier is kept.
func (p *Project) ChangeOf(t *graph.Target, id string) (c Change, differs bool, err error) {
	both := Diff{Changes: []Change{{ID: id}}}
	if both.Was, both.Now, err = p.Edition(t, ""); errors.Is(err, ErrNoPrevious) {
		return c, false, nil
	} else if err != nil {
		return c, false, err
	}
	was, err := p.findIn(both.Was.rows, id)
	if was == nil || err != nil {
		return c, false, err
	}
	now, err := p.findIn(t.Output, id)
	if now == nil || err != nil {
		return c, false, err
	}
	one := &both.Changes[0]
	before, err := contentOf(was)
	after, aerr := contentOf(now)
	if err = errors.Join(err, aerr); err != nil || string(before) == string(after) {
		return c, false, err
	}
	one.setWas(was, before)
	one.setNow(now, after)
	err = p.explain(t, &both)
	return *one, err == nil, err
}
