package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/identity-shaping/isf/graph"
)

// setting is a number from the environment.
func setting(name string, standard int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return standard
}

// Random projects are edited, built, disturbed and built again, in processes
// that remember nothing of each other. After each step every state is what an
// oracle says that knows all texts and no digest; each build writes the rows
// the oracle makes, asks exactly what was never asked, and nothing twice; and a
// rebuild of what is current, from inputs and answers alone, has the same bytes
// and asks nothing. ISF_ORACLE_STEPS and ISF_ORACLE_SEED make it long, or
// repeat one world.
func TestBuildsAreThoseOfAnOracle(t *testing.T) {
	const each = 60 // steps of one world
	steps, first := setting("ISF_ORACLE_STEPS", 1500), setting("ISF_ORACLE_SEED", 1)
	for seed := first; steps > 0; seed++ {
		ok := t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			w := newWorld(t, uint64(seed))
			for range each {
				w.step()
			}
			w.fromScratch()
		})
		if steps -= each; !ok {
			return
		}
	}
}

// step does one thing, and looks at every state.
func (w *world) step() {
	switch n := w.r.IntN(100); {
	case n < 30:
		w.cleanBuild()
	case n < 40:
		w.disturbedBuild()
	case n < 75:
		w.edit()
	case n < 84:
		w.editOutput()
	case n < 91:
		w.decide()
	case n < 95:
		w.loseState()
	case n < 97:
		w.clone()
	default:
		w.fromScratch()
	}
	w.compareStates()
}

func (w *world) compareStates() {
	w.Helper()
	p, r := w.open()
	defer r.Close()
	defer p.Close()
	var targets []*graph.Target
	for _, s := range w.specs {
		targets = append(targets, p.Graph.Target(s.target()))
	}
	all, err := p.Graph.Survey(r, p).Statuses(targets)
	if err != nil {
		w.fail("status: %v", err)
	}
	for i, st := range all {
		if want := w.state(w.specs[i]); st.State != want {
			w.fail("%s is %s %+v, want %s", st.Target.Name, st.State, st.Reasons, want)
		}
	}
}

// edit changes something that targets are made from, often back to what it was.
func (w *world) edit() {
	s := pick(w, w.specs[1:])
	switch w.r.IntN(9) {
	case 0, 1:
		name := pick(w, seedFiles)
		w.sow(name)
		w.did("%s = %q", name, w.files[name])
	case 2:
		w.rewrite(noteFile, notes)
	case 3:
		w.put(identityFile, pick(w, identities))
		w.did("%s = %q", identityFile, w.files[identityFile])
	case 4:
		w.rewrite(templateFile, templates)
	case 5:
		m := w.models[pick(w, []string{"plain", "other", self})]
		half, none := 0.5, 0.0
		m.id, m.heat = pick(w, []string{"sim/one", "sim/two"}), pick(w, []*float64{nil, &half, &none})
		w.configure()
		w.did("the model is %s at %v", m.id, m.heat)
	case 6:
		s.word = pick(w, words)
		w.did("%s: word %s", s.name, s.word)
	case 7:
		s.code = pick(w, codesOfPipelines)
		w.did("%s: code %s", s.name, s.code)
	case 8:
		s.minimal = !s.minimal
		w.did("%s: minimal %t", s.name, s.minimal)
	}
}

func (w *world) rewrite(name string, among []string) {
	text := pick(w, among)
	if w.r.IntN(3) == 0 {
		text = comment + text
	}
	w.put(name, text)
	w.did("%s = %q", name, text)
}

// build runs a build in a process of its own.
func (w *world) builds(selected []*spec, o Options) map[string]Result {
	w.Helper()
	p, r := w.open()
	defer r.Close()
	defer p.Close()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	if w.model.mood == interrupting {
		at := w.r.IntN(4)
		w.model.after = func(n int) {
			if n > at {
				stop()
			}
		}
	}
	o.KeepGoing, o.Workers = true, 1+w.r.IntN(4)
	var targets []*graph.Target
	for _, s := range selected {
		targets = append(targets, p.Graph.Target(s.target()))
	}
	results, _ := p.Build(ctx, targets, r, o, nil) // each result has its own error
	_ = r.Save()
	by := map[string]Result{}
	for _, one := range results {
		by[one.Target.Name] = one
	}
	for _, s := range w.specs {
		w.see(s.output())
	}
	if len(w.model.complain) > 0 {
		w.fail("the model was %s", strings.Join(w.model.complain, "\n"))
	}
	return by
}

