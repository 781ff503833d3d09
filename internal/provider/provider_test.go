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

// The providers that projects of the Python toolkit name, and the variables that
// hold their keys.
func TestKeysAreInTheVariablesThatTheToolkitReads(t *testing.T) {
	for name, key := range map[string]string{
		"openrouter": "OPENROUTER_API_KEY", "openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY", "chutes": "CHUTES_API_TOKEN",
		"fireworks": "FIREWORKS_API_KEY", "google": "GEMINI_API_KEY", "xai": "XAI_API_KEY", "moonshot": "MOONSHOT_API_KEY",
		"deepseek": "DEEPSEEK_API_KEY", "together": "TOGETHER_API_KEY", "groq": "GROQ_API_KEY", "mistral": "MISTRAL_API_KEY",
		"tinker": "TINKER_API_KEY", "local": "LOCAL_LLM_API_KEY", "openai_compatible": "LOCAL_LLM_API_KEY",
	} {
		if row, ok := Of(name); !ok || row.KeyEnv != key {
			t.Errorf("%s: the key is in %q, want %s", name, row.KeyEnv, key)
		}
	}
	for _, name := range []string{"local", "openai_compatible"} {
		if row, _ := Of(name); row.BaseEnv != "LOCAL_LLM_BASE_URL" || !row.Keyless {
			t.Errorf("%s: got %+v, want an address from LOCAL_LLM_BASE_URL, and no key needed", name, row)
		}
	}
	if row, _ := Of("tinker"); row.BaseURL != "https://tinker.thinkingmachines.dev/services/tinker-prod/oai/api/v1" {
		t.Errorf("tinker is at %s", row.BaseURL)
	}
}

// What a new row forgets most easily.
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
