package graph

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"testing"
)

// benchTargets and benchInputs are the size of project that status is measured
// on: no project in use is a tenth of it.
const (
	benchTargets = 200
	benchInputs  = 10_000
)

// benchProject has targets that are all current, each over its own Markdown
// files of about 4 KB with four sections, and a warm stat cache.
func benchProject(b *testing.B) (*project, *Graph) {
	files := make(map[string]string)
	var targets []*Target
	for i := range benchTargets {
		t := &Target{Name: fmt.Sprintf("training/data/t%d", i), Output: fmt.Sprintf("training/data/t%d.jsonl", i), Pipeline: fmt.Sprint("t", i)}
		t.Inputs = append(t.Inputs, Code{Hash: "0123456789abcdef"}, Model{Attr: "judge", Registry: "judge", Fields: []NamedValue{{"provider", "sim"}, {"temperature", 0.3}}})
		for j := range benchInputs / benchTargets {
			name := fmt.Sprintf("identity/docs/d%d/f%d.md", i, j)
			text := ""
			for s := range 4 {
				text += fmt.Sprintf("# %d %d %d\n%01000d\n", i, j, s, s)
			}
			files[name] = text
			t.Inputs = append(t.Inputs, File{fmt.Sprint("f", j), name})
		}
		if i > 0 {
			t.Inputs = append(t.Inputs, Source{Attr: "before", Target: targets[i-1].Name})
		}
		targets = append(targets, t)
	}
	p := newProject(b, files)
	g := p.graph(targets...)
	for _, t := range targets {
		p.buildFast(t)
	}
	if _, err := g.Survey(p.Reader, quiet{}).Statuses(targets); err != nil {
		b.Fatal(err)
	}
	if err := p.Save(); err != nil {
		b.Fatal(err)
	}
	return p, g
}

// buildFast builds without the syncs that would make up most of the set-up.
func (p *project) buildFast(t *Target) {
	parts, err := Parts(t, p.Reader)
	if err != nil {
		p.t.Fatal(err)
	}
	p.write(t.Output, "{}\n")
	m := &Manifest{Parts: parts, Pipeline: t.Pipeline, Output: OutputDigest{hexOf("{}\n"), "content"}}
	data, err := m.Encode()
	if err != nil {
		p.t.Fatal(err)
	}
	p.write(ManifestPath(t.Output), string(data))
}

// BenchmarkStatus is what `isf status` costs, from opening the stat cache to
// the last state.
func BenchmarkStatus(b *testing.B) {
	p, g := benchProject(b)
	b.ReportAllocs()
	for b.Loop() {
		p.reopen()
		all, err := g.Survey(p.Reader, quiet{}).Statuses(g.Targets())
		if err != nil {
			b.Fatal(err)
		}
		for _, st := range all {
			if st.State != Current {
				b.Fatalf("%s is %s %q", st.Target.Name, st.State, texts(st.Reasons))
			}
		}
	}
}

// BenchmarkStatusNaive reads and hashes every input, and looks each up in the
// manifest: what one would write first.
func BenchmarkStatusNaive(b *testing.B) {
	p, g := benchProject(b)
	hash := func(name string) string {
		data, err := os.ReadFile(p.path(name))
		if err != nil {
			b.Fatal(err)
		}
		sum := sha256.Sum256(data)
		return hex.EncodeToString(sum[:])
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, t := range g.Targets() {
			var m struct {
				Deps map[string]struct {
					Hash string `json:"content_hash"`
				}
				Output struct{ Digest string }
			}
			data, err := os.ReadFile(p.path(ManifestPath(t.Output)))
			if err == nil {
				err = json.Unmarshal(data, &m)
			}
			if err != nil || hash(t.Output) != m.Output.Digest {
				b.Fatal("not current", err)
			}
			for _, in := range t.Inputs {
				if f, ok := in.(File); ok && hash(f.Path)[:16] != m.Deps[f.Attr].Hash {
					b.Fatal(f.Path)
				}
			}
		}
	}
}

// BenchmarkFolder is one folder of all the inputs, unchanged.
func BenchmarkFolder(b *testing.B) {
	files := make(map[string]string)
	for i := range benchInputs {
		files[fmt.Sprintf("docs/d%d/f%d.md", i%100, i)] = fmt.Sprint("# ", i)
	}
	p := newProject(b, files)
	p.part(Dir{"docs", "docs"})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := (Dir{"docs", "docs"}).Part(p.snapshot()); err != nil {
			b.Fatal(err)
		}
	}
}
