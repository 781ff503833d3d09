package cache

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// Tables over one file stand for processes: the locks of cells belong to open files.

func tables(t *testing.T, n int) []*lockTable {
	t.Helper()
	path := filepath.Join(t.TempDir(), "table")
	var all []*lockTable
	for range n {
		all = append(all, tableAt(t, path))
	}
	return all
}

func tableAt(t *testing.T, path string) *lockTable {
	t.Helper()
	table, err := openLockTable(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { table.close() })
	return table
}

// ends is what the end of a process does: its locks are gone with its memory, and
// its leases stay in the file.
func (t *lockTable) ends() { t.close() }

// Requests of one bucket, whose slots they take from each other.
func crowded(i int) uint64 { return uint64(i+1)<<ownerBits | 7 }

func TestALeaseHasOneOwner(t *testing.T) {
	all := tables(t, 4)
	const requests = 2 * bucketSlots
	var owners [requests]atomic.Int64
	var taken atomic.Int64
	var wg sync.WaitGroup
	for _, table := range all {
		wg.Go(func() {
			for i := range 20_000 {
				n := i * 7 % requests
				if !table.take(crowded(n)) {
					continue
				}
				taken.Add(1)
				if owners[n].Add(1) != 1 {
					t.Errorf("request %d has two owners", n)
				}
				owners[n].Add(-1)
				table.give(crowded(n))
			}
		})
	}
	wg.Wait()
	if taken.Load() < 1000 {
		t.Errorf("only %d leases were taken", taken.Load())
	}
	for n := range requests {
		if !all[n%4].take(crowded(n)) && n < bucketSlots {
			t.Errorf("the lease of request %d was not given back", n)
		}
	}
}

func TestALeaseEndsWithItsOwner(t *testing.T) {
	all := tables(t, 3)
	for i := range bucketSlots {
		if !all[0].take(crowded(i)) {
			t.Fatalf("request %d had an owner", i)
		}
		if all[1].take(crowded(i)) {
			t.Fatalf("request %d has two owners", i)
		}
	}
	if all[1].take(crowded(bucketSlots)) {
		t.Fatal("there is room where there is none")
	}
	all[0].ends()
	if !all[1].take(crowded(3)) {
		t.Error("the lease of an ended process was not taken away from it")
	}
	// Now the first cell is another's, who has no lease of the ended process's.
	next := tableAt(t, all[0].f.Name())
	if next.cell != all[0].cell {
		t.Fatalf("the next process has cell %d, want %d", next.cell, all[0].cell)
	}
	for i := range bucketSlots {
		if got := all[2].take(crowded(i)); got != (i != 3) {
			t.Errorf("request %d could be taken: %v, want %v", i, got, i != 3)
		}
	}
}

// What stays of ended processes is not in the way, wherever it is.
func TestADeadLeaseOfAnotherRequestGivesRoom(t *testing.T) {
	all := tables(t, 2)
	for i := range bucketSlots {
		all[0].take(crowded(i))
	}
	all[0].ends()
	for i := range bucketSlots {
		if !all[1].take(crowded(100 + i)) {
			t.Errorf("there is no room for request %d", 100+i)
		}
	}
}

func TestEveryProcessHearsTheNewsOfOthers(t *testing.T) {
	all := tables(t, tableCells)
	for i, teller := range all {
		before := make([]uint64, len(all))
		for j, table := range all {
			before[j] = table.heard()
		}
		teller.tell()
		for j, table := range all {
			if changed := table.heard() != before[j]; changed != (j != i) {
				t.Errorf("process %d heard of process %d: %v", j, i, changed)
			}
		}
	}
	if _, err := openLockTable(all[0].f.Name()); !errors.Is(err, errCrowded) {
		t.Errorf("one process too many: %v", err)
	}
	before := all[0].heard()
	all[1].ends()
	if next := tableAt(t, all[0].f.Name()); next.cell != all[1].cell {
		t.Errorf("the next process has cell %d, want %d", next.cell, all[1].cell)
	}
	if all[0].heard() == before {
		t.Error("the next process is not heard")
	}
}

// A file that is too short is not mapped as it is: memory behind its end is none.
func TestATableThatWasCutOffIsWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "table")
	if err := os.WriteFile(path, make([]byte, 100), 0o600); err != nil {
		t.Fatal(err)
	}
	if table := tableAt(t, path); !table.take(crowded(1)) || table.take(crowded(1)) {
		t.Error("a lease was not there, or twice")
	}
}

// Memory whose file is cut off under our hands is a fault, which a request
// outlives: it is asked without a lease.
func TestATableThatIsCutOffWhileItIsUsedLeavesNoLeases(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	var asked atomic.Int64
	for i := range 2 {
		if _, _, err := s.Do(t.Context(), t.Context(), numbered(i).Fields, asking(numbered(i), &asked)); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(filepath.Join(s.leases.dir, "table"), 0); err != nil && runtime.GOOS == "windows" {
			t.Skip("Windows cuts off no file that is mapped")
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if asked.Load() != 2 || !s.leases.off.Load() {
		t.Errorf("asked %d times, want 2; without leases: %v", asked.Load(), s.leases.off.Load())
	}
}
