package engine

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/identity-shaping/isf/dispatch"
)

func TestTheLedgerKnowsTheDay(t *testing.T) {
	root := t.TempDir()
	now := time.Date(2026, 3, 1, 22, 0, 0, 0, time.Local)
	clock := func() time.Time { return now }
	a, b := newLedger(root, clock), newLedger(root, clock)
	defer a.close()
	check := func(l *ledger, when string, want int64) {
		t.Helper()
		if got := l.spentToday(); got != (dispatch.Spend{CostNano: want, Requests: want, Tokens: want}) {
			t.Errorf("%s: got %+v, want %d of each", when, got, want)
		}
	}
	spend := func(l *ledger, n int64) { l.add(dispatch.Spend{CostNano: n, Requests: n, Tokens: n}) }
	check(a, "at first", 0)
	spend(a, 3)
	spend(a, 4)
	check(a, "its own", 7)
	check(b, "another process", 7)
	b.hold(dispatch.Spend{CostNano: 5, Requests: 5, Tokens: 5})
	now = now.Add(ledgerFresh)
	check(a, "what another has on the wire", 12)
	check(b, "not its own", 7)
	b.hold(dispatch.Spend{CostNano: 6, Requests: 6, Tokens: 6})
	check(a, "what one that is known to spend has, at once", 13)
	b.hold(dispatch.Spend{})
	spend(b, 10)
	b.close()
	now = now.Add(2 * ledgerFresh)
	check(a, "after the other has ended", 17)

	now = now.Add(2 * time.Hour)
	check(a, "after midnight", 0)
	spend(a, 1)
	check(a, "the new day", 1)

	if err := os.WriteFile(filepath.Join(root, ledgerDir, now.Format(time.DateOnly)+".torn"), []byte("12"), 0o600); err != nil {
		t.Fatal(err)
	}
	now = now.Add(2 * ledgerFresh)
	check(a, "beside a torn file", 1)

	now = now.Add(9 * 24 * time.Hour)
	spend(a, 1)
	if names := a.names(); len(names) != 1 {
		t.Errorf("files are %v, want that of today alone", names)
	}
}
