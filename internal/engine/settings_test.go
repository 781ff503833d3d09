package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A wiretap is a model that keeps what it is asked.
type wiretap struct {
	body   []byte
	header http.Header
}

func (s *wiretap) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.body, _ = io.ReadAll(r.Body)
	s.header = r.Header
	_, _ = fmt.Fprint(w, `{"model":"m","choices":[{"message":{"content":"Yes."},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}`)
}

// TestEverySettingOfAModelReachesTheWire writes each key of a model into isf.yaml and looks into the body that
// goes out. A key of the schema that is not here fails the test.
func TestEverySettingOfAModelReachesTheWire(t *testing.T) {
	wire := map[string]string{ // setting: the member that the body must have
		"temperature: 0":                     `"temperature":0`,
		"top_p: 0.9":                         `"top_p":0.9`,
		"top_k: 40":                          `"top_k":40`,
		"min_p: 0.05":                        `"min_p":0.05`,
		"frequency_penalty: 0.5":             `"frequency_penalty":0.5`,
		"presence_penalty: -0.5":             `"presence_penalty":-0.5`,
		"repetition_penalty: 1.1":            `"repetition_penalty":1.1`,
		"max_tokens: 77":                     `"max_tokens":77`,
		"stop: [END, STOP]":                  `"stop":["END","STOP"]`,
		"seed: 0":                            `"seed":0`,
		"reasoning_effort: low":              `"reasoning_effort":"low"`,
		"chat_template_kwargs: {think: yes}": `"chat_template_kwargs":{"think":true}`,
		"extra: {provider: {order: [a]}}":    `"provider":{"order":["a"]}`,
		"extra_transport: {route: fallback}": `"route":"fallback"`,

		"extra: {response_format: {type: json_object}}": `"response_format":{"type":"json_object"}`,
		"extra: {tools: [], tool_choice: none}":         `"tools":[],"tool_choice":"none"`,
		"extra: {logit_bias: {50256: -100}}":            `"logit_bias":{"50256":-100}`,
		"extra_transport: {service_tier: flex}":         `"service_tier":"flex"`,
		"extra_transport: {user: u, metadata: {a: b}}":  `"user":"u","metadata":{"a":"b"}`,
		"sysprompt: Speak plainly.":                     `"messages":[{"role":"system","content":"Speak plainly."},{"role":"user","content":"Hi"}]`,
		"sysprompt_file: sys.txt":                       `"messages":[{"role":"system","content":"Speak softly."},{"role":"user","content":"Hi"}]`,
		"stream: true":                                  `"stream":true`,
		"model: mill":                                   `"model":"mill"`,
	}
	header := map[string]string{ // setting: the header that goes along
		"headers: {X-Title: isf}": "X-Title: isf",
		"api_key_env: MINE":       "Authorization: Bearer key-0123456789abcdef",
	}
	elsewhere := []string{ // what no request shows
		"provider", "base_url", "weights", "api_version", "timeout", "idle_timeout", "connect_timeout", "price", "limits", "history_thinking",
	}
	s := &wiretap{}
	server := httptest.NewServer(s)
	defer server.Close()
	known := map[string]bool{}
	for _, name := range elsewhere {
		known[name] = true
	}
	ask := func(t *testing.T, setting string) {
		name, _, _ := strings.Cut(setting, ":")
		known[name] = true
		dir := newProject(t)
		config := fmt.Sprintf("identity: {prefix: x, provider: sim, model: sim/plain, variants: []}\nmodels:\n  m:\n    provider: local\n    base_url: %s/v1\n    %s\n", server.URL, setting)
		if name != "model" {
			config += "    model: m\n"
		}
		for file, text := range map[string]string{"isf.yaml": config, "sys.txt": "Speak softly."} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		p, err := Open(dir, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		getenv := func(name string) string { return map[string]string{"MINE": "key-0123456789abcdef"}[name] }
		if _, err := p.Query(context.Background(), Query{Model: "m", Prompt: "Hi", Getenv: getenv}); err != nil {
			t.Fatal(err)
		}
	}
	for setting, want := range wire {
		t.Run(setting, func(t *testing.T) {
			ask(t, setting)
			var flat bytes.Buffer
			if err := json.Compact(&flat, s.body); err != nil {
				t.Fatal(err)
			}
			if got := flat.String(); !strings.Contains(got, want) {
				t.Errorf("sent %s, want it to have %s", got, want)
			}
		})
	}
	for setting, want := range header {
		t.Run(setting, func(t *testing.T) {
			ask(t, setting)
			name, value, _ := strings.Cut(want, ": ")
			if got := s.header.Get(name); got != value {
				t.Errorf("sent %s: %s, want %s", name, got, value)
			}
		})
	}
	for _, name := range settingsOfModels(t) {
		if !known[name] {
			t.Errorf("nothing shows that %s of a model reaches the wire", name)
		}
	}
}

// settingsOfModels are the keys that the schema of isf.yaml lists.
func settingsOfModels(t *testing.T) (names []string) {
	text, err := os.ReadFile("../../docs/isf.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Properties struct {
			Models struct {
				Additional struct {
					Properties map[string]json.RawMessage `json:"properties"`
				} `json:"additionalProperties"`
			} `json:"models"`
		} `json:"properties"`
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	for name := range schema.Properties.Models.Additional.Properties {
		names = append(names, name)
	}
	if len(names) < 20 {
		t.Fatalf("the schema has only %v", names)
	}
	return names
}
