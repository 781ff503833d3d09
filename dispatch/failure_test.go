package dispatch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/identity-shaping/isf/internal/provider"
)

func TestStatusesWorthAnotherTry(t *testing.T) {
	for status, kind := range map[int]string{
		408: "timeout", 425: "server_error", 429: "rate_limited", 500: "server_error", 502: "server_error",
		503: "server_error", 504: "timeout", 524: "server_error", 529: "server_error",
	} {
		var n atomic.Int64
		m := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if n.Add(1) < 3 {
				replyWith(status, `{"error":{"message":"later"}}`)(w, r)
				return
			}
			replyWith(200, completion("Hi"))(w, r)
		})
		f := open(t, nil)
		var tally Tally
		got, err := f.Ask(context.Background(), &Request{Model: m, Messages: user("Hi"), Tally: &tally})
		if err != nil || got.Tries != 3 || tally.Sent.Load() != 3 || tally.Retries.Load() != 2 {
			t.Errorf("%d: got %+v, %v, want an answer at the third try", status, got, err)
		}
		if slept := fmt.Sprint(f.clock.slept); slept != "[500ms 1s]" {
			t.Errorf("%d: slept %s, want half of 1s and 2s", status, slept)
		}
		if e := f.heard(); len(e) != 3 || e[0].Kind != EventRetry || e[0].Type != kind || e[0].Status != status || e[2].Kind != EventAnswer {
			t.Errorf("%d: events %+v", status, e)
		}
	}
}

func TestStatusesThatFailOneRequest(t *testing.T) {
	for _, status := range []int{400, 405, 413, 422} {
		m := serve(t, replyWith(status, `{"error":{"message":"the prompt is too long","type":"invalid_request_error"}}`))
		f := open(t, nil)
		_, err := ask(f, m, "Hi")
		var failed *Failed
		if !errors.As(err, &failed) || failed.Status != status || failed.Type != "bad_request" || failed.Tries != 1 || failed.Transport {
			t.Errorf("%d: got %v, want a Failed after one try", status, err)
		}
		if f.stopped() != nil {
			t.Errorf("%d stopped everything", status)
		}
	}
	m := serve(t, replyWith(403, `{"error":{"message":"openai requires moderation. Your input was flagged","code":403}}`))
	var failed *Failed
	if _, err := ask(open(t, nil), m, "Hi"); !errors.As(err, &failed) || failed.Type != "moderated" {
		t.Errorf("a flagged prompt: got %v, want a Failed", err)
	}
}

func TestTriesEnd(t *testing.T) {
	var n atomic.Int64
	m := serve(t, func(w http.ResponseWriter, r *http.Request) { n.Add(1); replyWith(429, ``)(w, r) })
	f := open(t, nil)
	_, err := ask(f, m, "Hi")
	var failed *Failed
	if !errors.As(err, &failed) || failed.Tries != DefaultMaxTries || n.Load() != DefaultMaxTries || !failed.Transport {
		t.Errorf("got %v after %d requests, want a Failed after %d", err, n.Load(), DefaultMaxTries)
	}
}

