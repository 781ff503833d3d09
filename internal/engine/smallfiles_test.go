package engine

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/identity-shaping/isf/internal/registry"
	"github.com/identity-shaping/isf/internal/reviews"
)

// A smallFile is one of the small files that a project has, and how it is read.
// Those with checksums have tests of their own, beside their readers.
type smallFile struct {
	name, text string
	read       func(p *Project) error
	people     bool // who wrote it are people: what is cut off is told, where it cannot be made again
}

const (
	anAttempt = `{"inputs":"0123456789abcdef","failed":"3 of 10 records failed","placing":["89ab"]}`
	aHistory  = `{"rows":12,"stages":[{"stage":"ask","model":"judge","requests":12,"tasks":12,"bytes":900,"seconds":1.5}]}`
	aBuild    = `{"started":"2026-01-02T03:04:05Z","seconds":1.5,"targets":[{"name":"training/data/a","state":"CURRENT","records":3,"requests":{"total":3,"hits":1,"sent":2}}]}`
	aTry      = `{"number":1,"target":"training/data/a","records":[{"id":"s1","rows":[{"kind":"same","id":"s1"}]}]}`
	steps     = `{"id":"s1","source":"s1","line":"0123","steps":[{"stage":"ask","record":"s1","key":"` + keyText + `","limit":8192}]}`
	keyText   = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
	someLines = `{"reroll":"s2"}` + "\n" + `{"pin":"s1","row":{"id":"s1","messages":[]},"made":"ab"}` + "\n" + `{"keep":{"input":"note","reason":"a typo"}}` + "\n" + `{"unpin":"s1"}` + "\n"
	aLock     = `{"source":"p1","text":"A paragraph.","rows":[{"id":"f1","text":"A fact."}]}` + "\n" + `{"source":"p2","text":"Another.","rows":[{"id":"f2","text":"One more."}]}` + "\n"
	aReview   = `{"digest":"0123","id":"s1","verdict":"good","at":"2026-01-02T03:04:05Z"}` + "\n" + `{"digest":"4567","id":"s2","verdict":"bad","note":"too long","at":"2026-01-02T03:04:05Z"}` + "\n"
	aRegistry = `{"version": 1, "models": {"judge": {"provider": "sim", "model": "sim/judge", "params": {"temperature": 0.3}, "sysprompt": null}}}`
)

func smallFiles() []smallFile {
	const target, output = "training/data/a", "training/data/a.jsonl"
	return []smallFile{
		{name: attemptPath(target), text: anAttempt, read: func(p *Project) error { p.LastFailure(target); p.Placing(target); return nil }},
		{name: historyPath(target), text: aHistory, read: func(p *Project) error { p.history(target); return nil }},
		{name: logPath, text: aBuild + "\n" + aBuild + "\n", read: func(p *Project) error { _, err := p.Log(10); return err }},
		{name: tablePath(target), text: steps + "\n" + steps + "\n", read: func(p *Project) error { _, err := p.lastSteps(target); return err }},
		{name: trialPath(1), text: aTry, read: func(p *Project) error { _, err := p.Trial(1); return err }},
		{name: ledgerDir + "/2026-01-02.7", text: fmt.Sprintf(ledgerLine, 5, 6, 7), read: func(p *Project) error {
			l := newLedger(p.Root, func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) })
			l.spentToday()
			return nil
		}},
		{name: "registry.json", text: aRegistry, read: func(p *Project) error {
			text, err := p.Files.ReadFile("registry.json")
			registry.Version(text)
			return err
		}},
		{name: decisionsPath(output), text: someLines, people: true, read: func(p *Project) error { _, err := p.decisions(output); return err }},
		{name: lockPath(output), text: aLock, people: true, read: func(p *Project) error { _, err := p.stability(&Pipeline{Stable: "text"}, output); return err }},
		{name: reviews.Path(output), text: aReview, read: func(p *Project) error { _, err := reviews.Open(filepath.Join(p.Root, output)); return err }},
	}
}

// Every small file may end anywhere, and have a wrong bit anywhere: reading it
// never breaks anything, and an error names the file. What people have decided is
// not quietly less than it was.
func TestEverySmallFileMayBeDamagedAnywhere(t *testing.T) {
	for _, f := range smallFiles() {
		t.Run(filepath.Base(f.name), func(t *testing.T) {
			p := emptyProject(t)
			path := filepath.Join(p.Root, filepath.FromSlash(f.name))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			read := func(text []byte) error {
				if err := os.WriteFile(path, text, 0o600); err != nil {
					t.Fatal(err)
				}
				return f.read(p)
			}
			whole := []byte(f.text)
			if err := read(whole); err != nil {
				t.Fatalf("it is whole: %v", err)
			}
			for n := range whole {
				err := read(whole[:n])
				if err != nil && !strings.Contains(err.Error(), filepath.Base(f.name)) {
					t.Errorf("cut after %d bytes: %v", n, err)
				}
				atEnd := n == 0 || whole[n-1] == '\n' || whole[n] == '\n'
				if f.people && err == nil && !atEnd {
					t.Errorf("cut after %d bytes it reads as if it were whole", n)
				}
				text := bytes.Clone(whole)
				text[n] ^= 1 << (n % 8)
				if err := read(text); err != nil && !strings.Contains(err.Error(), filepath.Base(f.name)) {
					t.Errorf("with a wrong bit in byte %d: %v", n, err)
				}
			}
		})
	}
}
