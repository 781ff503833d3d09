package samples

import (
	"bytes"
	"cmp"
	"iter"
	"math/rand/v2"
	"slices"
)

// A Drawn is what Draw chose.
type Drawn struct {
	Rows    []*Row // in the order of the file
	Matched int    // how many lines the filters let through
	Lines   int    // how many lines there were
}

// Draw chooses n of the lines that keep accepts, each with the same chance, by a
// reservoir: one pass, and n lines in memory. n of 0 chooses all. Only what is
// chosen is decoded, unless there are filters. A chosen line that cannot be
// decoded is an error.
func Draw(lines iter.Seq2[Line, error], n int, seed uint64, filters []Filter) (*Drawn, error) {
	d := &Drawn{}
	chance := rand.New(rand.NewPCG(seed, 0))
	var chosen []Line
	for l, err := range lines {
		if err != nil {
			return nil, err
		}
		d.Lines++
		if ok, err := all(filters, l); err != nil {
			return nil, err
		} else if !ok {
			continue
		}
		d.Matched++
		if n == 0 || len(chosen) < n {
			chosen = append(chosen, Line{l.Number, bytes.Clone(l.Text)})
		} else if k := chance.IntN(d.Matched); k < n {
			chosen[k] = Line{l.Number, append(chosen[k].Text[:0], l.Text...)}
		}
	}
	slices.SortFunc(chosen, func(a, b Line) int { return cmp.Compare(a.Number, b.Number) })
	for _, l := range chosen {
		row, err := Decode(l)
		if err != nil {
			return nil, err
		}
		d.Rows = append(d.Rows, row)
	}
	return d, nil
}

func all(filters []Filter, l Line) (bool, error) {
	for _, f := range filters {
		if ok, err := f(l); !ok || err != nil {
			return false, err
		}
	}
	return true, nil
}
