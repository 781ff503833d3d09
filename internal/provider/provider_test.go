package provider

import "testing"

func TestModelStrings(t *testing.T) {
	tests := []struct{ provider, id, base, model string }{
		{"local", "llama", "", "llama"},
		{"local", "org/llama", "", "org/llama"},
		{"local", "localhost:8080/org/llama", "http://localhost:8080/v1", "org/llama"},
		{"local", "http://h:1/v1::llama", "http://h:1/v1", "llama"},
		{"local", "https://h/v1::a::b", "https://h/v1", "a::b"},
		{"local", "llama:7b/q4", "", "llama:7b/q4"},
		{"openrouter", "meta/llama:free", "", "meta/llama:free"},
		{"tinker", "Qwen/Q3::qwen3::tinker://abc/sampler/1", "", "tinker://abc/sampler/1"},
		{"a stranger", "h:1/m", "", "h:1/m"},
	}
	for _, tt := range tests {
		row, _ := Of(tt.provider)
		if base, model := row.Split(tt.id); base != tt.base || model != tt.model {
			t.Errorf("%s %s: got %q, %q, want %q, %q", tt.provider, tt.id, base, model, tt.base, tt.model)
		}
	}
}

// TestEveryRowCanBeAsked checks what a new row forgets most easily.
func TestEveryRowCanBeAsked(t *testing.T) {
	for _, name := range Names() {
		row, ok := Of(name)
		if !ok || (row.BaseURL == "" && row.BaseEnv == "") {
			t.Errorf("%s: nobody can know where it is", name)
		}
		if row.KeyEnv == "" && !row.Keyless {
			t.Errorf("%s: wants a key, and no variable holds it", name)
		}
	}
}
