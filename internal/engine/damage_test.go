package engine

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/reviews"
)

// wellBuilt is a world in which everything was built twice, so that there is
// something of every kind in its state folder.
func wellBuilt(t *testing.T) *world {
	w := newWorld(t, 4)
	for _, name := range seedFiles {
		w.put(name, "{\"id\":\"s0\",\"text\":\"apple\"}\n{\"text\":\"berry\"}\n{\"id\":\"s2\",\"text\":\"cherry\"}\n")
		w.seeds[name] = []input{{ID: "s0", Text: "apple"}, {Text: "berry"}, {ID: "s2", Text: "cherry"}}
	}
	build := func() {
		t.Helper()
		for name, r := range w.builds(w.specs[1:], Options{}) {
			if r.Err != nil {
				t.Fatalf("%s: %v", name, r.Err)
			}
		}
	}
	build()
	w.files[noteFile] += " Now."
	w.put(noteFile, w.files[noteFile])
	p, r := w.open()
	defer r.Close()
	defer p.Close()
	target := p.Graph.Target(w.specs[1].target())
	pin, err := p.PinOf(target, "s0")
	if err == nil {
		err = p.Decide(target, []Decision{pin, {Reroll: "s2"}})
	}
	if err != nil {
		t.Fatal(err)
	}
	build()
	if err := p.keepAttempt(target.Name, attempt{Inputs: "0123456789abcdef", Failed: "3 of 3 records failed"}); err != nil {
		t.Fatal(err)
	}
	w.write(reviews.Path(target.Output), `{"digest":"0123","id":"s0","verdict":"good","at":"2026-01-02T03:04:05Z"}`+"\n")
	return w
}

