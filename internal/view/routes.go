package view

import (
	"io/fs"
	"net/http"
	"strings"
)

// routes are all addresses. Names of targets hold slashes, so they stand last.
func (s *Studio) routes(mux *http.ServeMux) {
	static, err := fs.Sub(files, "static")
	if err != nil {
		panic(err) // the folder is embedded
	}
	mux.Handle("GET /static/", http.StripPrefix("/static/", cached(http.FileServerFS(static))))
	mux.HandleFunc("GET /events", s.events)

	mux.HandleFunc("GET /{$}", s.graphPage)
	mux.HandleFunc("GET /graph", s.graphPart)
	mux.HandleFunc("GET /plan", s.planPart)
	mux.HandleFunc("GET /t/{name...}", s.targetPage)
	mux.HandleFunc("GET /rows/{name...}", s.rowsPart)
	mux.HandleFunc("GET /plots/{name...}", s.plotsPart)
	mux.HandleFunc("GET /findings/{name...}", s.findingsPart)
	mux.HandleFunc("GET /r/{name...}", s.recordPage)
}

// cached lets a browser keep what is embedded for as long as the page is open.
func cached(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".js") || strings.HasSuffix(r.URL.Path, ".css") {
			w.Header().Set("Cache-Control", "private, max-age=60")
		}
		next.ServeHTTP(w, r)
	})
}