// see reads a file that isf writes.
func (w *world) see(name string) {
	text, err := os.ReadFile(filepath.Join(w.dir, name))
	if err != nil {
		delete(w.files, name)
		return
	}
	w.files[name] = string(text)
}

func (w *world) someSpecs() []*spec {
	all := w.specs[1:]
	if w.r.IntN(3) == 0 {
		return all
	}
	var some []*spec
	for _, s := range all {
		if w.r.IntN(2) == 0 {
			some = append(some, s)
		}
	}
	if len(some) == 0 {
		return all[len(all)-1:]
	}
	return some
}

// cleanBuild is a build that nothing disturbs: all that it does is known.
func (w *world) cleanBuild() {
	selected := w.someSpecs()
	var o Options
	switch w.r.IntN(8) {
	case 0:
		o.Limit = 1 + w.r.IntN(4)
	case 1:
		o.Offline = true
	case 2:
		o.Force = true
	}
	w.did("build %v limit %d offline %t force %t", names(selected), o.Limit, o.Offline, o.Force)
	w.model.in(helpful, nil)
	ends := w.build(selected, o)
	got := w.builds(selected, o)
	answered := w.model.taken()
	var asked []string
	for _, e := range ends {
		w.compareEnding(e, got[e.spec.target()])
		for _, a := range e.outcome.asks {
			if !o.Offline && !w.seen[a] {
				w.seen[a] = true
				asked = append(asked, bare(a))
			}
		}
	}
	w.compareAsked(asked, answered)
}

