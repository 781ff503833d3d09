package dispatch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/identity-shaping/isf/cache"
)

// env is a Getenv over pairs.
func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func TestAKeyGoesOnlyWhereItBelongs(t *testing.T) {
	const key = "sk-0123456789abcdef"
	tests := []struct {
		name  string
		m     Model
		env   func(string) string
		bases string // "-" where there is an error instead
		key   string
		fatal string
	}{
		{"its host", Model{Provider: "openrouter", ID: "m"}, env("OPENROUTER_API_KEY", key), "https://openrouter.ai/api/v1", key, ""},
		{"another variable", Model{Provider: "openai", ID: "m", APIKeyEnv: "MINE"}, env("MINE", key, "OPENAI_API_KEY", "no"), "https://api.openai.com/v1", key, ""},
		{"another host", Model{Provider: "openrouter", ID: "m", BaseURLs: []string{"https://evil.example/v1/"}}, env("OPENROUTER_API_KEY", key), "https://evil.example/v1", "", ""},
		{"another host, named", Model{Provider: "openrouter", ID: "m", BaseURLs: []string{"https://mine.example/v1"}, APIKeyEnv: "MINE"}, env("MINE", key), "https://mine.example/v1", key, ""},
		{"its host, without TLS", Model{Provider: "openrouter", ID: "m", BaseURLs: []string{"http://openrouter.ai/api/v1"}}, env("OPENROUTER_API_KEY", key), "http://openrouter.ai/api/v1", "", ""},
		{"named, without TLS", Model{Provider: "openrouter", ID: "m", BaseURLs: []string{"http://mine.example/v1"}, APIKeyEnv: "MINE"}, env("MINE", key), "-", "", "not encrypted"},
		{"a header, without TLS", Model{Provider: "local", ID: "m", BaseURLs: []string{"http://mine.example/v1"}, Headers: map[string]string{"x-api-key": key}}, env(), "-", "", "not encrypted"},
		{"a plain server in the house", Model{Provider: "local", ID: "box:8000/m"}, env("LOCAL_LLM_API_KEY", key), "http://box:8000/v1", "", ""},
		{"this machine", Model{Provider: "local", ID: "127.0.0.1:8000/m"}, env("LOCAL_LLM_API_KEY", key), "http://127.0.0.1:8000/v1", key, ""},
		{"the environment's server", Model{Provider: "openai_compatible", ID: "m"}, env("LOCAL_LLM_BASE_URL", "https://gpu.example/v1", "LOCAL_LLM_API_KEY", key), "https://gpu.example/v1", key, ""},
		{"not the environment's server", Model{Provider: "local", ID: "https://evil.example/v1::m"}, env("LOCAL_LLM_BASE_URL", "https://gpu.example/v1", "LOCAL_LLM_API_KEY", key), "https://evil.example/v1", "", ""},
		{"a provider of the project's own", Model{Provider: "lab", ID: "m", BaseURLs: []string{"https://lab.example/v1"}, APIKeyEnv: "LAB"}, env("LAB", key), "https://lab.example/v1", key, ""},
		{"one without a key", Model{Provider: "lab", ID: "m", BaseURLs: []string{"https://lab.example/v1"}}, env("LAB", key), "https://lab.example/v1", "", ""},
		{"Azure", Model{Provider: "azure", ID: "m"}, env("AZURE_OPENAI_ENDPOINT", "https://me.openai.azure.com/", "AZURE_OPENAI_API_KEY", key), "https://me.openai.azure.com", key, ""},
		{"another's Azure", Model{Provider: "azure", ID: "m", BaseURLs: []string{"https://evil.openai.azure.com"}}, env("AZURE_OPENAI_ENDPOINT", "https://me.openai.azure.com/", "AZURE_OPENAI_API_KEY", key), "https://evil.openai.azure.com", "", ""},
		{"a pool", Model{Provider: "local", ID: "m", BaseURLs: []string{"http://127.0.0.1:1/v1", "http://127.0.0.1:2/v1"}}, env(), "http://127.0.0.1:1/v1 http://127.0.0.1:2/v1", "", ""},

		{"no key", Model{Provider: "openrouter", ID: "m"}, env(), "-", "", "OPENROUTER_API_KEY is not set: put it in .env or the environment"},
		{"no named key", Model{Provider: "local", ID: "m", BaseURLs: []string{"http://127.0.0.1:1/v1"}, APIKeyEnv: "MINE"}, env(), "-", "", "MINE is not set: put it in .env or the environment"},
		{"two lines", Model{Provider: "openai", ID: "m"}, env("OPENAI_API_KEY", "sk\nX-Evil: 1"), "-", "", "holds a line break"},
		{"no server", Model{Name: "judge", Provider: "local", ID: "m"}, env(), "-", "", `model "judge" does not say where it is: set base_url in isf.yaml or LOCAL_LLM_BASE_URL in .env`},
		{"no provider", Model{Provider: "opnai", ID: "m"}, env(), "-", "", `provider "opnai" is unknown; providers are anthropic, azure, chutes`},
		{"a password", Model{Provider: "local", ID: "m", BaseURLs: []string{"https://me:pw12345@h.example/v1"}}, env(), "-", "", "holds a password for h.example"},
		{"no URL", Model{Provider: "local", ID: "m", BaseURLs: []string{"h.example/v1"}}, env(), "-", "", "not of the form"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, fatal := endpoints(&tt.m, tt.env)
			if tt.fatal != "" {
				if fatal == nil || !strings.Contains(fatal.Message, tt.fatal) || strings.Contains(fatal.Message, key) {
					t.Fatalf("got %v, want %q", fatal, tt.fatal)
				}
				return
			}
			if fatal != nil {
				t.Fatal(fatal)
			}
			var bases []string
			for _, e := range got {
				bases = append(bases, e.base)
			}
			if all := strings.Join(bases, " "); all != tt.bases || got[0].key != tt.key {
				t.Errorf("got %s with key %q, want %s with %q", all, got[0].key, tt.bases, tt.key)
			}
		})
	}
}

