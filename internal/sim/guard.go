package sim

import (
	"net/http"
	"net/url"
)

// localOnly refuses what a page in a browser could send: a request for another
// host's name, or from another origin.
func localOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isLocal(hostname(r.Host)) {
			refuse(w, http.StatusForbidden, "forbidden", "this server answers to the names of this machine only, not to "+r.Host)
			return
		}
		if origin := r.Header.Get("Origin"); origin != "" {
			u, err := url.Parse(origin)
			if err != nil || !isLocal(u.Hostname()) {
				refuse(w, http.StatusForbidden, "forbidden", "this server does not answer pages of "+origin)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// hostname is a Host header without its port and brackets.
func hostname(host string) string {
	return (&url.URL{Host: host}).Hostname()
}
