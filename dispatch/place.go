package dispatch

import (
	"net/http"
	"sync"
)

// A place is where requests for one model go: an endpoint with its client and its lane.
type place struct {
	endpoint        endpoint
	provider, model string
	limits          Limits
	client          *client
	wire            http.RoundTripper
	lane            *lane

	look sync.Once // for near
	near string    // words about the model that was probably meant
}

// placeKey tells places apart: what a provider limits is one model under one key.
type placeKey struct{ provider, base, key, model string }

// knownModels is how many models' places are remembered by pointer; a build uses a few.
const knownModels = 64

// placesOf finds, or makes, the places where m answers.
func (d *Dispatcher) placesOf(m *Model) ([]*place, *Fatal) {
	if ps, ok := d.known.Get(m); ok {
		return ps, nil
	}
	ps, fatal := d.findPlaces(m)
	if fatal == nil {
		d.known.Add(m, ps)
	}
	return ps, fatal
}

func (d *Dispatcher) findPlaces(m *Model) ([]*place, *Fatal) {
	ends, fatal := endpoints(m, d.o.Getenv)
	if fatal != nil {
		return nil, fatal
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make([]*place, len(ends))
	for i, e := range ends {
		if e.sim && d.o.Sim == nil {
			return nil, &Fatal{Type: "provider", Message: "there is no simulated model in this program: give provider sim a base_url"}
		}
		key := placeKey{m.Provider, e.base, e.key, wireModel(m)}
		p := d.places[key]
		if p == nil {
			p = d.newPlace(m, e)
			d.places[key] = p
		}
		out[i] = p
	}
	return out, nil
}

func (d *Dispatcher) newPlace(m *Model, e endpoint) *place {
	var wire http.RoundTripper = d.transport
	if e.sim {
		wire = inProcess{d.o.Sim}
	}
	return &place{
		endpoint: e, provider: m.Provider, model: wireModel(m),
		client: newClient(e, wireModel(m), wire), wire: wire, limits: m.Limits,
		lane: &lane{limit: d.gate.atMost(), most: d.gate.atMost(), window: window{rpm: m.Limits.RPM, tpm: m.Limits.TPM}},
	}
}