func TestAMissingKeyIsKnownBeforeAnythingIsSent(t *testing.T) {
	f := open(t, nil)
	var tally Tally
	_, err := f.Ask(context.Background(), &Request{Model: &Model{Provider: "openai", ID: "m"}, Messages: user("Hi"), Tally: &tally})
	var fatal *Fatal
	if !errors.As(err, &fatal) || fatal.Error() != "OPENAI_API_KEY is not set: put it in .env or the environment" || tally.Sent.Load() != 0 {
		t.Errorf("got %v with %d sent", err, tally.Sent.Load())
	}
	if !errors.Is(f.stopped(), ErrStopped) {
		t.Error("the dispatcher goes on")
	}
}

// TestKeysAreNowhere lets a server shout the key back in every way it can, and then searches
// everything that was written or said.
func TestKeysAreNowhere(t *testing.T) {
	const header = "hdr-9876543210fedcba"
	shout := "your key is " + testKey + " and " + header
	handlers := map[string]http.HandlerFunc{
		"answer":       replyWith(200, completion(shout)),
		"bad request":  replyWith(400, `{"error":{"message":"`+shout+`"}}`),
		"a page":       replyWith(500, shout),
		"200, error":   replyWith(200, `{"error":{"message":"`+shout+`"}}`),
		"no choices":   replyWith(200, `{"note":"`+shout+`"}`),
		"unauthorized": replyWith(401, `{"error":{"message":"`+shout+`"}}`),
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/"+testKey+"/"+header, http.StatusFound)
		},
		"broken": func(w http.ResponseWriter, r *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			_, _ = io.WriteString(conn, "HTTP/1.1 "+shout+"\r\n\r\n")
			conn.Close()
		},
	}
	for name, handler := range handlers {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			store, err := cache.Open(dir, cache.Options{})
			if err != nil {
				t.Fatal(err)
			}
			f := open(t, func(o *Options) { o.MaxTries, o.Store = 2, store })
			m := serve(t, handler)
			m.Headers = map[string]string{"X-Api-Key": "Bearer " + header}
			reply, err := ask(f, m, "Hi")
			_, after := ask(f, m, "after")
			said := fmt.Sprintf("%v %+v %v %v", err, err, after, f.heard())
			if reply != nil {
				said += fmt.Sprintf("%+v %s", *reply.Entry, reply.Entry.Raw)
			}
			if err := store.Close(); err != nil {
				t.Fatal(err)
			}
			said += everything(t, dir)
			for _, secret := range []string{testKey, header} {
				if strings.Contains(said, secret) {
					t.Errorf("%s is in what was said or written: %s", secret, said)
				}
			}
		})
	}
}

func everything(t *testing.T, dir string) string {
	var all strings.Builder
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		all.Write(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}
