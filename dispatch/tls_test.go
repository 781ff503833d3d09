package dispatch

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// secure makes f trust s, as a machine trusts a real provider's certificate.
func secure(f *fixture, s *httptest.Server) {
	f.transport.TLSClientConfig = s.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
}

func TestOverTLSManyRequestsShareAConnection(t *testing.T) {
	var mu sync.Mutex
	remotes := map[string]int{}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		remotes[r.Proto+" "+r.RemoteAddr]++
		mu.Unlock()
		replyWith(200, completion("Hi"))(w, r)
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	f := open(t, func(o *Options) { o.Workers = 20; o.Clock = nil })
	secure(f, s)
	m := &Model{Provider: "openrouter", ID: "m", BaseURLs: []string{s.URL + "/v1"}, APIKeyEnv: "TEST_KEY", Timeouts: Timeouts{Total: time.Minute}}
	if _, err := ask(f, m, "first"); err != nil {
		t.Fatal(err)
	}
	askMany(t, f, m, 200, nil)
	if len(remotes) != 1 {
		t.Errorf("201 requests came over %v, want one connection", remotes)
	}
	for remote := range remotes {
		if remote[:6] != "HTTP/2" {
			t.Errorf("the protocol is %s, want HTTP/2", remote)
		}
	}
}
