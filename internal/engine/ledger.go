package engine

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/identity-shaping/isf/dispatch"
)

// ledgerDir holds a file for each process and day, with what it has spent.
const ledgerDir = StateDir + "/spent"

const (
	// ledgerKept is how long files of past days stay.
	ledgerKept = 7 * 24 * time.Hour
	// ledgerFresh is how long it may take until somebody notices that another
	// process spends. What one spends that is known to do so counts at once.
	ledgerFresh = 200 * time.Millisecond
	// ledgerLine has a fixed width, so that a line is written over the last one.
	ledgerLine = "%019d %019d %019d\n"
)

// A ledger knows what was spent today in one folder, by all processes, and what
// the others have on the wire. It is written at each try and answer, in place and
// without a sync: it survives the end of a process, and after a power cut a day's
// budget may forget a moment. What a process had on the wire when it was killed
// counts as spent: it was probably billed.
type ledger struct {
	dir string
	now func() time.Time

	mu     sync.Mutex
	file   *os.File
	day    string                    // of file
	today  dispatch.Spend            // by this process
	held   dispatch.Spend            // what it has on the wire may take
	others map[string]dispatch.Spend // by file
	live   []string                  // files that changed when somebody last looked
	looked time.Time
}

func newLedger(root string, now func() time.Time) *ledger {
	return &ledger{dir: filepath.Join(root, filepath.FromSlash(ledgerDir)), now: now}
}

// add counts what this process spent. A folder that cannot be written to is no
// reason to lose the answer that was paid for.
func (l *ledger) add(s dispatch.Spend) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turn()
	l.today = plus(l.today, s)
	l.write()
}

// hold notes what is on the wire, for the other processes.
func (l *ledger) hold(s dispatch.Spend) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turn()
	l.held = s
	l.write()
}

func (l *ledger) write() {
	if l.file != nil {
		s := plus(l.today, l.held)
		_, _ = l.file.WriteAt(fmt.Appendf(nil, ledgerLine, s.CostNano, s.Requests, s.Tokens), 0)
	}
}

// turn begins a new file where the day is a new one.
func (l *ledger) turn() {
	day := l.now().Format(time.DateOnly)
	if day == l.day {
		return
	}
	l.shut()
	l.day, l.today, l.looked = day, dispatch.Spend{}, time.Time{}
	if os.MkdirAll(l.dir, 0o700) != nil {
		return
	}
	l.sweep()
	l.file, _ = os.CreateTemp(l.dir, day+".")
}

// sweep removes files of days long past.
func (l *ledger) sweep() {
	old := l.now().Add(-ledgerKept).Format(time.DateOnly)
	for _, name := range l.names() {
		if name < old {
			_ = os.Remove(filepath.Join(l.dir, name))
		}
	}
}

func (l *ledger) names() (out []string) {
	entries, err := os.ReadDir(l.dir)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// spentToday is what all processes spent since midnight, this one included, and
// what the others have on the wire.
func (l *ledger) spentToday() dispatch.Spend {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	day, sum := now.Format(time.DateOnly), dispatch.Spend{}
	if day == l.day {
		sum = l.today
	}
	if now.Sub(l.looked) >= ledgerFresh {
		l.looked = now
		l.look(day)
	} else {
		for _, name := range l.live {
			l.others[name] = l.read(name)
		}
	}
	for _, s := range l.others {
		sum = plus(sum, s)
	}
	return sum
}

// look reads the files of the other processes, and finds those that are live.
func (l *ledger) look(day string) {
	own, before := "", l.others
	if l.file != nil {
		own = filepath.Base(l.file.Name())
	}
	l.others, l.live = map[string]dispatch.Spend{}, nil
	for _, name := range l.names() {
		if !strings.HasPrefix(name, day+".") || name == own {
			continue
		}
		l.others[name] = l.read(name)
		if old, known := before[name]; !known || old != l.others[name] {
			l.live = append(l.live, name)
		}
	}
}

// read returns what a file says; one that is not whole says nothing.
func (l *ledger) read(name string) (s dispatch.Spend) {
	text, err := os.ReadFile(filepath.Join(l.dir, name))
	if err != nil {
		return s
	}
	if n, _ := fmt.Sscanf(string(text), "%d %d %d", &s.CostNano, &s.Requests, &s.Tokens); n != 3 {
		return dispatch.Spend{}
	}
	return s
}

func plus(a, b dispatch.Spend) dispatch.Spend {
	return dispatch.Spend{CostNano: a.CostNano + b.CostNano, Requests: a.Requests + b.Requests, Tokens: a.Tokens + b.Tokens}
}

func (l *ledger) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shut()
	l.day = ""
}

func (l *ledger) shut() {
	if l.file != nil {
		_ = l.file.Close()
		l.file = nil
	}
}
