package graph

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A project is a folder with files, and a clock far enough ahead that every
// file is old enough to be trusted.
type project struct {
	t    testing.TB
	root string
	*Reader
}

func newProject(t testing.TB, files map[string]string) *project {
	t.Helper()
	p := &project{t: t, root: t.TempDir()}
	for name, text := range files {
		p.write(name, text)
	}
	p.reopen()
	return p
}

// reopen begins a new process: what is known is what was saved.
func (p *project) reopen() {
	p.t.Helper()
	if p.Reader != nil {
		p.Close()
	}
	r, err := NewReader(p.root, ".isf/stat")
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { r.Close() })
	r.now = func() time.Time { return time.Now().Add(time.Hour) }
	p.Reader = r
}

func (p *project) path(name string) string { return filepath.Join(p.root, filepath.FromSlash(name)) }

func (p *project) write(name, text string) {
	p.t.Helper()
	if err := os.MkdirAll(filepath.Dir(p.path(name)), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(p.path(name), []byte(text), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

func (p *project) remove(name string) {
	p.t.Helper()
	if err := os.RemoveAll(p.path(name)); err != nil {
		p.t.Fatal(err)
	}
}

// part describes an input that can be described.
func (p *project) part(in Input) Part {
	p.t.Helper()
	part, err := in.Part(p.Reader)
	if err != nil {
		p.t.Fatal(err)
	}
	return part
}

// graph checks targets that are expected to be right.
func (p *project) graph(targets ...*Target) *Graph {
	p.t.Helper()
	g, err := New(targets)
	if err != nil {
		p.t.Fatal(err)
	}
	return g
}

// build does what a build does to a target: output first, then the manifest.
func (p *project) build(t *Target, rows string, change ...func(*Manifest)) {
	p.t.Helper()
	parts, err := Parts(t, p.Reader)
	if err != nil {
		p.t.Fatal(err)
	}
	p.write(t.Output, rows)
	digest, err := p.FullDigest(t.Output)
	if err != nil {
		p.t.Fatal(err)
	}
	m := &Manifest{Kind: t.Kind, Pipeline: t.Pipeline, Parts: parts, Records: 3, Output: OutputDigest{digest, ShortDigest([]byte(rows))}}
	for _, f := range change {
		f(m)
	}
	p.manifest(t, m)
}

func (p *project) manifest(t *Target, m *Manifest) {
	p.t.Helper()
	data, err := m.Encode()
	if err != nil {
		p.t.Fatal(err)
	}
	err = WriteFile(p.Reader.root, ManifestPath(t.Output), func(w io.Writer) error {
		_, err := io.Copy(w, bytes.NewReader(data))
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// status finds a state that can be found.
func (p *project) status(g *Graph, t *Target, look Lookout) Status {
	p.t.Helper()
	st, err := g.Status(t, p.Reader, look)
	if err != nil {
		p.t.Fatal(err)
	}
	return st
}

// quiet is a Lookout that sees nothing; its fields are what it sees.
type quiet struct {
	running map[string]bool
	failed  map[string]string // target → digest of its inputs
	placing map[string]string // target → digest of an output
}

func (q quiet) Running(target string) bool { return q.running[target] }

func (q quiet) LastFailure(target string) (digest, reason string, ok bool) {
	digest, ok = q.failed[target]
	return digest, "401 from the provider", ok
}

func (q quiet) Placing(target string) []string {
	if digest, ok := q.placing[target]; ok {
		return []string{"another", digest}
	}
	return nil
}

// texts are the reasons without their details.
func texts(reasons []Reason) []string {
	texts := make([]string, len(reasons))
	for i, r := range reasons {
		texts[i] = r.Text
	}
	return texts
}
