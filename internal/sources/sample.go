package sources

import (
	"cmp"
	"container/heap"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/zeebo/blake3"
)

// A sampler keeps, of each stratum, the N rows whose draw is least. A row's
// draw is a hash of the seed and of its id, or of its place if it has no id. So
// a sample of more rows holds all of a smaller one, and rows that come into a
// source push out no more than they take.
type sampler struct {
	Sample
	strata map[string]*stratum
}

// A stratum is the rows with one value of a column.
type stratum struct {
	seen int
	kept picks // a heap, the greatest draw first
}

// A pick is a row that was drawn, or may be yet.
type pick struct {
	draw  uint64
	file  int
	group int
	row   int64
	text  []byte // the row, where it is at hand anyway
}

// maxStrata keeps a column of ids from being taken for one of classes, which
// would keep every row.
const maxStrata = 1000

func newSampler(s Sample) *sampler { return &sampler{s, map[string]*stratum{}} }

// idColumn is the column that names a row.
const idColumn = "id"

// offer draws for a row. id is what names it, "" if nothing does.
func (s *sampler) offer(id, value string, p pick) error {
	if id == "" {
		id = fmt.Sprintf("%d/%d/%d", p.file, p.group, p.row)
	}
	p.draw = draw(s.Seed, id)
	st := s.strata[value]
	if st == nil {
		if len(s.strata) == maxStrata {
			return fmt.Errorf("column %q has more than %d different values: stratify by one that sorts rows into few classes", s.By, maxStrata)
		}
		st = &stratum{}
		s.strata[value] = st
	}
	st.seen++
	switch {
	case st.kept.Len() < s.N:
		heap.Push(&st.kept, p)
	case p.before(st.kept[0]):
		st.kept[0] = p
		heap.Fix(&st.kept, 0)
	}
	return nil
}

func draw(seed int64, id string) uint64 {
	sum := blake3.Sum256([]byte(strconv.FormatInt(seed, 10) + " " + id))
	return binary.BigEndian.Uint64(sum[:8])
}

// drawn returns the sample in the order of the rows.
func (s *sampler) drawn() []pick {
	var out []pick
	for value, n := range s.quotas() {
		kept := slices.SortedFunc(slices.Values(s.strata[value].kept), pick.compare)
		out = append(out, kept[:min(n, len(kept))]...)
	}
	slices.SortFunc(out, func(a, b pick) int { return a.place(b) })
	return out
}

// quotas divides the sample among the strata by their weights: each gets the
// whole part of its share, and what is left goes to the largest remainders. A
// stratum with too few rows gives what it has; no other makes up for it.
func (s *sampler) quotas() map[string]int {
	weights := s.Shares
	if weights == nil {
		weights = map[string]float64{}
		for value, st := range s.strata {
			weights[value] = float64(st.seen)
		}
	}
	names := slices.Sorted(maps.Keys(weights))
	total := 0.0
	for _, name := range names {
		total += weights[name]
	}
	if total == 0 {
		return nil
	}
	quotas, rest := map[string]int{}, map[string]float64{}
	left := s.N
	for _, name := range names {
		share := float64(s.N) * weights[name] / total
		rest[name] = share - float64(int(share))
		quotas[name] = int(share)
		left -= int(share)
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(rest[b], rest[a]) })
	for _, name := range names[:min(max(left, 0), len(names))] {
		quotas[name]++
	}
	maps.DeleteFunc(quotas, func(name string, _ int) bool { return s.strata[name] == nil })
	return quotas
}

// compare orders by draw; equal draws, which equal ids have, by place.
func (p pick) compare(q pick) int { return cmp.Or(cmp.Compare(p.draw, q.draw), p.place(q)) }

func (p pick) before(q pick) bool { return p.compare(q) < 0 }

func (p pick) place(q pick) int {
	return cmp.Or(cmp.Compare(p.file, q.file), cmp.Compare(p.group, q.group), cmp.Compare(p.row, q.row))
}

type picks []pick

func (p picks) Len() int           { return len(p) }
func (p picks) Less(i, j int) bool { return p[j].before(p[i]) }
func (p picks) Swap(i, j int)      { p[i], p[j] = p[j], p[i] }
func (p *picks) Push(x any)        { *p = append(*p, x.(pick)) }
func (p *picks) Pop() any {
	last := (*p)[len(*p)-1]
	*p = (*p)[:len(*p)-1]
	return last
}