func TestWhatStopsEverything(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		kind   string
		says   string
	}{
		{"bad key", 401, `{"error":{"message":"Incorrect API key provided: ` + testKey + `"}}`, "unauthorized", "openrouter refuses TEST_KEY (Incorrect API key provided: [redacted]): check it in .env or the environment"},
		{"no credit", 402, `{"error":{"message":"Insufficient credits","code":402}}`, "no_credit", "openrouter has no credit left (Insufficient credits): top up the account of TEST_KEY, then run the same command"},
		{"no quota", 429, `{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}`, "no_credit", "no credit left"},
		{"bad key, Google", 400, `[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]`, "unauthorized", "refuses TEST_KEY (API key not valid. Please pass a valid API key.): check"},
		{"bad key, xAI", 400, `{"code":"Client specified an invalid argument","error":"Incorrect API key provided: gs***tF."}`, "unauthorized", "refuses TEST_KEY (Incorrect API key provided: gs***tF.): check"},
		{"bad key, Mistral", 401, `{"detail":"Unauthorized"}`, "unauthorized", "refuses TEST_KEY (Unauthorized): check"},
		{"no credit, Anthropic", 400, `{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API."}}`, "no_credit", "no credit left (Your credit balance is too low"},
		{"no credit, xAI", 403, `{"code":"The caller does not have permission","error":"Your newly created team doesn't have any credits or licenses yet."}`, "no_credit", "no credit left"},
		{"no credit, Fireworks", 412, `{"error":{"message":"Account me is suspended, possibly due to reaching the monthly spending limit","code":"PRECONDITION_FAILED","type":"error"}}`, "no_credit", "no credit left"},
		{"no credit, Moonshot", 429, `{"error":{"message":"Your account is suspended, please check your plan","type":"exceeded_current_quota_error"}}`, "no_credit", "no credit left"},
		{"forbidden", 403, `{"error":{"message":"Country not supported"}}`, "forbidden", "check what TEST_KEY may do"},
		{"unknown model", 404, `{"error":{"message":"The model org/m does not exist"}}`, "unknown_model", "openrouter does not know the model org/m"},
		{"unknown model, 400", 400, `{"error":{"message":"org/m is not a valid model ID","code":400}}`, "unknown_model", "check its name in isf.yaml"},
		{"unknown model, code", 400, `{"error":{"message":"no","code":"model_not_found"}}`, "unknown_model", "check its name in isf.yaml"},
		{"bad key in a good reply", 200, `{"error":{"message":"No auth","code":401}}`, "unauthorized", "openrouter refuses TEST_KEY"},
		{"wrong path", 404, `404 page not found`, "base_url", "/v1/chat/completions (404): check base_url"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var n atomic.Int64
			m := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					n.Add(1)
				}
				replyWith(tt.status, tt.body)(w, r)
			})
			f := open(t, nil)
			_, err := ask(f, m, "Hi")
			var fatal *Fatal
			if !errors.As(err, &fatal) || fatal.Type != tt.kind || !strings.Contains(fatal.Message, tt.says) {
				t.Fatalf("got %v, want a Fatal %s with %q", err, tt.kind, tt.says)
			}
			_, err = ask(f, m, "another")
			if !errors.Is(err, ErrStopped) || !errors.As(err, &fatal) || n.Load() != 1 {
				t.Errorf("afterwards: got %v and %d requests, want ErrStopped with the cause, and one", err, n.Load())
			}
		})
	}
}

// A key that is wanted and was not sent is named, and why it was not.
func TestAKeyThatWasNotSentIsNamed(t *testing.T) {
	for _, status := range []int{401, 403} {
		says := map[int]string{401: "local wants a key (Who are you?), and ", 403: "local forbids it (Who are you?), and "}[status]
		m := serve(t, replyWith(status, `{"error":{"message":"Who are you?"}}`))
		m.Provider, m.APIKeyEnv = "local", ""
		base := m.BaseURLs[0]
		for home, want := range map[string]string{
			base:                     "LOCAL_LLM_API_KEY is not set: put it in .env or the environment",
			"https://gpu.example/v1": "none is sent to " + base + ": name the variable that holds it with api_key_env beside base_url in isf.yaml",
		} {
			f := open(t, func(o *Options) {
				o.Getenv = func(name string) string { return map[string]string{"LOCAL_LLM_BASE_URL": home}[name] }
			})
			if _, err := ask(f, m, "Hi"); err == nil || err.Error() != says+want {
				t.Errorf("%d, with the key's home at %s: got %v\nwant %s", status, home, err, says+want)
			}
		}
		m.Headers = map[string]string{"X-Api-Key": testKey}
		if _, err := ask(open(t, nil), m, "Hi"); err == nil || !strings.Contains(err.Error(), "the header X-Api-Key") {
			t.Errorf("%d, with a header of isf.yaml: got %v", status, err)
		}
	}
}

