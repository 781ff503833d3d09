package cache

import (
	"path/filepath"
	"testing"
)

func listener(t *testing.T, path string) *news {
	t.Helper()
	n, err := openNews(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.f.Close() })
	return n
}

func heard(t *testing.T, n *news) cells {
	t.Helper()
	all, err := n.heard()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// More processes than there are cells share the last one.
func TestEveryProcessHearsTheNewsOfOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "news")
	var all []*news
	for range newsCells + 3 {
		all = append(all, listener(t, path))
	}
	for i, teller := range all {
		before := make([]cells, len(all))
		for j, n := range all {
			before[j] = heard(t, n)
		}
		if err := teller.tell(); err != nil {
			t.Fatal(err)
		}
		for j, n := range all {
			if changed := heard(t, n) != before[j]; j != i && !changed {
				t.Errorf("process %d did not hear the news of process %d", j, i)
			} else if j == i && changed && teller.cell < newsCells-1 {
				t.Errorf("process %d took its own news for another's", i)
			}
		}
	}
}

// The cell of a process that has ended is another's, whose first word is news.
func TestACellGoesToTheNextProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "news")
	first, other := listener(t, path), listener(t, path)
	before := heard(t, other)
	first.f.Close()
	if next := listener(t, path); next.cell != first.cell {
		t.Errorf("the next process has cell %d, want %d", next.cell, first.cell)
	}
	if heard(t, other) == before {
		t.Error("the next process is not heard")
	}
}
