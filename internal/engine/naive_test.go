package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/identity-shaping/isf/graph"
)

// The oracle remembers texts where the engine remembers digests, and makes rows
// one after the other where the engine has tasks, keys, a store and manifests.
// It shares no code with what it judges, except for the ids of records that
// bring none.

// A row is what a reader of a target sees of it.
type row struct{ ID, Ask, Text string }

// An outcome is what a run of a target comes to.
type outcome struct {
	rows    []row
	asks    []string // answered requests, each with its count of rerolls
	refused int      // requests that the model never answers
	cut     bool     // by a limit
	failed  bool
}

// run is what a target comes to from its sources as they were last built.
func (w *world) run(s *spec, limit int) (o outcome) {
	if s.kind == graph.Prompt {
		return outcome{rows: []row{{Text: w.system()}}}
	}
	items, failed := w.items(s), 0
	for i, it := range items {
		if limit > 0 && i == limit {
			o.cut = true
			break
		}
		if strings.Contains(it.Text, "skip") {
			continue
		}
		text, ask, ok := w.answer(s, it, &o)
		if pinned, is := w.pins[s][it.ID]; is {
			o.rows = append(o.rows, pinned)
		} else if ok {
			o.rows = append(o.rows, row{it.ID, ask, text})
		} else {
			failed++
		}
	}
	if !o.cut {
		o.rows = append(o.rows, w.leftPins(s, o.rows)...)
	}
	all := float64(len(o.rows) + failed)
	o.failed = failed > 0 && (len(o.rows) == 0 || float64(failed) > tolerance*all)
	return o
}

// answer asks what the pipeline asks for one record.
func (w *world) answer(s *spec, it input, o *outcome) (text, ask string, ok bool) {
	ask = w.note(s.word, it)
	system := ""
	if s.model == self {
		system = w.system()
	}
	said := []string{ask}
	for range s.steps() {
		what := w.request(s.model, system, said...)
		if strings.Contains(ask, "refuse") {
			o.refused++
			return "", ask, false
		}
		o.asks = append(o.asks, fmt.Sprintf("%s, reroll %d", what, w.rerolls[s][it.ID]))
		text = answerTo(what)
		said = append(said, text, "again")
	}
	if strings.Contains(it.Text, "fail") {
		return "", ask, false
	}
	if s.code == "loud" {
		text = strings.ToUpper(text)
	}
	return text, ask, true
}

// request is all that decides an answer of a model of the project, in words.
func (w *world) request(model, system string, said ...string) string {
	m := w.models[model]
	if heat := 0.7; m.heat == nil {
		return request(m.id, &heat, system, said...) // the default of compat
	}
	return request(m.id, m.heat, system, said...)
}

// leftPins are the pinned rows of records that are not made any more.
func (w *world) leftPins(s *spec, rows []row) (left []row) {
	for _, id := range slices.Sorted(maps.Keys(w.pins[s])) {
		if !slices.ContainsFunc(rows, func(r row) bool { return r.ID == id }) {
			left = append(left, w.pins[s][id])
		}
	}
	return left
}

// items are the records that a pipeline reads.
func (w *world) items(s *spec) (items []input) {
	context := ""
	if s.beside != nil {
		for _, r := range w.built[s.beside].rows {
			context += r.Text + ";"
		}
	}
	if s.from != nil {
		for _, r := range w.built[s.from].rows {
			items = append(items, input{r.ID, r.Text, context})
		}
		return items
	}
	for _, seed := range w.seeds[s.file] {
		seed.Context = context
		if seed.ID == "" {
			id, err := sourceID(seed)
			if err != nil {
				w.Fatal(err)
			}
			seed.ID = id
		}
		items = append(items, seed)
	}
	return items
}

// comment is what an edit may add to a template that changes nothing it says.
const comment = "{# a remark #}"

func (w *world) note(word string, it input) string {
	text := strings.TrimPrefix(w.files[noteFile], comment)
	return strings.NewReplacer("{{ word }}", word, "{{ text }}", it.Text, "{{ context }}", it.Context).Replace(text)
}

func (w *world) system() string {
	text := strings.TrimPrefix(w.files[templateFile], comment)
	return strings.ReplaceAll(text, "{{ IDENTITY | trim }}", strings.TrimSpace(w.files[identityFile]))
}

// inputs is everything that a target is made from, in full.
func (w *world) inputs(s *spec) string {
	if s.kind == graph.Prompt {
		return fmt.Sprintf("%q %q", w.files[identityFile], w.files[templateFile])
	}
	said := fmt.Sprintf("%s %s %s minimal %t note %q decided %q model %s", s.kind, s.word, s.code, s.minimal, w.files[noteFile], w.files[s.decisions()], w.request(s.model, ""))
	if s.model == self {
		said += fmt.Sprintf(" system %q", w.system())
	}
	if s.from == nil {
		said += fmt.Sprintf(" seeds %q", w.files[s.file])
	}
	for _, n := range s.sources() {
		if b := w.built[n]; b != nil {
			said += fmt.Sprintf(" source %q", b.rows)
		} else {
			said += " a missing source"
		}
	}
	return said
}

