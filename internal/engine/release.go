package engine

import (
	"context"

	"github.com/identity-shaping/isf/internal/config"
	"github.com/identity-shaping/isf/internal/registry"
)

// RegistryTarget is the name of the target that registry.json is.
const RegistryTarget = "registry"

// Release freezes the dev prompts as a version; see registry.Release. The
// registry's lock is held, so of two releases at once the second sees what the
// first did. tell hears whom it waits for.
func (p *Project) Release(ctx context.Context, version string, tell func(string)) ([]string, error) {
	unlock, err := p.lock(ctx, RegistryTarget, true, tell)
	if err != nil {
		return nil, err
	}
	defer unlock()
	cfg, err := config.Load(p.Root)
	if err != nil {
		return nil, err
	}
	r, err := registry.Load(p.Root, cfg)
	if err != nil {
		return nil, err
	}
	return r.Release(version)
}
