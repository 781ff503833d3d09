package dispatch

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/identity-shaping/isf/internal/provider"
)

// An endpoint is where a model answers, and what opens the door there.
type endpoint struct {
	base    string // URL without a slash at its end
	key     string // "" sends none
	keyEnv  string // the variable that holds it, "" where none belongs to this host
	headers map[string]string
	sim     bool // in this process
	azure   bool
	version string // of Azure's API, where the URL names deployments
}

// endpoints finds where m answers. It sends nothing, so what is wrong is known before the first request.
func endpoints(m *Model, getenv func(string) string) ([]endpoint, *Fatal) {
	row, ok := provider.Of(m.Provider)
	if !ok && len(m.BaseURLs) == 0 {
		return nil, &Fatal{Type: "provider", Message: fmt.Sprintf("provider %q is unknown; providers are %s, and those that isf.yaml defines under providers", m.Provider, strings.Join(provider.Names(), ", "))}
	}
	bases, fatal := baseURLs(m, row, getenv)
	if fatal != nil {
		return nil, fatal
	}
	var out []endpoint
	for _, base := range bases {
		e, fatal := newEndpoint(m, row, base, getenv)
		if fatal != nil {
			return nil, fatal
		}
		out = append(out, e)
	}
	return out, nil
}

// baseURLs are isf.yaml's, else the model string's own, else the environment's, else the built-in one.
func baseURLs(m *Model, row provider.Row, getenv func(string) string) ([]string, *Fatal) {
	if len(m.BaseURLs) > 0 {
		return m.BaseURLs, nil
	}
	if base, _ := row.Split(m.ID); base != "" {
		return []string{base}, nil
	}
	if base := environ(getenv, row.BaseEnv); base != "" {
		return []string{base}, nil
	}
	if row.BaseURL != "" {
		return []string{row.BaseURL}, nil
	}
	return nil, &Fatal{Type: "base_url", Message: fmt.Sprintf("model %q does not say where it is: set base_url in isf.yaml or %s in .env", m.Name, row.BaseEnv)}
}

func newEndpoint(m *Model, row provider.Row, base string, getenv func(string) string) (endpoint, *Fatal) {
	u, err := provider.ParseBase(base)
	if err != nil {
		return endpoint{}, &Fatal{Type: "base_url", Message: fmt.Sprintf("the base_url of model %q %v", m.Name, err)}
	}
	e := endpoint{base: strings.TrimRight(base, "/"), headers: m.Headers, sim: base == provider.SimURL}
	named := m.APIKeyEnv != ""
	if (named && len(m.BaseURLs) > 0) || isHome(u, row, getenv) {
		e.keyEnv = keyVariable(m)
		e.key = environ(getenv, e.keyEnv)
		if e.key == "" && (named || !row.Keyless) {
			return e, &Fatal{Type: "missing_key", Message: e.keyEnv + " is not set: put it in .env or the environment"}
		}
	}
	if u.Scheme == "http" && !isLoopback(u.Hostname()) && !e.sim && (e.key != "" || secretHeader(m.Headers) != "") {
		return e, &Fatal{Type: "base_url", Message: fmt.Sprintf("%s is not encrypted, so no key is sent there: use https, or a server on this machine", base)}
	}
	if row.Azure {
		e.azure, e.version = true, azureVersion(e.base, environ(getenv, azureVersionEnv))
	}
	if strings.ContainsAny(e.key, "\r\n\x00") {
		return e, &Fatal{Type: "missing_key", Message: e.keyEnv + " holds a line break: it is not a key"}
	}
	return e, nil
}

// isHome says whether a provider's own key belongs to this host. A local server's host is the one
// that the environment names beside the key, or this machine.
func isHome(u *url.URL, row provider.Row, getenv func(string) string) bool {
	home := row.BaseURL
	if row.BaseEnv != "" {
		home = environ(getenv, row.BaseEnv)
		if home == "" {
			return isLoopback(u.Hostname())
		}
	}
	h, err := url.Parse(home)
	return err == nil && h.Host == u.Host && h.Scheme == u.Scheme
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

func environ(getenv func(string) string, name string) string {
	if name == "" || getenv == nil {
		return ""
	}
	return strings.TrimSpace(getenv(name))
}

// secretHeader is the name of a configured header that carries a key, "" if none does.
func secretHeader(headers map[string]string) string {
	for name := range headers {
		switch http.CanonicalHeaderKey(name) {
		case "Authorization", "Proxy-Authorization", "Api-Key", "X-Api-Key", "X-Goog-Api-Key", "Cookie":
			return name
		}
	}
	return ""
}

// secrets are the values that may appear nowhere but on the wire.
func (e *endpoint) secrets() []string {
	var out []string
	if e.key != "" {
		out = append(out, e.key)
	}
	for name, value := range e.headers {
		if secretHeader(map[string]string{name: value}) == "" || value == "" {
			continue
		}
		_, bare, ok := strings.Cut(value, " ") // "Bearer KEY"
		if !ok {
			bare = value
		}
		out = append(out, bare)
	}
	return out
}
