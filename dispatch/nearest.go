package dispatch

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/identity-shaping/isf/internal/near"
)

const (
	// nearestWait is how long somebody waits for the list of models who has mistyped one.
	nearestWait = 3 * time.Second
	// longestList is more than the longest list of models, some 2 MB.
	longestList = 16 << 20
)

// meant asks an endpoint that does not know a model for those that it knows, once, and says which was
// probably meant; "" where none is near, or nobody tells.
func (p *place) meant(ctx context.Context) string {
	p.look.Do(func() {
		if name := near.Best(p.model, p.models(ctx)); name != "" && name != p.model {
			p.near = redactString(fmt.Sprintf("; did you mean %q?", name), p.client.secrets)
		}
	})
	return p.near
}

func (p *place) models(ctx context.Context) (names []string) {
	if p.endpoint.azure || p.endpoint.sim {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, nearestWait)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.endpoint.base+"/models", nil)
	if err != nil {
		return nil
	}
	if p.endpoint.key != "" {
		req.Header.Set("Authorization", "Bearer "+p.endpoint.key)
	}
	for name, value := range p.endpoint.headers {
		req.Header.Set(name, value)
	}
	res, err := p.wire.RoundTrip(req)
	if err != nil {
		return nil
	}
	defer res.Body.Close()
	var list struct{ Data []struct{ ID string } }
	if res.StatusCode != http.StatusOK || json.NewDecoder(io.LimitReader(res.Body, longestList)).Decode(&list) != nil {
		return nil
	}
	for _, m := range list.Data {
		names = append(names, m.ID)
	}
	return names
}