// A model that nobody knows is looked for among those that the endpoint has, with the key that it takes.
func TestAMistypedModelIsFoundInTheList(t *testing.T) {
	for list, want := range map[string]string{
		`{"data":[{"id":"org/other"},{"id":"org/m-2"},{"id":"` + testKey + `"}]}`: `check its name in isf.yaml; did you mean "org/m-2"?`,
		`{"data":[{"id":"quite/another"}]}`:                                       "check its name in isf.yaml",
		`<html>`:                                                                  "check its name in isf.yaml",
	} {
		var lists atomic.Int64
		m := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet && r.URL.Path == "/v1/models" && r.Header.Get("Authorization") == "Bearer "+testKey {
				lists.Add(1)
				replyWith(200, list)(w, r)
				return
			}
			replyWith(404, `{"error":{"message":"No endpoints found for org/m."}}`)(w, r)
		})
		_, errs := askEach(open(t, nil), m, 20)
		if lists.Load() != 1 || len(errs) != 20 || !strings.HasSuffix(errs[0].Error(), want) {
			t.Errorf("%s: asked for it %d times, got %v, want one time and %q", list, lists.Load(), errs[0], want)
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	var reached atomic.Bool
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Store(true) }))
	defer other.Close()
	for _, status := range []int{301, 302, 307, 308} {
		m := serve(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL+"/v1/chat/completions?key="+testKey, status)
		})
		_, err := ask(open(t, nil), m, "Hi")
		var fatal *Fatal
		if !errors.As(err, &fatal) || fatal.Type != "base_url" || strings.Contains(err.Error(), testKey) {
			t.Errorf("%d: got %v, want a Fatal about base_url", status, err)
		}
	}
	if reached.Load() {
		t.Error("a redirect was followed")
	}
}

func TestTroubleOnTheWay(t *testing.T) {
	tests := []struct {
		name, kind string
		handler    http.HandlerFunc
	}{
		{"a cut body", "network", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "500")
			_, _ = io.WriteString(w, completion("Hi")[:40])
			panic(http.ErrAbortHandler)
		}},
		{"a cut chunked body", "network", func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, completion("Hi")[:40])
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}},
		{"a connection closed at once", "network", func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }},
		{"no HTTP", "network", func(w http.ResponseWriter, r *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			_, _ = io.WriteString(conn, "SSH-2.0\r\n\r\n")
			conn.Close()
		}},
		{"a hang", "timeout", func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		}},
		{"a hang amid the body", "timeout", func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			_, _ = io.WriteString(w, "{")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := serve(t, tt.handler)
			m.Timeouts.Total = 50 * time.Millisecond
			f := open(t, func(o *Options) { o.MaxTries = 2 })
			_, err := ask(f, m, "Hi")
			var failed *Failed
			if !errors.As(err, &failed) || failed.Type != tt.kind || failed.Tries != 2 || !failed.Transport {
				t.Errorf("got %v (%+v), want a %s after two tries", err, failed, tt.kind)
			}
		})
	}
}

func TestNobodyThere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	f := open(t, func(o *Options) { o.MaxTries = 2 })
	_, err = ask(f, &Model{Provider: "local", ID: addr + "/m"}, "Hi")
	var fatal *Fatal
	if !errors.As(err, &fatal) || fatal.Type != "no_server" || !strings.Contains(fatal.Message, "nothing answers at http://"+addr+"/v1: check base_url") {
		t.Errorf("got %v, want a Fatal that says so", err)
	}
	f = open(t, nil)
	_, _ = ask(f, &Model{Provider: "local", ID: addr + "/m"}, "Hi")
	if len(f.clock.slept) != 2 {
		t.Errorf("tried again after %s, want two waits before nobody is taken to be there", f.clock.slept)
	}
}

