package config

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"github.com/identity-shaping/isf/internal/near"
	"github.com/identity-shaping/isf/internal/provider"
)

// A Provider is one entry of providers: a server of the project's own, or what
// all models of a built-in provider have in common here.
type Provider struct {
	Name           string
	Line           int
	BaseURL        []string
	APIKeyEnv      string
	Headers        map[string]string
	Stream         *bool
	Timeouts       Timeouts
	Limits         Limits
	Extra          map[string]any
	ExtraTransport map[string]any
}

func (p *Provider) fields() []Field {
	return []Field{
		{"base_url", bases(&p.BaseURL)},
		{"api_key_env", text(&p.APIKeyEnv)},
		{"headers", textMap(&p.Headers)},
		{"stream", optionalBool(&p.Stream)},
		{"timeout", duration(&p.Timeouts.Total)},
		{"idle_timeout", duration(&p.Timeouts.Idle)},
		{"connect_timeout", duration(&p.Timeouts.Connect)},
		{"limits", func(d *Decoder, n *yaml.Node, path string) { d.Section(n, path, p.Limits.fields()) }},
		{"extra", extras(&p.Extra, false)},
		{"extra_transport", extras(&p.ExtraTransport, true)},
	}
}

// nameProviders finds the names that models may give as provider, before the
// file is read: providers may stand below the models that use them.
func (c *Config) nameProviders(top *yaml.Node) {
	c.known = provider.Names()
	if top.Kind != yaml.MappingNode {
		return
	}
	own := child(top, "providers")
	if own == nil {
		return
	}
	if own = Resolve(own); own.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(own.Content); i += 2 {
		c.known = append(c.known, own.Content[i].Value)
	}
}

func (c *Config) readProviders(d *Decoder, n *yaml.Node, path string) {
	if !d.Mapping(n, path) {
		return
	}
	for _, pair := range d.Pairs(n, path) {
		name := pair.Key.Value
		if !d.CheckName(pair.Key, "a provider", name, true) {
			continue
		}
		p := Provider{Name: name, Line: pair.Key.Line}
		before := len(d.problems)
		d.Section(pair.Value, join(path, name), p.fields())
		if _, known := provider.Of(name); !known && len(p.BaseURL) == 0 && before == len(d.problems) {
			d.Fault(pair.Key, "%s has no base_url: a provider of your own needs one, and built-in are only %s", join(path, name), strings.Join(provider.Names(), ", "))
		}
		c.Providers = append(c.Providers, p)
	}
}

// providerName is the name of a provider that somebody can be asked by.
func providerName(to *string, known []string) func(*Decoder, *yaml.Node, string) {
	return func(d *Decoder, n *yaml.Node, path string) {
		s, ok := d.Text(n, path)
		switch best := near.Best(s, known); {
		case !ok:
		case slices.Contains(known, s):
			*to = s
		case best != "":
			d.Fault(n, "%s: there is no provider %q; did you mean %q?", path, s, best)
		default:
			d.Fault(n, "%s: there is no provider %q; built-in are %s, and others are defined under providers", path, s, strings.Join(provider.Names(), ", "))
		}
	}
}

// Complete adds to a model what its provider's entry says. What the model says
// itself counts more. A model with a base_url of its own takes neither key nor
// headers from its provider: they belong to the provider's host.
func (c *Config) Complete(m Model) Model {
	i := slices.IndexFunc(c.Providers, func(p Provider) bool { return p.Name == m.Provider })
	if i < 0 {
		return m
	}
	p := c.Providers[i]
	if len(m.BaseURL) == 0 {
		m.BaseURL, m.APIKeyEnv, m.Headers = p.BaseURL, cmp.Or(m.APIKeyEnv, p.APIKeyEnv), merged(p.Headers, m.Headers)
	}
	m.Stream = cmp.Or(m.Stream, p.Stream)
	m.Timeouts = Timeouts{cmp.Or(m.Timeouts.Total, p.Timeouts.Total), cmp.Or(m.Timeouts.Idle, p.Timeouts.Idle), cmp.Or(m.Timeouts.Connect, p.Timeouts.Connect)}
	m.Limits = Limits{cmp.Or(m.Limits.RPM, p.Limits.RPM), cmp.Or(m.Limits.TPM, p.Limits.TPM)}
	m.Extra, m.ExtraTransport = merged(p.Extra, m.Extra), merged(p.ExtraTransport, m.ExtraTransport)
	return m
}

// merged is base with top over it.
func merged[V any](base, top map[string]V) map[string]V {
	if len(base) == 0 {
		return top
	}
	out := maps.Clone(base)
	maps.Copy(out, top)
	return out
}
