package dispatch

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/internal/provider"
)

var update = flag.Bool("update", false, "write the golden files anew")

func model() *Model {
	return &Model{Name: "judge", Provider: "openrouter", ID: "z-ai/glm-4.6", SysPrompt: "You judge."}
}

func user(text string) []Message { return []Message{{Role: "user", Content: text}} }

// bodies are requests whose bodies are golden files: one byte more or less costs prefix caches of providers.
var bodies = []struct {
	name string
	r    Request
}{
	{"plain", Request{Model: model(), Messages: user("Who are you?")}},
	{"no-system-prompt", Request{Model: &Model{Provider: "sim", ID: "m"}, Messages: user("<b> & \"quotes\" \\ \u2028 é 🏮\n\ttab \x01 \xff end")}},
	{"own-system-message", Request{Model: model(), Messages: []Message{{Role: "system", Content: "Other."}, {Role: "user", Content: "Hi"}}}},
	{"zero-temperature", Request{Model: model(), Messages: user("Hi"), Sampling: Sampling{Temperature: new(0.0), MaxTokens: 1}}},
	{"everything", Request{Model: model(), Messages: []Message{
		{Role: "user", Name: "ana", Content: "What is the weather?"},
		{Role: "assistant", Reasoning: "I should look.", ToolCalls: []any{map[string]any{"id": "c1", "type": "function", "function": map[string]any{"name": "weather", "arguments": "{}"}}}},
		{Role: "tool", ToolCallID: "c1", Content: "rain"},
		{Role: "assistant", Content: "It", Prefill: true},
	}, Sampling: Sampling{
		Temperature: new(1.5), TopP: new(0.9), TopK: new(int64(40)), MinP: new(0.05), FrequencyPenalty: new(0.1), PresencePenalty: new(-0.1),
		RepetitionPenalty: new(1.1), Seed: new(int64(7)), N: new(int64(1)), MaxTokens: 64, Stop: []string{"\n", "END"}, ReasoningEffort: "low",
		ResponseFormat: map[string]any{"type": "json_object"}, ToolChoice: "auto",
		Tools:     []any{map[string]any{"type": "function", "function": map[string]any{"name": "weather"}}},
		LogitBias: map[string]any{"50256": -100}, ChatTemplateKwargs: map[string]any{"enable_thinking": false},
		Extra: map[string]any{"top_a": 0.5, "provider": map[string]any{"order": []any{"x", "y"}}},
		User:  "u1", ServiceTier: "flex", Metadata: map[string]any{"run": "1"}, ExtraTransport: map[string]any{"zz": true},
	}, Draw: 2, Attempt: 1, Reroll: 1}},
	{"parts", Request{Model: model(), Messages: []Message{{Role: "user", Parts: []Part{
		{Text: "Look:"},
		{Kind: "image", MIME: "image/png", Data: []byte("png")},
		{Kind: "image", URL: "data:image/gif;base64,R0lG"},
		{Kind: "audio", MIME: "audio/x-wav", Data: []byte("wav")},
	}}}}},
	{"openai-limit", Request{Model: &Model{Provider: "openai", ID: "gpt-5-mini"}, Messages: user("Hi")}},
	{"mistral-prefill", Request{Model: &Model{Provider: "mistral", ID: "m"}, Messages: []Message{{Role: "user", Content: "Hi"}, {Role: "assistant", Content: "Ah", Prefill: true}}}},
	{"mistral-seed", Request{Model: &Model{Provider: "mistral", ID: "m", Stream: true}, Messages: user("Hi"), Sampling: Sampling{Seed: new(int64(7))}}},
	{"streamed", Request{Model: &Model{Provider: "openai", ID: "m", Stream: true}, Messages: user("Hi"), Sampling: Sampling{Seed: new(int64(7))}}},
	{"tinker", Request{Model: &Model{Provider: "tinker", ID: "Qwen/Q3::qwen3::tinker://abc/sampler/1"}, Messages: user("Hi")}},
	{"marked-prompt", Request{Model: &Model{Provider: "openrouter", ID: "anthropic/claude", SysPrompt: strings.Repeat("Long. ", 700)}, Messages: user("Hi")}},
	{"echo", Request{Model: &Model{Provider: "deepseek", ID: "m"}, Messages: []Message{{Role: "assistant", Reasoning: "Hm.", Content: "Yes."}, {Role: "user", Content: "Why?"}}}},
	{"shared-weights", Request{Model: &Model{Provider: "openai", ID: "gpt-oss", Weights: "gpt-oss"}, Messages: user("Hi")}},
	{"local-model", Request{Model: &Model{Provider: "local", ID: "http://127.0.0.1:8080/v1::gemma"}, Messages: user("Hi")}},
}