// Whose network is dead need not look at an address that isf knows by itself.
func TestNobodyIsAtAProvidersOwnHost(t *testing.T) {
	row, _ := provider.Of("openrouter")
	p := &place{provider: "openrouter", endpoint: endpoint{base: row.BaseURL}}
	if got := p.nobody(&Failed{Message: "no such host"}).Message; got != "nothing answers at https://openrouter.ai/api/v1: check the network of this machine, and HTTPS_PROXY if it needs a proxy (no such host)" {
		t.Errorf("got %s", got)
	}
}

// A web page in the place of an API is a wrong base_url, unless the API has answered before.
func TestAWebPageIsNoAPI(t *testing.T) {
	page := replyWith(200, "\n<!doctype html><title>Welcome</title>")
	m := serve(t, page)
	_, err := ask(open(t, func(o *Options) { o.MaxTries = 2 }), m, "Hi")
	var fatal *Fatal
	if !errors.As(err, &fatal) || fatal.Type != "base_url" || !strings.Contains(fatal.Message, "is a web page and no chat API: check base_url") {
		t.Errorf("got %v, want a Fatal that says so", err)
	}
	var n atomic.Int64
	m = serve(t, func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) > 1 {
			page(w, r)
			return
		}
		replyWith(200, completion("Hi"))(w, r)
	})
	f := open(t, func(o *Options) { o.MaxTries = 2 })
	_, first := ask(f, m, "Hi")
	_, err = ask(f, m, "another")
	var failed *Failed
	if first != nil || !errors.As(err, &failed) || f.stopped() != nil {
		t.Errorf("got %v, then %v, want an answer and one Failed request", first, err)
	}
}

func TestAStrangersCertificate(t *testing.T) {
	s := httptest.NewUnstartedServer(replyWith(200, completion("Hi")))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	for _, base := range []string{s.URL + "/v1", strings.Replace(httptestHTTP(t), "http://", "https://", 1)} {
		f := open(t, nil)
		_, err := ask(f, &Model{Provider: "openrouter", ID: "m", BaseURLs: []string{base}, APIKeyEnv: "TEST_KEY"}, "Hi")
		var fatal *Fatal
		if !errors.As(err, &fatal) || fatal.Type != "tls" || len(f.heard()) != 1 {
			t.Errorf("%s: got %v, want a Fatal about TLS after one try", base, err)
		}
	}
}

// httptestHTTP is the URL of a server that does not speak TLS.
func httptestHTTP(t *testing.T) string {
	s := httptest.NewServer(replyWith(200, ""))
	t.Cleanup(s.Close)
	return s.URL
}

func TestRetryAfterIsHeeded(t *testing.T) {
	tests := []struct {
		name, header, value string
		want                time.Duration
	}{
		{"seconds", "Retry-After", "7", 7 * time.Second},
		{"a fraction", "Retry-After", "1.5", 1500 * time.Millisecond},
		{"milliseconds", "Retry-After-Ms", "250", 250 * time.Millisecond},
		{"a date", "Retry-After", "Sun, 01 Mar 2026 12:00:30 GMT", 30 * time.Second},
		{"a past date", "Retry-After", "Sun, 01 Mar 2026 11:00:00 GMT", 500 * time.Millisecond},
		{"nonsense", "Retry-After", "soon", 500 * time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var n atomic.Int64
			m := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if n.Add(1) == 1 {
					w.Header().Set(tt.header, tt.value)
					replyWith(429, ``)(w, r)
					return
				}
				replyWith(200, completion("Hi"))(w, r)
			})
			f := open(t, nil)
			if _, err := ask(f, m, "Hi"); err != nil {
				t.Fatal(err)
			}
			if e := f.heard(); e[0].Wait != tt.want {
				t.Errorf("waited %s, want %s", e[0].Wait, tt.want)
			}
		})
	}
}

func TestAVeryLongWaitEndsTheBuild(t *testing.T) {
	m := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "18720")
		replyWith(429, ``)(w, r)
	})
	_, err := ask(open(t, nil), m, "Hi")
	want := "openrouter asks to wait 5 h 12 m; run the same command after 17:12"
	var fatal *Fatal
	if !errors.As(err, &fatal) || fatal.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