// compareAsked checks that what was sent is what was never asked before.
func (w *world) compareAsked(want, got []string) {
	w.Helper()
	clear := func(all []string) []string {
		all = slices.DeleteFunc(all, func(a string) bool { return w.vague[a] })
		slices.Sort(all)
		return all
	}
	if got, want := clear(got), clear(want); !slices.Equal(got, want) {
		w.fail("the model answered\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// bare is a request without its count of rerolls, which the model does not see.
func bare(ask string) string {
	what, _, _ := strings.Cut(ask, ", reroll ")
	return what
}

func (w *world) compareEnding(e finale, r Result) {
	w.Helper()
	name := e.spec.name
	switch {
	case (r.Err != nil) != e.err:
		w.fail("%s ends with %v, want an error: %t", name, r.Err, e.err)
	case r.UpToDate != e.idle:
		w.fail("%s: nothing to do: %t, want %t", name, r.UpToDate, e.idle)
	case !e.err && r.State != e.state:
		w.fail("%s ends %s, want %s", name, r.State, e.state)
	}
	if b := w.built[e.spec]; !e.err && !e.idle && !b.known {
		w.placed(e.spec)
	}
}

// placed compares an output with the oracle's rows, and remembers its bytes.
func (w *world) placed(s *spec) {
	w.Helper()
	b := w.built[s]
	if got := w.readRows(s); !slices.Equal(got, b.rows) {
		w.fail("%s holds\n  %q\nwant\n  %q", s.name, got, b.rows)
	}
	b.output, b.known = w.files[s.output()], true
}

// disturbedBuild is a build whose model refuses, or that is interrupted. What
// becomes of each target is not foretold, but it is told truthfully.
func (w *world) disturbedBuild() {
	selected, m := w.someSpecs(), pick(w, []mood{locked, troubled, interrupting})
	w.did("build %v with a model that is %s", names(selected), m)
	w.model.in(m, nil)
	closure := w.closure(selected)
	got := w.builds(selected, Options{})
	answered := w.model.taken()
	var asks []string
	for _, s := range w.specs {
		r, ran := got[s.target()]
		if !closure[s] || !ran || r.UpToDate {
			continue
		}
		switch {
		case r.Err == nil && r.Output == s.output():
			asks = append(asks, w.believe(s, r)...)
		case r.State == graph.Failed && r.Blocked == "":
			w.failed[s] = w.inputs(s)
			fallthrough
		default:
			if r.Blocked == "" && w.sourced(s) {
				asks = append(asks, w.run(s, 0).asks...)
			}
		}
	}
	w.attribute(asks, answered)
}

func (w *world) sourced(s *spec) bool {
	return !slices.ContainsFunc(w.needs(s), func(n *spec) bool { return w.built[n] == nil })
}

// believe takes an output for what it is: whole where it is called CURRENT,
// and nothing made up where it is called PARTIAL.
func (w *world) believe(s *spec, r Result) []string {
	o := w.run(s, 0)
	rows := o.rows
	if r.State == graph.Partial {
		rows = w.readRows(s)
		for _, one := range rows {
			if !slices.Contains(o.rows, one) {
				w.fail("%s holds %q, which nobody made", s.name, one)
			}
		}
	}
	if r.State == graph.Current && o.failed {
		w.fail("%s is called current, and too many of its records fail", s.name)
	}
	w.place(s, rows, r.State == graph.Partial)
	w.placed(s)
	return o.asks
}

// attribute finds out which requests a disturbed build got answers to. The
// model does not see rerolls, so it may stay unknown which of two was answered.
func (w *world) attribute(asks, answered []string) {
	for _, what := range answered {
		var may []string
		for _, a := range asks {
			if bare(a) == what && !w.seen[a] && !slices.Contains(may, a) {
				may = append(may, a)
			}
		}
		switch len(may) {
		case 0:
			w.fail("the model was asked %s, which no target wants or which was answered", what)
		case 1:
			w.seen[may[0]] = true
		default:
			w.vague[what] = true
		}
	}
}

// editOutput does to an output what people do, knowing or not.
func (w *world) editOutput() {
	s := pick(w, w.specs)
	b := w.built[s]
	if b == nil {
		return
	}
	text, there := w.files[s.output()]
	e := w.edits[s]
	switch n := w.r.IntN(7); {
	case n == 0:
		w.remove(s.output())
		w.did("%s: the output is removed", s.name)
	case n == 1:
		w.remove(graph.ManifestPath(s.output()))
		delete(w.built, s)
		w.did("%s: the manifest is removed", s.name)
	case n == 2:
		w.put(s.output(), b.output)
		delete(w.edits, s)
		w.did("%s: the output is as it was", s.name)
	case !there || len(b.rows) == 0 || s.kind == graph.Prompt:
	case n == 3:
		first, rest, _ := strings.Cut(text, "\n")
		if first == "" {
			return
		}
		w.put(s.output(), rest)
		w.edits[s] = handEdit{e.rows, true}
		w.did("%s: a row is taken out", s.name)
	case n < 6:
		old := pick(w, b.rows)
		mine := row{old.ID, old.Ask, fmt.Sprint("mine ", w.r.IntN(3))}
		edited := strings.Replace(text, fmt.Sprintf("%q", old.Text), fmt.Sprintf("%q", mine.Text), 1)
		if edited == text || strings.Count(text, fmt.Sprintf("%q", old.Text)) > 1 {
			return // edited already
		}
		w.put(s.output(), edited)
		rows := map[string]row{mine.ID: mine}
		for id, r := range e.rows {
			rows[id] = r
		}
		w.edits[s] = handEdit{rows, e.other}
		w.did("%s: row %s says %q", s.name, mine.ID, mine.Text)
	}
}

// decide pins, unpins and rerolls.
func (w *world) decide() {
	s := pick(w, w.specs[1:])
	p, r := w.open()
	defer r.Close()
	defer p.Close()
	t := p.Graph.Target(s.target())
	var all []Decision
	switch n := w.r.IntN(4); {
	case n < 2 && w.tables[s] && w.state(s) == graph.Edited:
		edited, err := p.Edited(t)
		if err != nil {
			w.fail("pinning %s: %v", s.name, err)
		}
		all = edited
		for _, d := range edited {
			mine, known := w.edits[s].rows[d.Pin]
			if !known {
				w.fail("%s: row %s is called edited, and nobody did", s.name, d.Pin)
			}
			w.decided(s)
			w.pins[s][d.Pin] = mine
		}
		w.did("%s: pin %d rows", s.name, len(edited))
	case n == 2 && len(w.pins[s]) > 0:
		id := pick(w, sortedKeys(w.pins[s]))
		all = []Decision{{Unpin: id}}
		delete(w.pins[s], id)
		w.did("%s: unpin %s", s.name, id)
	case n == 3 && w.built[s] != nil && len(w.built[s].rows) > 0:
		id := pick(w, w.built[s].ids())
		w.decided(s)
		if w.rerolls[s][id] > 0 && w.r.IntN(2) == 0 {
			all = []Decision{{Unreroll: id}}
			delete(w.rerolls[s], id)
		} else {
			all = []Decision{{Reroll: id}}
			w.rerolls[s][id]++
		}
		w.did("%s: reroll %s: %d", s.name, id, w.rerolls[s][id])
	}
	if len(all) == 0 {
		return
	}
	if err := p.Decide(t, all); err != nil {
		w.fail("deciding about %s: %v", s.name, err)
	}
	w.see(s.decisions())
}

func (w *world) decided(s *spec) {
	if w.pins[s] == nil {
		w.pins[s], w.rerolls[s] = map[string]row{}, map[string]int{}
	}
}

// loseState removes something below .isf that is no answer.
func (w *world) loseState() {
	name := pick(w, []string{"stat", "records", "attempts", "used", "editions", "builds.jsonl", "failed", "locks"})
	w.remove(StateDir + "/" + name)
	w.did("%s is lost", name)
	switch name {
	case "records":
		clear(w.tables)
	case "attempts":
		clear(w.failed)
	}
}

// answers are the files of the state folder that hold answers.
var answers = []string{"cache.db", "journal"}

// clone goes on in a copy that has what is committed, and the answers.
func (w *world) clone() {
	fresh := w.TempDir()
	w.copyTo(fresh, func(name string) bool { return true })
	w.dir = fresh
	clear(w.tables)
	clear(w.failed)
	w.did("a fresh clone")
}

// copyTo copies answers, and the project's files that keep says.
func (w *world) copyTo(dir string, keep func(name string) bool) {
	err := filepath.WalkDir(w.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(w.dir, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if state, is := strings.CutPrefix(name, StateDir+"/"); is {
			if top, _, _ := strings.Cut(state, "/"); !slices.Contains(answers, top) {
				return nil
			}
		} else if !keep(name) {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		to := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		return os.WriteFile(to, text, 0o644)
	})
	if err != nil {
		w.Fatal(err)
	}
}

// fromScratch rebuilds what is current from inputs and answers alone.
func (w *world) fromScratch() {
	w.Helper()
	var current []*spec
	for _, s := range w.specs[1:] {
		if w.state(s) == graph.Current {
			current = append(current, s)
		}
	}
	if len(current) == 0 {
		return
	}
	w.did("rebuild %v from scratch", names(current))
	elsewhere := *w
	elsewhere.dir, elsewhere.files = w.TempDir(), map[string]string{}
	w.copyTo(elsewhere.dir, func(name string) bool {
		return !slices.ContainsFunc(w.specs, func(s *spec) bool { return name == s.output() || name == graph.ManifestPath(s.output()) })
	})
	w.model.in(helpful, nil)
	got := elsewhere.builds(current, Options{})
	if asked := w.model.taken(); len(asked) > 0 {
		w.fail("a rebuild of what is current asked %q", asked)
	}
	for _, s := range current {
		if r := got[s.target()]; r.Err != nil {
			w.fail("%s is current, and cannot be built: %v", s.name, r.Err)
		}
		for _, name := range []string{s.output(), graph.ManifestPath(s.output())} {
			w.compareFiles(filepath.Join(elsewhere.dir, name), filepath.Join(w.dir, name))
		}
	}
}

func (w *world) compareFiles(got, want string) {
	w.Helper()
	a, err := os.ReadFile(got)
	b, werr := os.ReadFile(want)
	if err != nil || werr != nil || string(a) != string(b) {
		w.fail("from scratch it is (%v)\n%s\nwant (%v)\n%s", err, a, werr, b)
	}
}
