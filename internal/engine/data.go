package engine

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/sources"
)

// Data is rows from a file of the project, from a web server, or from a
// dataset of the hub. Unlike other dependencies it can be set like a parameter.
type Data string

// input of data in the project is a file; of other data an address with the
// revision that it is read at.
func (p *Project) dataInput(target, attr, value string) graph.Input {
	l, err := sources.Parse(value)
	if err == nil && !l.Remote() {
		return graph.File{Attr: attr, Path: value}
	}
	return graph.Remote{Attr: attr, Address: value, Revision: func() string {
		if pin, ok := l.Fixed(); ok {
			return pin
		}
		return p.pins.of(target, value)
	}}
}

// checkData refuses addresses that lead nowhere before anything is built.
func (p *Project) checkData() error {
	for _, q := range p.Pipelines {
		for _, d := range q.deps {
			if value, ok := d.field.Interface().(Data); ok {
				if _, err := sources.Parse(string(value)); err != nil {
					return fmt.Errorf("%s of pipeline %q: %w", d.attr, q.Name, err)
				}
			}
		}
	}
	return nil
}

// pins are the revisions of remote data that this process found out, for each
// target on its own: two may have been built at different times.
type pins struct {
	mu    sync.Mutex
	found map[[2]string]string // target, address → revision
}

func (p *pins) of(target, address string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.found[[2]string{target, address}]
}

func (p *pins) set(target, address, revision string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found == nil {
		p.found = map[[2]string]string{}
	}
	p.found[[2]string{target, address}] = revision
}

// remotes opens what reads remote data, for the whole build.
func (e *Engine) remotes() (*sources.Client, error) {
	e.remote.once.Do(func() {
		e.remote.client, e.remote.err = sources.NewClient(sources.Options{
			Dir:     filepath.Join(e.project.Root, StateDir, "sources"),
			Getenv:  e.opts.Getenv,
			Offline: e.opts.Offline && e.forecasts == nil, // a plan has to see the records, which cost nothing
			Log:     e.opts.Log,
		})
	})
	return e.remote.client, e.remote.err
}

// A remote is the client of a build, made when it is first needed.
type remote struct {
	once   sync.Once
	client *sources.Client
	err    error
}

func (r *remote) close() {
	if r.client != nil {
		r.client.Close()
	}
}

// refresh asks for the newest revisions of a target's remote data, if the build
// was told to.
func (e *Engine) refresh(t *graph.Target) error {
	if !e.opts.Refresh {
		return nil
	}
	for _, in := range t.Inputs {
		if in, ok := in.(graph.Remote); ok {
			if err := e.findOut(t, in.Address); err != nil {
				return err
			}
		}
	}
	return nil
}

// pin finds out the revisions of remote data that no manifest has, and returns
// the parts with them.
func (e *Engine) pin(t *graph.Target, parts []graph.Part) ([]graph.Part, error) {
	found := false
	for _, p := range parts {
		if p.Type != graph.TypeRemote || !p.Missing {
			continue
		}
		if err := e.findOut(t, p.Ref); err != nil {
			return nil, err
		}
		found = true
	}
	if !found {
		return parts, nil
	}
	return graph.Parts(t, e.reader)
}

func (e *Engine) findOut(t *graph.Target, address string) error {
	l, err := sources.Parse(address)
	if err != nil {
		return err
	}
	client, err := e.remotes()
	if err != nil {
		return err
	}
	revision, err := client.Pin(e.waiting(), l)
	if err != nil {
		return err
	}
	e.project.pins.set(t.Name, address, revision)
	return nil
}

// revisions are those that a run reads remote data at, by address.
func revisions(parts []graph.Part) map[string]string {
	at := map[string]string{}
	for _, p := range parts {
		if p.Type == graph.TypeRemote {
			at[p.Ref] = p.Digest
		}
	}
	return at
}

func (d Data) open(b *Build) ([]sources.File, func(), error) {
	if err := b.declared("data", string(d)); err != nil {
		return nil, nil, err
	}
	l, err := sources.Parse(string(d))
	if err != nil {
		return nil, nil, err
	}
	if !l.Remote() {
		return b.local(l.Path)
	}
	client, err := b.engine.remotes()
	if err != nil {
		return nil, nil, err
	}
	return client.Open(b.engine.waiting(), l, b.revisions[string(d)])
}

// elsewhere says that a failure lies with a server, or in there being none, and
// not with what was to be built.
func elsewhere(err error) bool {
	return errors.Is(err, sources.ErrUnreachable) || errors.Is(err, sources.ErrOffline)
}