// state is the state by the book.
func (w *world) state(s *spec) graph.State {
	b := w.built[s]
	output, there := w.files[s.output()]
	switch {
	case b == nil || b.known && !there:
		return graph.Missing
	case b.known && output != b.output:
		return graph.Edited
	}
	fresh := !slices.ContainsFunc(s.sources(), func(n *spec) bool { return w.state(n) != graph.Current })
	failed, tried := w.failed[s]
	switch inputs := w.inputs(s); {
	case fresh && inputs == b.inputs && b.partial:
		return graph.Partial
	case fresh && inputs == b.inputs:
		return graph.Current
	case fresh && tried && failed == inputs:
		return graph.Failed
	}
	return graph.Stale
}

// sources are the targets whose rows s reads. What the system prompt will say
// is known before it is rendered, so that one is none of them.
func (s *spec) sources() (all []*spec) {
	for _, n := range []*spec{s.from, s.beside} {
		if n != nil {
			all = append(all, n)
		}
	}
	return all
}

// needs are the targets that s is made from.
func (w *world) needs(s *spec) (all []*spec) {
	all = s.sources()
	if s.model == self {
		all = append(all, w.specs[0])
	}
	return all
}

// A finale is what a build should do to one target.
type finale struct {
	spec    *spec
	err     bool
	idle    bool // it was current
	state   graph.State
	outcome outcome // if it ran
}

// build is what a build of the selected targets should come to, if nothing
// disturbs it. It brings the oracle up to date.
func (w *world) build(selected []*spec, o Options) (ends []finale) {
	ended := map[*spec]*finale{}
	closure := w.closure(selected)
	for _, s := range w.specs {
		if !closure[s] {
			continue
		}
		e := finale{spec: s, state: w.state(s)}
		if w.blocked(s, ended) {
			e.err = true
		} else {
			w.one(&e, o, w.limited(s, selected, o))
		}
		ends = append(ends, e)
		ended[s] = &e
	}
	return ends
}

func (w *world) blocked(s *spec, ended map[*spec]*finale) bool {
	return slices.ContainsFunc(w.needs(s), func(n *spec) bool { return ended[n].err })
}

// one is what a build should do to a target whose sources are there.
func (w *world) one(e *finale, o Options, limit int) {
	s := e.spec
	e.state = w.state(s) // sources may have been built meanwhile
	switch {
	case e.state == graph.Current && !o.Force && limit == 0:
		e.idle = true
		return
	case e.state == graph.Edited && !o.Force && !w.allPinned(s):
		e.err = true
		return
	}
	before := w.built[s]
	whole := before != nil && !before.partial && e.state != graph.Missing
	e.outcome = w.run(s, limit)
	switch {
	case o.Offline && (e.outcome.refused > 0 || slices.ContainsFunc(e.outcome.asks, func(a string) bool { return !w.seen[a] })):
		e.err = true
		return
	case e.outcome.failed:
		e.err, e.state = true, graph.Failed
		w.failed[s] = w.inputs(s)
		return
	case e.outcome.cut && whole:
		return // beside what is there
	}
	e.state = graph.Current
	if e.outcome.cut {
		e.state = graph.Partial
	}
	w.place(s, e.outcome.rows, e.outcome.cut)
}

// place remembers an output that a build wrote.
func (w *world) place(s *spec, rows []row, partial bool) {
	w.built[s] = &built{inputs: w.inputs(s), rows: rows, partial: partial}
	w.tables[s] = true
	delete(w.failed, s)
	delete(w.edits, s)
}

// allPinned says that a build loses nothing of what a person changed.
func (w *world) allPinned(s *spec) bool {
	e := w.edits[s]
	if s.kind == graph.Prompt || !w.tables[s] || e.other {
		return false
	}
	for id, r := range e.rows {
		if w.pins[s][id] != r {
			return false
		}
	}
	return true
}

func (w *world) closure(selected []*spec) map[*spec]bool {
	in := map[*spec]bool{}
	var add func(*spec)
	add = func(s *spec) {
		in[s] = true
		for _, n := range w.needs(s) {
			add(n)
		}
	}
	for _, s := range selected {
		add(s)
	}
	return in
}

// limited is the limit that holds for a target: of what was selected, unless
// another selected target is made from it.
func (w *world) limited(s *spec, selected []*spec, o Options) int {
	if !slices.Contains(selected, s) || s.kind == graph.Prompt {
		return 0
	}
	for _, other := range selected {
		if other != s && w.closure([]*spec{other})[s] {
			return 0
		}
	}
	return o.Limit
}
