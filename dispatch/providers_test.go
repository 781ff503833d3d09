package dispatch

import (
	"net/http"
	"testing"

	"github.com/identity-shaping/isf/internal/provider"
)

// TestEveryProviderIsAskedWhereItsRowSays makes the request of each row of the table, with a model string
// as people write it, and looks where it would go, with which key, and what it calls the model.
func TestEveryProviderIsAskedWhereItsRowSays(t *testing.T) {
	at := func(provider, id string) Model { return Model{Provider: provider, ID: id} }
	tests := []struct {
		m     Model
		env   []string // variables and their values, but for the key
		key   string   // the variable that holds it
		url   string
		model string
	}{
		{at("openrouter", "z-ai/glm-4.6"), nil, "OPENROUTER_API_KEY", "https://openrouter.ai/api/v1", "z-ai/glm-4.6"},
		{at("openai", "gpt-4.1"), nil, "OPENAI_API_KEY", "https://api.openai.com/v1", "gpt-4.1"},
		{at("anthropic", "claude-sonnet-4-5"), nil, "ANTHROPIC_API_KEY", "https://api.anthropic.com/v1", "claude-sonnet-4-5"},
		{at("chutes", "zai-org/GLM-5.2-TEE"), nil, "CHUTES_API_TOKEN", "https://llm.chutes.ai/v1", "zai-org/GLM-5.2-TEE"},
		{at("fireworks", "accounts/fireworks/models/kimi-k2p6"), nil, "FIREWORKS_API_KEY", "https://api.fireworks.ai/inference/v1", "accounts/fireworks/models/kimi-k2p6"},
		{at("google", "gemini-2.5-pro"), nil, "GEMINI_API_KEY", "https://generativelanguage.googleapis.com/v1beta/openai", "gemini-2.5-pro"},
		{at("xai", "grok-4.7"), nil, "XAI_API_KEY", "https://api.x.ai/v1", "grok-4.7"},
		{at("moonshot", "kimi-k2.6"), nil, "MOONSHOT_API_KEY", "https://api.moonshot.ai/v1", "kimi-k2.6"},
		{at("deepseek", "deepseek-v4-pro"), nil, "DEEPSEEK_API_KEY", "https://api.deepseek.com/v1", "deepseek-v4-pro"},
		{at("together", "moonshotai/Kimi-K2.6"), nil, "TOGETHER_API_KEY", "https://api.together.xyz/v1", "moonshotai/Kimi-K2.6"},
		{at("groq", "llama-3.3-70b-versatile"), nil, "GROQ_API_KEY", "https://api.groq.com/openai/v1", "llama-3.3-70b-versatile"},
		{at("mistral", "mistral-large-4"), nil, "MISTRAL_API_KEY", "https://api.mistral.ai/v1", "mistral-large-4"},
		{at("tinker", "Qwen/Qwen3-8B::qwen3::tinker://run/sampler/final"), nil, "TINKER_API_KEY", "https://tinker.thinkingmachines.dev/services/tinker-prod/oai/api/v1", "tinker://run/sampler/final"},
		{at("azure", "gpt"), []string{"AZURE_OPENAI_ENDPOINT", "https://me.openai.azure.com/openai/v1"}, "AZURE_OPENAI_API_KEY", "https://me.openai.azure.com/openai/v1", "gpt"},
		{at("local", "127.0.0.1:8080/org/llama"), nil, "LOCAL_LLM_API_KEY", "http://127.0.0.1:8080/v1", "org/llama"},
		{at("openai_compatible", "llama"), []string{"LOCAL_LLM_BASE_URL", "https://gpu.example/v1"}, "LOCAL_LLM_API_KEY", "https://gpu.example/v1", "llama"},
		{at("openai_compatible", "https://gpu.example/v1::llama"), nil, "", "https://gpu.example/v1", "llama"},
	}
	asked := map[string]bool{"sim": true} // the model in this process has no URL
	for _, tt := range tests {
		asked[tt.m.Provider] = true
		t.Run(tt.m.Provider+" "+tt.m.ID, func(t *testing.T) {
			ends, fatal := endpoints(&tt.m, env(append(tt.env, tt.key, testKey)...))
			if fatal != nil {
				t.Fatal(fatal)
			}
			cl := newClient(ends[0], wireModel(&tt.m), http.DefaultTransport)
			if cl.err != nil {
				t.Fatal(cl.err)
			}
			if got, want := cl.request.URL.String(), tt.url+"/chat/completions"; got != want {
				t.Errorf("asks %s, want %s", got, want)
			}
			authorization, azures := "Bearer "+testKey, ""
			if tt.key == "" {
				authorization = ""
			}
			if tt.m.Provider == "azure" {
				authorization, azures = "", testKey
			}
			if h := cl.request.Header; h.Get("Authorization") != authorization || h.Get("Api-Key") != azures {
				t.Errorf("authorization is %q and api-key %q, want %q and %q", h.Get("Authorization"), h.Get("Api-Key"), authorization, azures)
			}
			if got := wireModel(&tt.m); got != tt.model {
				t.Errorf("the body calls the model %s, want %s", got, tt.model)
			}
		})
	}
	for _, name := range provider.Names() {
		if !asked[name] {
			t.Errorf("no request to %s is looked at", name)
		}
	}
}
