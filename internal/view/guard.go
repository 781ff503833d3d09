package view

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
)

// policy lets a page use what is embedded here, and nothing else: no inline
// script or style, nothing of another host, no frame around it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// loopback returns an error unless addr names this machine only.
func loopback(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("%q is not an address; write host:port, such as 127.0.0.1:8807", addr)
	}
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	return fmt.Errorf("isf view shows its pages on this machine only; write 127.0.0.1 instead of %q", host)
}

// newToken is 128 random bits.
func newToken() string { return rand.Text() }

// A guard lets through who is on this machine, by one of its names, and has the
// token: once in the address, from then on in a cookie that no other site's
// page can send.
type guard struct {
	next   http.Handler
	hosts  []string
	cookie string
	token  string
	cross  *http.CrossOriginProtection
}

func newGuard(next http.Handler, port int, token string) *guard {
	g := &guard{next: next, token: token, cookie: fmt.Sprintf("isf-view-%d", port), cross: http.NewCrossOriginProtection()}
	for _, name := range []string{"127.0.0.1", "localhost", "[::1]"} {
		g.hosts = append(g.hosts, fmt.Sprintf("%s:%d", name, port))
	}
	return g
}

func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin") // with none, forms of ours would come from nowhere
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	switch {
	case !slices.Contains(g.hosts, r.Host):
		http.Error(w, "this server answers to the names of this machine only", http.StatusForbidden)
	case !g.ownOrigin(r) || g.cross.Check(r) != nil:
		http.Error(w, "this server does not answer the pages of others", http.StatusForbidden)
	case r.Method == http.MethodGet && r.URL.Query().Has("token"):
		g.enter(w, r)
	case !g.known(r):
		http.Error(w, "open the address that `isf view` printed: it holds the token that lets you in", http.StatusForbidden)
	default:
		g.next.ServeHTTP(w, r)
	}
}

// ownOrigin reports whether the request comes from a page of ours, or none.
func (g *guard) ownOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Scheme == "http" && slices.Contains(g.hosts, u.Host)
}

func (g *guard) right(token string) bool {
	return subtle.ConstantTimeCompare([]byte(token), []byte(g.token)) == 1
}

func (g *guard) known(r *http.Request) bool {
	c, err := r.Cookie(g.cookie)
	return err == nil && g.right(c.Value)
}

// enter takes the token out of the address and into a cookie. The page that
// goes on is one of ours, so that the cookie is sent wherever the address was
// opened from.
func (g *guard) enter(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if !g.right(q.Get("token")) {
		http.Error(w, "this token is not the one of the isf view that runs here: open the address that it printed", http.StatusForbidden)
		return
	}
	q.Del("token")
	to := url.URL{Path: r.URL.Path, RawQuery: q.Encode()}
	if len(to.Path) > 1 && (to.Path[1] == '/' || to.Path[1] == '\\') {
		to.Path = "/" // no path that reads as another host
	}
	http.SetCookie(w, &http.Cookie{Name: g.cookie, Value: g.token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	w.Header().Set("Refresh", "0; url="+to.String())
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprint(w, `<!doctype html><title>isf view</title><p><a href="/">isf view</a>`)
}
