package view

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const testPort = 8807

func guarded() http.Handler {
	return newGuard(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("inside")) }), testPort, "sesame")
}

func ask(method, target, host string, header map[string]string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	r.Host = host
	for name, value := range header {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	guarded().ServeHTTP(w, r)
	return w
}

func TestOnlyWhoHasTheTokenComesIn(t *testing.T) {
	const here = "127.0.0.1:8807"
	cookie := "isf-view-8807=sesame"
	for name, tt := range map[string]struct {
		method, target, host string
		header               map[string]string
		code                 int
		inside               bool
	}{
		"the token in the address is taken into a cookie": {"GET", "/?token=sesame", here, nil, 200, false},
		"a wrong token":           {"GET", "/?token=open", here, nil, 403, false},
		"no token":                {"GET", "/", here, nil, 403, false},
		"the cookie":              {"GET", "/", here, map[string]string{"Cookie": cookie}, 200, true},
		"the cookie of another":   {"GET", "/", here, map[string]string{"Cookie": "isf-view-8807=open"}, 403, false},
		"another name of here":    {"GET", "/", "localhost:8807", map[string]string{"Cookie": cookie}, 200, true},
		"a name that leads here":  {"GET", "/", "evil.example:8807", map[string]string{"Cookie": cookie}, 403, false},
		"another port":            {"GET", "/", "127.0.0.1:80", map[string]string{"Cookie": cookie}, 403, false},
		"a page of another site":  {"GET", "/", here, map[string]string{"Cookie": cookie, "Origin": "https://evil.example"}, 403, false},
		"a page of another port":  {"GET", "/", here, map[string]string{"Cookie": cookie, "Origin": "http://127.0.0.1:9999"}, 403, false},
		"a form of ours":          {"POST", "/", here, map[string]string{"Cookie": cookie, "Origin": "http://127.0.0.1:8807", "Sec-Fetch-Site": "same-origin"}, 200, true},
		"a form of another site":  {"POST", "/", here, map[string]string{"Cookie": cookie, "Sec-Fetch-Site": "cross-site"}, 403, false},
		"a form with the token":   {"POST", "/?token=sesame", here, nil, 403, false},
		"a form of no known site": {"POST", "/", here, map[string]string{"Cookie": cookie, "Origin": "null"}, 403, false},
	} {
		got := ask(tt.method, tt.target, tt.host, tt.header)
		if got.Code != tt.code || (got.Body.String() == "inside") != tt.inside {
			t.Errorf("%s: %d %q, want %d", name, got.Code, got.Body, tt.code)
		}
		if csp := got.Header().Get("Content-Security-Policy"); csp != policy {
			t.Errorf("%s: the policy is %q", name, csp)
		}
	}
}

func TestTheTokenLeavesTheAddress(t *testing.T) {
	got := ask("GET", "/t/facts?token=sesame&q=a", "localhost:8807", nil)
	if to := got.Header().Get("Refresh"); to != "0; url=/t/facts?q=a" {
		t.Errorf("goes on to %q, want the same page without the token", to)
	}
	c := got.Header().Get("Set-Cookie")
	for _, want := range []string{"isf-view-8807=sesame", "HttpOnly", "SameSite=Strict"} {
		if !strings.Contains(c, want) {
			t.Errorf("the cookie %q has no %s", c, want)
		}
	}
	if to := ask("GET", "//evil.example/?token=sesame", "localhost:8807", nil).Header().Get("Refresh"); to != "0; url=/" {
		t.Errorf("an address of another host goes on to %q", to)
	}
}

func TestOnlyThisMachineIsListenedOn(t *testing.T) {
	for addr, ok := range map[string]bool{"127.0.0.1:0": true, "localhost:80": true, "[::1]:0": true, "0.0.0.0:80": false, ":80": false, "example.org:80": false, "80": false} {
		if err := loopback(addr); (err == nil) != ok {
			t.Errorf("loopback(%q) = %v", addr, err)
		}
	}
}

func TestNothingChangesWithoutWrite(t *testing.T) {
	for write, code := range map[bool]int{false: 403, true: 303} {
		done := false
		s := &Studio{o: Options{Write: write}}
		w := httptest.NewRecorder()
		s.change(func(*http.Request) (string, error) { done = true; return "/", nil })(w, httptest.NewRequest("POST", "/decide/facts", nil))
		if done != write || w.Code != code {
			t.Errorf("with write %v: %d, done %v", write, w.Code, done)
		}
	}
}
