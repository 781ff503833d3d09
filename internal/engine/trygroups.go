package engine

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
)

// compare puts the rows beside those of the output that came from the same
// records.
func (y *trying) compare(rows []triedRow) ([]TriedRecord, error) {
	g := &trialGroups{of: map[string]int{}, names: map[string]string{}}
	for _, id := range y.ids {
		g.at(id)
	}
	for _, r := range rows {
		g.now(y.e, r)
	}
	was, err := y.was(g)
	if err != nil {
		return nil, err
	}
	for i := range g.records {
		if err := g.records[i].pair(g.made[i], was[g.records[i].ID]); err != nil {
			return nil, err
		}
	}
	return g.records, nil
}

// was reads the rows of the output that were made of the chosen records, by
// record.
func (y *trying) was(g *trialGroups) (map[string][][]byte, error) {
	p := y.e.project
	source := map[string]string{}
	err := p.tableRows(tablePath(y.t.Name), func(r tableRow) {
		if from := g.sourceOf(r); from != "" {
			source[r.ID] = from
		}
	})
	if err != nil {
		return nil, err
	}
	was := map[string][][]byte{}
	err = p.eachRow(y.t.Output, func(id string, line []byte) error {
		from, ok := source[id]
		if !ok {
			from, ok = g.names[id] // nothing is known of the last build but its rows
		}
		if ok && g.has(from) {
			text, err := contentOf(line)
			was[from] = append(was[from], text)
			return err
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return was, err
}

// trialGroups are the records of a try, in their order.
type trialGroups struct {
	of      map[string]int    // record → its place
	names   map[string]string // whatever a step or a row is named by → record
	records []TriedRecord
	made    [][]triedRow
	seen    map[stepName]bool
}

func (g *trialGroups) at(id string) int {
	i, ok := g.of[id]
	if !ok {
		i = len(g.records)
		g.of[id] = i
		g.names[id] = id
		g.records = append(g.records, TriedRecord{ID: id, Rows: []TriedRow{}, Priced: true})
		g.made = append(g.made, nil)
	}
	return i
}

func (g *trialGroups) has(id string) bool { _, ok := g.of[id]; return ok }

// now adds a row, and counts what was asked for it. Rows of one record share
// its first steps.
func (g *trialGroups) now(e *Engine, row triedRow) {
	if row.source == "" {
		row.source = row.id // made at a barrier, of no one record
	}
	i := g.at(row.source)
	g.made[i] = append(g.made[i], row)
	g.names[row.id] = row.source
	rec := &g.records[i]
	for _, s := range row.steps {
		g.names[s.Record] = row.source
		if g.seen == nil {
			g.seen = map[stepName]bool{}
		}
		if g.seen[s.stepName] {
			continue
		}
		g.seen[s.stepName] = true
		if s.Hit {
			rec.Hits++
		} else {
			rec.Sent++
		}
		entry, err := e.store().Lookup(s.Ref)
		rec.Priced = rec.Priced && err == nil && entry.CostKnown
		if err == nil {
			rec.CostNano += entry.CostNano
		}
	}
}

// sourceOf returns the record that a row of the last build was made of, "" if
// it is none of these.
func (g *trialGroups) sourceOf(r tableRow) string {
	for _, s := range r.Steps {
		if from := g.names[s.Record]; from != "" {
			return from
		}
	}
	return g.names[r.ID]
}

// pair sets rows side by side: those of one id, then the others in their
// order.
func (rec *TriedRecord) pair(now []triedRow, was [][]byte) error {
	before := map[string][]byte{}
	var order []string
	for _, text := range was {
		id := rowID(text)
		before[id] = text
		order = append(order, id)
	}
	stays := map[string]bool{}
	for _, n := range now {
		stays[n.id] = true
	}
	left := slices.DeleteFunc(order, func(id string) bool { return stays[id] })
	for _, n := range now {
		row := TriedRow{ID: n.id, Was: before[n.id]}
		if row.Was == nil && len(left) > 0 {
			row.Was, left = before[left[0]], left[1:]
		}
		if err := row.set(n); err != nil {
			return err
		}
		rec.Rows = append(rec.Rows, row)
	}
	for _, id := range left {
		rec.Rows = append(rec.Rows, TriedRow{ID: id, Kind: RowRemoved, Was: before[id]})
	}
	return nil
}

func (row *TriedRow) set(n triedRow) (err error) {
	switch {
	case n.fail != nil:
		row.Kind, row.Reason = RowFailed, n.fail.Kind+": "+n.fail.Message
		return nil
	case n.skipped != "":
		row.Kind, row.Reason = RowSkipped, n.skipped
		return nil
	}
	if row.Now, err = contentOf([]byte(strings.TrimSpace(string(n.text)))); err != nil {
		return err
	}
	switch {
	case row.Was == nil:
		row.Kind = RowAdded
	case string(row.Was) == string(row.Now):
		row.Kind = RowSame
	default:
		row.Kind = RowChanged
	}
	return nil
}
