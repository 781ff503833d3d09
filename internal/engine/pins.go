package engine

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/samples"
)

// pinned puts a pinned row in the place of what the run made. The row says
// that it is pinned, and has no provenance: a person wrote it.
func (e *encoder) pinned(r *Record) {
	p, ok := e.b.decisions.pins[r.ID]
	if !ok || r.Open || r.Skipped != "" {
		return
	}
	made := ""
	if r.line != nil && r.Fail == nil {
		made = hex.EncodeToString(r.line.sum[:8])
	}
	r.Fail = nil // what a person wrote cannot fail
	_, sum, err := pinnable(p.row)
	if err != nil {
		e.b.Fail(fmt.Errorf("%s: the pin of %q holds no row: %w", decisionsPath(e.b.output), r.ID, err))
		return
	}
	row := object(p.row[: len(p.row)-1 : len(p.row)-1])
	steps := []stepRef(nil)
	if r.line != nil {
		steps = r.line.steps
	}
	r.line = &line{text: append(row.raw("pinned", []byte("true")).end(), '\n'), sum: sum, steps: steps, reused: true, pinned: true, moved: made != p.made}
}

// leftPins writes the pinned rows of records that are not made any more: what a
// person wrote goes only by a person's decision.
func (e *encoder) leftPins(w *writer) error {
	for _, id := range slices.Sorted(maps.Keys(e.b.decisions.pins)) {
		written, err := w.has(id)
		if err != nil {
			return err
		}
		if written {
			continue
		}
		r := Record{ID: id, Given: true}
		if e.pinned(&r); r.line == nil {
			continue
		}
		if err := w.take(r); err != nil {
			return err
		}
	}
	return nil
}

// Edited returns the rows of an output that are not as the last build wrote
// them and not pinned as they are, each as a decision to pin it.
func (p *Project) Edited(t *graph.Target) ([]Decision, error) {
	edits, err := p.handEdits(t)
	return edits.rows, err
}

// handEdits are what a person did to an output and has not pinned.
type handEdits struct {
	rows  []Decision // to pin them
	other bool       // rows taken out or put elsewhere, or lines that are no rows: no pin keeps that
}

func (p *Project) handEdits(t *graph.Target) (e handEdits, err error) {
	made, order := map[string]string{}, []string(nil)
	if err := p.tableRows(tablePath(t.Name), func(r tableRow) {
		made[r.ID] = r.Line
		if r.Failed == "" {
			order = append(order, r.ID)
		}
	}); err != nil {
		return e, err
	}
	if len(made) == 0 {
		return e, fmt.Errorf("which rows of %s were edited is not known here, because %s is gone: name the records", t.Output, tablePath(t.Name))
	}
	known, err := p.decisions(t.Output)
	if err != nil {
		return e, err
	}
	err = p.eachLine(t.Output, func(id string, line []byte) error {
		if len(order) > 0 && order[0] == id {
			order = order[1:]
		} else if made[id] != "" || id == "" {
			e.other = true
		}
		if id == "" {
			return nil
		}
		row, sum, err := pinnable(line)
		if err != nil {
			return fmt.Errorf("row %q: %w", id, err)
		}
		if hex.EncodeToString(sum[:8]) != made[id] && string(known.pins[id].row) != string(row) {
			e.rows = append(e.rows, Decision{Pin: id, Row: row, Made: made[id]})
		}
		return nil
	})
	e.other = e.other || len(order) > 0
	return e, err
}

// PinOf returns the decision to keep a row as it is now.
func (p *Project) PinOf(t *graph.Target, id string) (Decision, error) {
	line, err := p.FindRow(t.Name, id)
	if err != nil {
		return Decision{}, err
	}
	row, _, err := pinnable(line)
	if err != nil {
		return Decision{}, fmt.Errorf("row %q: %w", id, err)
	}
	made := ""
	err = p.tableRows(tablePath(t.Name), func(r tableRow) {
		if r.ID == id {
			made = r.Line
		}
	})
	return Decision{Pin: id, Row: row, Made: made}, err
}

// Pins returns the decisions to keep rows as they are, or, where against names an
// earlier build, as they were then. It reads each file once.
func (p *Project) Pins(t *graph.Target, against string, ids []string) ([]Decision, error) {
	rows := t.Output
	if against != "" {
		was, _, err := p.Edition(t, against)
		if err != nil {
			return nil, err
		}
		rows = was.rows
	}
	pins := make(map[string]*Decision, len(ids))
	for _, id := range ids {
		pins[id] = nil
	}
	err := p.eachRow(rows, func(id string, line []byte) error {
		if d, wanted := pins[id]; !wanted || d != nil {
			return nil
		}
		row, _, err := pinnable(line)
		pins[id] = &Decision{Pin: id, Row: row}
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := p.tableRows(tablePath(t.Name), func(r tableRow) {
		if d := pins[r.ID]; d != nil {
			d.Made = r.Line
		}
	}); err != nil {
		return nil, err
	}
	var out []Decision
	for _, id := range ids {
		d := pins[id]
		if d == nil {
			return nil, fmt.Errorf("%s has no record %q to keep", rows, id)
		}
		out = append(out, *d)
	}
	return out, nil
}

// pinnable returns what of a row a person can have written, and the digest by
// which record tables know it.
func pinnable(line []byte) (row json.RawMessage, sum [32]byte, err error) {
	members, err := ordered(line)
	if err != nil {
		return nil, sum, err
	}
	sample := slices.ContainsFunc(members, func(m member) bool { return m.name == "messages" })
	var kept, seen object
	for _, m := range members {
		switch {
		case m.name == "pinned", m.name == "provenance", sample && !slices.Contains([]string{"id", "messages", "meta"}, m.name):
			continue
		}
		kept = kept.raw(m.name, m.value)
		if m.name != "meta" || !sample {
			seen = seen.raw(m.name, m.value)
		}
	}
	return json.RawMessage(kept.end()), cache.DigestOf(seen), nil
}

// A member is one name and value of an object.
type member struct {
	name  string
	value json.RawMessage
}

// ordered reads an object with its members in their order.
func ordered(text []byte) ([]member, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	var out []member
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, err
		}
		out = append(out, member{name.(string), value})
	}
	return out, nil
}

// eachRow calls take with each row of an output.
func (p *Project) eachRow(name string, take func(id string, line []byte) error) error {
	return p.eachLine(name, func(id string, line []byte) error {
		if id == "" {
			return nil
		}
		return take(id, line)
	})
}

// eachLine calls take with each line of an output that is not blank. One that
// is no row has no id.
func (p *Project) eachLine(name string, take func(id string, line []byte) error) error {
	f, err := p.Files.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	for line, err := range samples.Rows(f) {
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := take(rowID(line.Text), line.Text); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
