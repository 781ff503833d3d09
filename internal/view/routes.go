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
	mux.HandleFunc("GET /notice", s.noticePart)
	mux.HandleFunc("GET /plan", s.planPart)
	mux.HandleFunc("GET /t/{name...}", s.targetPage)
	mux.HandleFunc("GET /rows/{name...}", s.rowsPart)
	mux.HandleFunc("GET /menus/{name...}", s.menusPart)
	mux.HandleFunc("GET /plots/{name...}", s.plotsPart)
	mux.HandleFunc("GET /findings/{name...}", s.findingsPart)
	mux.HandleFunc("GET /r/{name...}", s.recordPage)
	mux.HandleFunc("GET /change/{name...}", s.changePart)
	mux.HandleFunc("GET /diff/{name...}", s.diffPage)
	mux.HandleFunc("GET /review/{name...}", s.reviewPage)
	mux.HandleFunc("GET /build", s.buildPage)
	mux.HandleFunc("GET /build/{part}", s.buildPage)
	mux.HandleFunc("GET /cache", s.cachePage)
	mux.HandleFunc("GET /tries", s.triesPage)
	mux.HandleFunc("GET /tries/{number}", s.triesPage)

	mux.HandleFunc("POST /decide/{name...}", s.change(s.decide))
	mux.HandleFunc("POST /judge/{name...}", s.change(s.review))
	mux.HandleFunc("POST /ctl", s.change(s.steer))
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
