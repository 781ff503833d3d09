package cache

import (
	"maps"
	"testing"
)

func TestSummariesNameEachAnswerOnceWhereverItIs(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	want := map[Ref]bool{}
	for i := range 3 * page {
		e := numbered(i)
		e.CostKnown, e.CostNano = true, int64(i)
		put(t, s, e)
		want[e.Ref()] = true
		if i == 2*page {
			if err := s.Fold(); err != nil {
				t.Fatal(err)
			}
		}
	}
	put(t, s, numbered(1)) // in both places
	got, cost := map[Ref]bool{}, int64(0)
	err := open(t, dir, Options{ReadOnly: true}).Summaries(func(e Summary) error {
		if got[e.Ref] {
			t.Errorf("%v came twice", e.Ref)
		}
		if e.Origin != "sim/judge" || len(e.blobs) != 1 || e.Bytes == 0 {
			t.Errorf("the summary is %+v", e)
		}
		got[e.Ref] = true
		cost += e.CostNano
		return nil
	})
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("%d answers, %v, want %d", len(got), err, len(want))
	}
	if n := int64(3 * page); cost != n*(n-1)/2 {
		t.Errorf("they cost %d, want %d", cost, n*(n-1)/2)
	}
}
