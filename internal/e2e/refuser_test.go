package e2e

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
)

// refuser starts a server at $REFUSER that answers everything alike: refuser STATUS BODY. With -tls as its
// first argument its certificate is one that nobody trusts.
func refuser(ts *testscript.TestScript, _ bool, args []string) {
	start := httptest.NewServer
	if args[0] == "-tls" {
		args = args[1:]
		start = func(h http.Handler) *httptest.Server {
			s := httptest.NewUnstartedServer(h)
			s.Config.ErrorLog = log.New(io.Discard, "", 0)
			s.StartTLS()
			return s
		}
	}
	status, err := strconv.Atoi(args[0])
	ts.Check(err)
	s := start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, args[1])
	}))
	ts.Defer(s.Close)
	ts.Setenv("REFUSER", s.URL+"/v1")
}
