package dispatch

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestAzureIsAskedByDeploymentOrAsOpenAI(t *testing.T) {
	tests := []struct {
		name, path, version string
		url                 string // that is asked
	}{
		{"by deployment", "", "", "/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21"},
		{"another version", "", "2025-01-01-preview", "/openai/deployments/my%20gpt/chat/completions?api-version=2025-01-01-preview"},
		{"the newer API", "/openai/v1/", "2025-01-01-preview", "/openai/v1/chat/completions"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var url, key, authorization string
			var body map[string]any
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				url, key, authorization = r.URL.String(), r.Header.Get("Api-Key"), r.Header.Get("Authorization")
				_ = json.NewDecoder(r.Body).Decode(&body)
				replyWith(200, completion("Hello."))(w, r)
			}))
			defer s.Close()
			f := open(t, func(o *Options) {
				o.Getenv = env("AZURE_OPENAI_ENDPOINT", s.URL+tt.path, "AZURE_OPENAI_API_KEY", testKey, "OPENAI_API_VERSION", tt.version)
			})
			got, err := ask(f, &Model{Provider: "azure", ID: "my gpt"}, "Hi")
			if err != nil || got.Entry.Text != "Hello." {
				t.Fatalf("got %+v, %v", got, err)
			}
			if url != tt.url || key != testKey || authorization != "" {
				t.Errorf("asked %s with api-key %q and authorization %q, want %s with the key alone", url, key, authorization, tt.url)
			}
			if body["model"] != "my gpt" || body["max_completion_tokens"] != 8192.0 {
				t.Errorf("body is %v", body)
			}
		})
	}
}

func TestWhatAzureRefuses(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		kind   string
	}{
		{"no deployment", 404, `{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}`, "unknown_model"},
		{"content filter", 400, `{"error":{"code":"content_filter","message":"The response was filtered due to the prompt","status":400}}`, "moderated"},
	}
	for _, tt := range tests {
		m := serve(t, replyWith(tt.status, tt.body))
		_, err := ask(open(t, nil), m, "Hi")
		var fatal *Fatal
		var failed *Failed
		kind := ""
		if errors.As(err, &fatal) {
			kind = fatal.Type
		} else if errors.As(err, &failed) {
			kind = failed.Type
		}
		if kind != tt.kind {
			t.Errorf("%s: got %q (%v), want %s", tt.name, kind, err, tt.kind)
		}
	}
}

func TestAProviderOfTheProjectsOwn(t *testing.T) {
	var authorization string
	m := serve(t, func(w http.ResponseWriter, r *http.Request) {
		authorization = r.Header.Get("Authorization")
		replyWith(200, completion("Hello."))(w, r)
	})
	m.Provider = "lab"
	got, err := ask(open(t, nil), m, "Hi")
	if err != nil || got.Entry.Text != "Hello." || authorization != "Bearer "+testKey {
		t.Fatalf("got %+v, %v with %q", got, err, authorization)
	}
	if origin := m.Origin(); !strings.HasPrefix(origin, "lab/") {
		t.Errorf("origin is %s", origin)
	}
}
