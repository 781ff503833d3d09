package recipes

import (
	"bufio"
	"errors"
	"io"
)

// choose decides which of the usable rows go in, and in what order.
func (m *Mix) choose() error {
	if err := m.repeats.find(); err != nil {
		return err
	}
	ranked, err := m.rank()
	if err != nil {
		return err
	}
	defer ranked.close()
	available := make([]int, len(m.Categories))
	for i := range m.sources {
		count := m.of(i)
		if over := count.Usable - m.recipe.MaxPerSource; m.recipe.MaxPerSource > 0 && over > 0 {
			count.Dropped[overMax] += over
			count.Usable = m.recipe.MaxPerSource
		}
		available[m.sources[i].Category] += count.Usable
	}
	given := quotas(m.recipe, available)
	for i := range m.Categories {
		m.Categories[i].Available = available[i]
	}
	return m.pick(ranked, given)
}

// rank sorts the rows that are no repeats by category and key.
func (m *Mix) rank() (*sorter, error) {
	ranked := newSorter(m.dir)
	err := m.eachEntry(func(row, at, key uint64) error {
		source := sourceOf(at)
		if m.repeats.is(row) {
			m.of(source).Usable--
			m.of(source).Dropped[m.repeats.reason()]++
			return nil
		}
		return ranked.add(newRecord(uint64(m.sources[source].Category), key, at))
	})
	if err != nil {
		ranked.close()
		return nil, err
	}
	if m.recipe.Seed == nil {
		return ranked, nil
	}
	return m.spread(ranked)
}

// spread gives rows that share a key, because they share an id, keys of their
// own.
func (m *Mix) spread(ranked *sorter) (*sorter, error) {
	apart := newSorter(m.dir)
	var last record
	n := 0
	err := ranked.each(func(r record) error {
		if n > 0 && r.a() == last.a() && r.b() == last.b() {
			last = r
			r = newRecord(r.a(), repeatKey(r.b(), n), r.place())
			n++
		} else {
			last, n = r, 1
		}
		return apart.add(r)
	})
	if err != nil {
		apart.close()
		return nil, err
	}
	return apart, nil
}

// eachEntry visits the usable rows as they were read.
func (m *Mix) eachEntry(visit func(row, place, key uint64) error) error {
	if err := m.entries.flush(); err != nil {
		return err
	}
	in := bufio.NewReaderSize(io.NewSectionReader(m.entries.file, 0, m.entries.size), 256<<10)
	for row := uint64(0); ; row++ {
		var r record
		_, err := io.ReadFull(in, r[:entryBytes])
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := visit(row, r.a(), r.b()); err != nil {
			return err
		}
	}
}

// pick takes from each category what it gives, best key first, and sorts what
// was taken into its final order.
func (m *Mix) pick(ranked *sorter, given []int) error {
	m.chosen = newSorter(m.dir)
	taken := make([]int, len(m.sources))
	return ranked.each(func(r record) error {
		source := sourceOf(r.place())
		category, count := &m.Categories[r.a()], m.of(source)
		if category.Used == given[r.a()] || taken[source] == count.Usable {
			return nil
		}
		taken[source]++
		category.Used++
		count.Used++
		m.Total++
		return m.chosen.add(newRecord(r.b(), r.place(), 0))
	})
}