// smallFiles are all that isf writes, except for outputs and answers.
func (w *world) smallFiles() (names []string) {
	err := filepath.WalkDir(w.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(w.dir, path)
		name = filepath.ToSlash(name)
		state, inState := strings.CutPrefix(name, StateDir+"/")
		top, _, _ := strings.Cut(state, "/")
		switch {
		case inState && (slices.Contains(answers, top) || top == "locks"):
		case inState, strings.HasSuffix(name, ".manifest.json"), strings.HasSuffix(name, ".decisions.jsonl"), strings.HasSuffix(name, ".reviews.jsonl"):
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return names
}

// snapshot is all files of the project.
func (w *world) snapshot() map[string][]byte {
	all := map[string][]byte{}
	err := filepath.WalkDir(w.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		all[path], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return all
}

// restore undoes what has happened to files since a snapshot.
func (w *world) restore(all map[string][]byte) {
	for path, now := range w.snapshot() {
		if was, ok := all[path]; !ok {
			_ = os.Remove(path)
		} else if !bytes.Equal(was, now) {
			if err := os.WriteFile(path, was, 0o600); err != nil {
				w.Fatal(err)
			}
		}
	}
	for path, was := range all {
		if _, err := os.Stat(path); err != nil {
			if err := os.WriteFile(path, was, 0o600); err != nil {
				w.Fatal(err)
			}
		}
	}
}

// Whatever happens to one of the small files, everything can be asked, nothing
// is called current that is not, and the next build mends it and asks nothing.
// What people wrote is not mended but told with its line.
func TestADamagedStateFileCostsNoAnswer(t *testing.T) {
	w := wellBuilt(t)
	whole := w.snapshot()
	names := w.smallFiles()
	t.Logf("files: %s", strings.Join(names, " "))
	for range setting("ISF_DAMAGES", 120) {
		name := pick(w, names)
		path := filepath.Join(w.dir, name)
		text := bytes.Clone(whole[path])
		if len(text) == 0 {
			continue
		}
		at := w.r.IntN(len(text))
		if w.r.IntN(2) == 0 {
			text = text[:at]
			w.did("%s is cut after %d of %d bytes", name, at, len(whole[path]))
		} else {
			text[at] ^= 1 << w.r.IntN(8)
			w.did("%s has a wrong bit in byte %d", name, at)
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		w.askEverything()
		w.mended(name, whole)
		w.restore(whole)
		w.log = nil
	}
}

// askEverything reads all that there is to read. An error is an answer, too.
func (w *world) askEverything() {
	p, r := w.open()
	defer r.Close()
	defer p.Close()
	if _, err := p.Graph.Survey(r, p).Statuses(p.Graph.Targets()); err != nil {
		w.fail("status: %v", err)
	}
	if _, err := p.Log(10); err != nil {
		w.fail("log: %v", err)
	}
	var names []string
	for _, t := range p.Graph.Targets() {
		names = append(names, t.Name)
	}
	_, _ = p.Users(names, 1)
	for _, s := range w.specs[1:] {
		t := p.Graph.Target(s.target())
		_, _ = p.Changes(t, "")
		_, _ = p.Edited(t)
		_, _ = p.FailedRecords(t)
		_, _ = reviews.Open(filepath.Join(w.dir, t.Output))
		_, _, _ = p.LastFailure(t.Name)
		_, _ = p.lastSteps(t.Name)
	}
}

// mended builds, and compares outputs and manifests with what they were.
func (w *world) mended(name string, whole map[string][]byte) {
	w.model.in(helpful, nil)
	decisions := strings.HasSuffix(name, ".decisions.jsonl")
	for target, r := range w.builds(w.specs[1:], Options{}) {
		if r.Err != nil && !decisions {
			w.fail("%s cannot be built: %v", target, r.Err)
		}
		if r.Err != nil && r.Blocked == "" && !strings.Contains(r.Err.Error(), name+":") {
			w.fail("%s cannot be built, and it is not said where: %v", target, r.Err)
		}
	}
	if decisions {
		return // whatever they say now is what was decided
	}
	if asked := w.model.taken(); len(asked) > 0 {
		w.fail("the model was asked %q", asked)
	}
	for _, path := range slices.Sorted(maps.Keys(whole)) {
		rel, _ := filepath.Rel(w.dir, path)
		if strings.HasPrefix(rel, StateDir) {
			continue
		}
		if strings.HasSuffix(rel, ".reviews.jsonl") {
			continue // nothing is made from it, and nothing makes it
		}
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, whole[path]) {
			w.fail("%s is (%v)\n%s\nwant\n%s", rel, err, now, whole[path])
		}
	}
	p, r := w.open()
	defer r.Close()
	defer p.Close()
	for _, s := range w.specs[1:] {
		if st, err := p.Graph.Status(p.Graph.Target(s.target()), r, p); err != nil || st.State != graph.Current {
			w.fail("after a build %s is %s %v, %v", s.name, st.State, st.Reasons, err)
		}
	}
}

// A target whose name changes only in its case is made again from the cache, and
// what is made from it as well, on disks that tell the names apart and on those
// that do not.
func TestATargetIsRenamedInItsCaseOnly(t *testing.T) {
	w := wellBuilt(t)
	first := w.specs[1]
	was, err := os.ReadFile(filepath.Join(w.dir, first.output()))
	if err != nil {
		t.Fatal(err)
	}
	before := first.decisions()
	first.name = strings.ToUpper(first.name)
	if err := os.Rename(filepath.Join(w.dir, before), filepath.Join(w.dir, first.decisions())); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	w.model.in(helpful, nil)
	for name, r := range w.builds(w.specs[1:], Options{}) {
		if r.Err != nil {
			t.Errorf("%s: %v", name, r.Err)
		}
	}
	if asked := w.model.taken(); len(asked) > 0 {
		t.Errorf("the model was asked %q", asked)
	}
	if now, err := os.ReadFile(filepath.Join(w.dir, first.output())); err != nil || !bytes.Equal(now, was) {
		t.Errorf("it is (%v)\n%s\nwant\n%s", err, now, was)
	}
}

// A build that was killed behind its output, and a second one that was killed or
// failed in front of its own, leave an output that nobody edited.
func TestTwoKillsMakeNoEdit(t *testing.T) {
	w := wellBuilt(t)
	p, r := w.open()
	defer r.Close()
	defer p.Close()
	target := p.Graph.Target(w.specs[1].target())
	p.forgetAttempt(target.Name)
	placed := "{\"id\":\"of the first\"}\n"
	w.write(target.Output, placed)
	is := func(want graph.State, after string) {
		t.Helper()
		if st, err := p.Graph.Status(target, r, p); err != nil || st.State != want {
			t.Errorf("%s it is %s %v, %v; want %s", after, st.State, st.Reasons, err, want)
		}
	}
	is(graph.Edited, "without a note")
	sum := sha256.Sum256([]byte(placed))
	if err := p.notePlacing(target.Name, hex.EncodeToString(sum[:])); err != nil {
		t.Fatal(err)
	}
	is(graph.Stale, "after one kill")
	if err := p.notePlacing(target.Name, "of the second"); err != nil {
		t.Fatal(err)
	}
	is(graph.Stale, "after two kills")
	if err := p.noteFailure(target.Name, "0123", "it failed"); err != nil {
		t.Fatal(err)
	}
	is(graph.Stale, "after a kill and a failure")
}