func TestBodiesAreGolden(t *testing.T) {
	for _, tt := range bodies {
		t.Run(tt.name, func(t *testing.T) {
			got := append(bodyOf(t, &tt.r), '\n')
			if !json.Valid(got) {
				t.Fatalf("the body is not JSON: %s", got)
			}
			file := filepath.Join("testdata", "body-"+tt.name+".json")
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("body\n got %s\nwant %s", got, want)
			}
			if again := append(bodyOf(t, &tt.r), '\n'); !bytes.Equal(again, got) {
				t.Errorf("the second body differs: %s", again)
			}
		})
	}
}

func bodyOf(t *testing.T, r *Request) []byte {
	t.Helper()
	fs, err := r.Fields()
	if err != nil {
		t.Fatal(err)
	}
	b, err := Body(r.Model.row(), fs)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPiecesAreTheBody(t *testing.T) {
	shared := newPrompts()
	for _, size := range []int{0, 100, 1 << 10, 100_000} {
		r := &Request{Model: &Model{Provider: "sim", ID: "m", SysPrompt: strings.Repeat("a \"b\"\n", size/6)}, Messages: user("Hi")}
		want := bodyOf(t, r)
		fs, _ := r.Fields()
		for range 2 { // the second time the prompt is already there
			p, err := bodyPieces(r.Model.row(), fs, shared)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(iotest.OneByteReader(p.reader()))
			if err != nil || !bytes.Equal(got, want) || p.size() != int64(len(want)) {
				t.Errorf("the pieces are %d bytes (%v), want the %d of the body", len(got), err, len(want))
			}
		}
	}
}

func TestKeyIgnoresOnlyWhatDoesNotShapeTheAnswer(t *testing.T) {
	key := func(change func(*Request)) cache.Key {
		r := &Request{Model: model(), Messages: user("Hi")}
		change(r)
		fs, err := r.Fields()
		if err != nil {
			t.Fatal(err)
		}
		return fs.Key()
	}
	base := key(func(*Request) {})
	same := map[string]func(*Request){
		"user":            func(r *Request) { r.Sampling.User = "u" },
		"extra transport": func(r *Request) { r.Sampling.ExtraTransport = map[string]any{"a": 1} },
		"base URL":        func(r *Request) { r.Model.BaseURLs = []string{"https://elsewhere.example/v1"} },
		"limit":           func(r *Request) { r.Sampling.MaxTokens = 5 },
		"spelled default": func(r *Request) { r.Sampling.Temperature = new(0.7) },
		"registry name":   func(r *Request) { r.Model.Name = "other" },
	}
	for name, change := range same {
		if key(change) != base {
			t.Errorf("%s changed the key", name)
		}
	}
	other := map[string]func(*Request){
		"provider":      func(r *Request) { r.Model.Provider = "sim" },
		"weights":       func(r *Request) { r.Model.Weights = "glm" },
		"temperature 0": func(r *Request) { r.Sampling.Temperature = new(0.0) },
		"extra":         func(r *Request) { r.Sampling.Extra = map[string]any{"a": 1} },
		"draw":          func(r *Request) { r.Draw = 1 },
		"prefill":       func(r *Request) { r.Messages[0].Role, r.Messages[0].Prefill = "assistant", true },
	}
	for name, change := range other {
		if key(change) == base {
			t.Errorf("%s did not change the key", name)
		}
	}
}

// A body must not hold a field twice, so each that isf writes itself is refused as an extra or taken for its own.
func TestNoExtraComesTwice(t *testing.T) {
	for tag, name := range wireNames {
		if name == "" {
			continue
		}
		for _, transport := range []bool{false, true} {
			if provider.CheckExtra(name, transport) != nil {
				continue
			}
			s := Sampling{Extra: map[string]any{name: nil}}
			if transport {
				s = Sampling{ExtraTransport: map[string]any{name: nil}}
			}
			if err := s.adopt(); err != nil || len(s.Extra)+len(s.ExtraTransport) > 0 {
				t.Errorf("%s (tag %d, transport %v): neither refused nor adopted: %v", name, tag, transport, err)
			}
		}
	}
}

func TestRequestsThatCannotBeSent(t *testing.T) {
	tests := []struct {
		name string
		r    Request
		want string
	}{
		{"no model", Request{Messages: user("Hi")}, "names no model"},
		{"no messages", Request{Model: model()}, "no messages"},
		{"no role", Request{Model: model(), Messages: []Message{{Content: "Hi"}}}, "no role"},
		{"remote image", Request{Model: model(), Messages: []Message{{Role: "user", Parts: []Part{{Kind: "image", URL: "https://x.example/a.png"}}}}}, "inline"},
		{"unknown part", Request{Model: model(), Messages: []Message{{Role: "user", Parts: []Part{{Kind: "video", MIME: "video/mp4", Data: []byte("x")}}}}}, `kind "video" is unknown`},
		{"prefill in the middle", Request{Model: model(), Messages: []Message{{Role: "assistant", Prefill: true}, {Role: "user"}}}, "only the last"},
		{"extra clashes", Request{Model: model(), Messages: user("Hi"), Sampling: Sampling{Extra: map[string]any{"temperature": 1}}}, "set temperature itself"},
		{"transport extra clashes", Request{Model: model(), Messages: user("Hi"), Sampling: Sampling{ExtraTransport: map[string]any{"messages": 1}}}, "has messages of its own"},
		{"an extra that only travels", Request{Model: model(), Messages: user("Hi"), Sampling: Sampling{Extra: map[string]any{"user": "u"}}}, "put it under extra_transport"},
		{"a user that is no text", Request{Model: model(), Messages: user("Hi"), Sampling: Sampling{ExtraTransport: map[string]any{"user": 1}}}, `"user" is no text`},
		{"extra twice", Request{Model: model(), Messages: user("Hi"), Sampling: Sampling{Extra: map[string]any{"a": 1}, ExtraTransport: map[string]any{"a": 1}}}, "both extra and extra_transport"},
		{"stream", Request{Model: model(), Messages: user("Hi"), Sampling: Sampling{Extra: map[string]any{"stream": true}}}, "set stream on the model"},
	}
	for _, tt := range tests {
		if _, err := tt.r.Fields(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got error %v, want one with %q", tt.name, err, tt.want)
		}
	}
}

func FuzzReadReply(f *testing.F) {
	for _, s := range []string{``, `null`, `[[[[`, `{"choices":[{"message":{"content":[{"type":"thinking","thinking":[1]}]}}],"usage":[]}`, completion("Hi\nthere")} {
		f.Add(s)
	}
	f.Fuzz(func(_ *testing.T, s string) {
		readReply([]byte(s)) // must not panic
	})
}

func TestBodyIsMadeInPlace(t *testing.T) {
	r := &Request{Model: model(), Messages: user(strings.Repeat("A line of a \"long\" prompt.\n", 20_000))}
	fs, err := r.Fields()
	if err != nil {
		t.Fatal(err)
	}
	size := int64(len(bodyOf(t, r)))
	got := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			_, _ = Body(r.Model.row(), fs)
		}
	}).AllocedBytesPerOp()
	if want := size + size/8; got > want {
		t.Errorf("a body of %d bytes took %d bytes of memory, want at most %d: one copy", size, got, want)
	}
}
