package registry

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// FileVersion is that of the format of registry.json.
const FileVersion = 1

// Version is the version that a registry.json says it has, 0 if it says none.
func Version(text []byte) int {
	var head struct{ Version int }
	if json.Unmarshal(text, &head) != nil {
		return 0
	}
	return head.Version
}

// defaultTemperature is what a model without one is asked with.
const defaultTemperature = 0.7

// An entry is a model in registry.json; its fields have the order that the
// Python toolkit writes.
type entry struct {
	Provider string `json:"provider"`
	Model    string `json:"model"`
	Params   struct {
		Temperature float64 `json:"temperature"`
	} `json:"params"`
	SysPrompt *string `json:"sysprompt"`
}

// JSON returns the bytes of registry.json. It fails where a dev prompt does
// not render.
func (r *Registry) JSON() ([]byte, error) {
	models := make(ordered, 0, len(r.models))
	for _, m := range r.models {
		if m.err != nil {
			return nil, fmt.Errorf("model %s: %w", m.Name, m.err)
		}
		e := entry{Provider: m.Provider, Model: m.ID}
		e.Params.Temperature = defaultTemperature
		if m.Temperature != nil {
			e.Params.Temperature = *m.Temperature
		}
		if m.SysPrompt != "" || m.speaks {
			e.SysPrompt = &m.SysPrompt
		}
		models = append(models, field{m.Name, e})
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(struct {
		Version int     `json:"version"`
		Models  ordered `json:"models"`
	}{FileVersion, models})
	return out.Bytes(), err
}

// ordered is a JSON object whose fields keep their order.
type ordered []field

type field struct {
	name  string
	value any
}

// MarshalJSON writes the object.
func (o ordered) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	out.WriteByte('{')
	for i, f := range o {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := enc.Encode(f.name); err != nil {
			return nil, err
		}
		out.WriteByte(':')
		if err := enc.Encode(f.value); err != nil {
			return nil, err
		}
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}
