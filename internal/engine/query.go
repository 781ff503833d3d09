package engine

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/dispatch"
)

// A Query is one request that a person makes, outside of any target. It goes
// the way of all requests: what was asked before is answered from the cache.
type Query struct {
	Model    string
	System   string // instead of the model's own system prompt
	Prompt   string
	Sampling dispatch.Sampling
	Fresh    bool // neither look into the cache nor keep the answer
	Getenv   func(string) string
}

// Query asks. Ctrl-C breaks it off: one person waits for one answer, and nothing goes on from it.
func (p *Project) Query(ctx context.Context, q Query) (*dispatch.Reply, error) {
	m, err := p.Registry.Find(q.Model)
	if err != nil {
		return nil, err
	}
	msgs := []dispatch.Message{{Role: "user", Content: q.Prompt}}
	if q.System != "" {
		msgs = append([]dispatch.Message{{Role: "system", Content: q.System}}, msgs...)
	}
	r := &dispatch.Request{Model: sendable(m), Messages: msgs, Sampling: q.Sampling}
	if q.Fresh {
		return p.askFresh(ctx, r, dispatch.Options{Getenv: q.Getenv})
	}
	return p.askOnce(ctx, filepath.Join(p.Root, StateDir), r, dispatch.Options{Getenv: q.Getenv})
}

// askFresh asks with a cache of its own that nobody sees again, and under a key of
// its own: the key goes along as Idempotency-Key, and a provider that has seen it
// may repeat the answer that it gave.
func (p *Project) askFresh(ctx context.Context, r *dispatch.Request, o dispatch.Options) (*dispatch.Reply, error) {
	r.Reroll = 1 + rand.IntN(math.MaxInt)
	dir, err := os.MkdirTemp("", "isf-query-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	return p.askOnce(ctx, dir, r, o)
}

// askOnce asks with the cache in dir, and closes everything behind it.
func (p *Project) askOnce(ctx context.Context, dir string, r *dispatch.Request, o dispatch.Options) (reply *dispatch.Reply, err error) {
	store, err := cache.Open(dir, cache.Options{})
	if err != nil {
		return nil, stateError(err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	o.Store = store
	d, err := dispatch.New(p.sending(o))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	reply, err = d.Ask(ctx, r)
	if err != nil && ctx.Err() != nil {
		return nil, ErrInterrupted
	}
	return reply, err
}

// A ModelInfo is how one model of the registry would be asked.
type ModelInfo struct {
	Model *dispatch.Model // nil where Err says why it cannot be used
	dispatch.Access
	Err error
}

// ModelInfo looks at a model without sending anything.
func (p *Project) ModelInfo(name string, getenv func(string) string) ModelInfo {
	m, err := p.Registry.Lookup(name)
	if err != nil {
		return ModelInfo{Err: err}
	}
	s := sendable(m)
	return ModelInfo{Model: s, Access: dispatch.AccessTo(s, getenv)}
}

// pingTokens is what a ping lets a model say: enough for a word, also from one
// that thinks a little first.
const pingTokens = 16

// Ping asks a model for a word, once, past the cache and without its system
// prompt.
func (p *Project) Ping(ctx context.Context, m *dispatch.Model, getenv func(string) string) (*dispatch.Reply, error) {
	bare := *m
	bare.SysPrompt, bare.Sampling = "", dispatch.Sampling{Temperature: m.Sampling.Temperature, ExtraTransport: m.Sampling.ExtraTransport}
	r := &dispatch.Request{
		Model:    &bare,
		Messages: []dispatch.Message{{Role: "user", Content: "Say: ok"}},
		Sampling: dispatch.Sampling{MaxTokens: pingTokens},
	}
	return p.askFresh(ctx, r, dispatch.Options{Getenv: getenv, MaxTries: 1})
}
