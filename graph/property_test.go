package graph

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A world is a random project and what a naive reader knows of it: the oracle
// remembers texts where the graph remembers digests.
type world struct {
	*project
	graph   *Graph
	files   map[string]string
	needs   map[*Target][]string // files
	sources map[*Target][]*Target
	built   map[*Target]*record
	look    quiet
	failed  map[*Target]string // inputs of the last attempt
}

// A record is what the oracle remembers of a build.
type record struct {
	inputs, output, content string
	partial                 bool
}

var worldFiles = []string{"a.md", "b.txt", "d/c.md", "d/e/f.txt"}

func newWorld(t *testing.T, rt *rapid.T) *world {
	w := &world{
		project: newProject(t, nil), files: make(map[string]string),
		needs: make(map[*Target][]string), sources: make(map[*Target][]*Target),
		built: make(map[*Target]*record), failed: make(map[*Target]string),
		look: quiet{running: make(map[string]bool), failed: make(map[string]string)},
	}
	var targets []*Target
	for i := range rapid.IntRange(1, 6).Draw(rt, "targets") {
		x := &Target{Name: fmt.Sprint("t", i), Output: fmt.Sprintf("out/t%d.jsonl", i)}
		for _, f := range worldFiles {
			if rapid.Bool().Draw(rt, "needs file") {
				x.Inputs = append(x.Inputs, File{f, f})
				w.needs[x] = append(w.needs[x], f)
			}
		}
		for _, s := range targets {
			if rapid.IntRange(0, 2).Draw(rt, "needs target") == 0 {
				x.Inputs = append(x.Inputs, Source{Attr: s.Name, Target: s.Name})
				w.sources[x] = append(w.sources[x], s)
			}
		}
		targets = append(targets, x)
	}
	w.graph = w.project.graph(targets...)
	return w
}

// inputs is everything a target is made from, in full.
func (w *world) inputs(t *Target) string {
	s := ""
	for _, f := range w.needs[t] {
		text, ok := w.files[f]
		s += fmt.Sprintf("%s %v %q\n", f, ok, text)
	}
	for _, src := range w.sources[t] {
		if b := w.built[src]; b != nil {
			s += fmt.Sprintf("%s %q\n", src.Name, b.content)
		} else {
			s += src.Name + " missing\n"
		}
	}
	return s
}

// expect is the state by the book.
func (w *world) expect(t *Target) State {
	b := w.built[t]
	output, there := w.files[t.Output]
	switch {
	case w.look.running[t.Name]:
		return Running
	case b == nil || !there:
		return Missing
	case output != b.output:
		return Edited
	}
	fresh := !slices.ContainsFunc(w.sources[t], func(s *Target) bool { return w.expect(s) != Current })
	failed, tried := w.failed[t]
	switch {
	case fresh && w.inputs(t) == b.inputs && b.partial:
		return Partial
	case fresh && w.inputs(t) == b.inputs:
		return Current
	case fresh && tried && failed == w.inputs(t):
		return Failed
	}
	return Stale
}

func (w *world) target(rt *rapid.T) *Target {
	return rapid.SampledFrom(w.graph.Targets()).Draw(rt, "target")
}

func (w *world) put(name, text string) {
	w.write(name, text)
	w.files[name] = text
}

func (w *world) steps() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"edit a file": func(rt *rapid.T) {
			w.put(rapid.SampledFrom(worldFiles).Draw(rt, "file"), rapid.SampledFrom([]string{"", "x", "# A\nx", "# A\ny"}).Draw(rt, "text"))
		},
		"remove a file": func(rt *rapid.T) {
			name := rapid.SampledFrom(worldFiles).Draw(rt, "file")
			w.remove(name)
			delete(w.files, name)
		},
		"build": func(rt *rapid.T) {
			t := w.target(rt)
			rows := rapid.SampledFrom([]string{"1", "2"}).Draw(rt, "rows")
			rec := &record{inputs: w.inputs(t), output: rows + rapid.SampledFrom([]string{"", "+"}).Draw(rt, "provenance"), content: rows}
			rec.partial = rapid.IntRange(0, 4).Draw(rt, "partial") == 0
			w.build(t, rec.output, func(m *Manifest) { m.Partial, m.Output.Content = rec.partial, rec.content })
			w.files[t.Output], w.built[t] = rec.output, rec
		},
		"fail": func(rt *rapid.T) {
			t := w.target(rt)
			parts, err := Parts(t, w.Reader)
			if err != nil {
				rt.Fatal(err)
			}
			w.look.failed[t.Name], w.failed[t] = Digest(parts), w.inputs(t)
		},
		"edit an output": func(rt *rapid.T) { w.put(w.target(rt).Output, "mine") },
		"remove an output": func(rt *rapid.T) {
			t := w.target(rt)
			w.remove(t.Output)
			delete(w.files, t.Output)
		},
		"lose a manifest": func(rt *rapid.T) {
			t := w.target(rt)
			w.remove(ManifestPath(t.Output))
			delete(w.built, t)
		},
		"run": func(rt *rapid.T) {
			t := w.target(rt)
			w.look.running[t.Name] = !w.look.running[t.Name]
		},
		"begin a new process": func(rt *rapid.T) {
			if err := w.Save(); err != nil {
				rt.Fatal(err)
			}
			w.reopen()
		},
	}
}

// check compares every state, asked for at once and one by one.
func (w *world) check(rt *rapid.T) {
	all, err := w.graph.Survey(w.Reader, w.look).Statuses(w.graph.Targets())
	if err != nil {
		rt.Fatal(err)
	}
	for _, st := range all {
		if want := w.expect(st.Target); st.State != want {
			rt.Fatalf("%s is %s %q, want %s", st.Target.Name, st.State, texts(st.Reasons), want)
		}
		if explained := len(st.Reasons) > 0; explained == (st.State == Current || st.State == Running) {
			rt.Fatalf("%s is %s with reasons %q", st.Target.Name, st.State, texts(st.Reasons))
		}
		if one := w.status(w.graph, st.Target, w.look); one.State != st.State {
			rt.Fatalf("%s alone is %s, among others %s", st.Target.Name, one.State, st.State)
		}
	}
}

func TestStatesAreThoseOfANaiveReader(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, rt)
		defer w.Close()
		steps := w.steps()
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			steps[rapid.SampledFrom(slices.Sorted(maps.Keys(steps))).Draw(rt, "step")](rt)
			w.check(rt)
		}
	})
}

func TestDigestsAreEqualExactlyIfNothingDiffers(t *testing.T) {
	part := rapid.Custom(func(rt *rapid.T) Part {
		p := Part{Type: rapid.SampledFrom([]string{TypeFile, TypeDir, TypePrompt, TypeParam, TypeCode, TypeTarget}).Draw(rt, "type")}
		p.Attr = rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "attr")
		p.Ref = rapid.SampledFrom([]string{"1", "2"}).Draw(rt, "ref")
		if p.Digest = rapid.SampledFrom([]string{"", "x", "y"}).Draw(rt, "digest"); p.Digest == "" {
			p.Missing = true
		}
		return p
	})
	parts := rapid.SliceOfNDistinct(part, 0, 4, func(p Part) partKey { return p.key() })
	rapid.Check(t, func(rt *rapid.T) {
		a, b := parts.Draw(rt, "was"), parts.Draw(rt, "now")
		if equal, reasons := Digest(a) == Digest(b), Diff(a, b); equal != (len(reasons) == 0) {
			rt.Fatalf("equal digests: %v, reasons: %q", equal, texts(reasons))
		}
	})
}
