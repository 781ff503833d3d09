package engine

import (
	"context"
	"os"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/dispatch"
	"github.com/identity-shaping/isf/internal/registry"
	"github.com/identity-shaping/isf/internal/sim"
)

// CheckModel says why a model cannot be asked as it is configured. It sends
// nothing.
func CheckModel(m registry.Model, getenv func(string) string) error {
	return dispatch.Check(sendable(m), getenv)
}

// Ping asks a model for a word, and says why there was no answer. Nothing is
// kept: the question is a new one each time.
func Ping(ctx context.Context, m registry.Model, getenv func(string) string) error {
	dir, err := os.MkdirTemp("", "isf-ping-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	store, err := cache.Open(dir, cache.Options{})
	if err != nil {
		return err
	}
	defer store.Close()
	d, err := dispatch.New(dispatch.Options{Store: store, Workers: 1, Getenv: getenv, Engine: Version, Sim: sim.New(sim.Options{}), MaxTries: 1})
	if err != nil {
		return err
	}
	defer d.Close()
	to := sendable(m)
	to.SysPrompt = "" // a long one costs, and proves nothing more
	_, err = d.Ask(ctx, &dispatch.Request{Model: to, Messages: []dispatch.Message{{Role: "user", Content: "Say: yes."}}, Sampling: dispatch.Sampling{MaxTokens: pingTokens}})
	return err
}

// pingTokens are enough for a word, also where a provider wants some for
// thinking.
const pingTokens = 64
